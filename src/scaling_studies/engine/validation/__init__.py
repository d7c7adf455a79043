"""Predicting rows that were not fitted, and choosing between laws."""
