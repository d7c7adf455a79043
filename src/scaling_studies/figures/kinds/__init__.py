"""The kinds of figures: one module each, found by its file name."""
