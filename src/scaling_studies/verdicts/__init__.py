"""Verdicts on published numbers, on laws, and on single claims of the literature."""
