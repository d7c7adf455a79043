"""The fit engine: laws as models, objectives, solver, estimators, resampling, uncertainty."""
