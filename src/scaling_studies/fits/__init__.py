"""A card's fits: the rows they see, point estimates, resamples and intervals."""
