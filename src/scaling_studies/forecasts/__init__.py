"""Predicting what was not fitted: rollouts to larger runs, ranked laws, plans of the next run."""
