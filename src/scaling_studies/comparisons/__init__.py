"""All studies on common axes.

What comparisons are handed has the same names everywhere: ``cards``, the card by study; ``fits``,
and in their order ``points`` (rows with what was observed and predicted), ``intervals`` (what is
known of the uncertainty) and ``resamples``. A docstring says which fits it wants.
"""
