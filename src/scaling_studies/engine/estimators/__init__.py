"""Estimators other than minimising an objective over all parameters."""
