"""Verdicts on published numbers."""
