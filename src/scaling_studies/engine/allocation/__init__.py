"""Dividing compute between size and data."""
