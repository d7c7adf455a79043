"""Models of card, configuration and source record: the one description of their keys."""
