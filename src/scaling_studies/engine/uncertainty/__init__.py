"""How well parameters are known: resamples, intervals, error models."""
