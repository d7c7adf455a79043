"""The command ``scaling-studies``: a card for one's own runs, and cards and tables checked."""
