"""Whether runs vary size and data apart: without that nothing divides compute between them."""

from __future__ import annotations

import numpy as np

from scaling_studies import words

#: Correlation of log size and log data from which they cannot be told apart.
DEPENDENT = 0.98
#: Ratio of the largest to the smallest value below which an axis does not vary.
SMALLEST_SPAN = 1.1


def why_dependent(params: np.ndarray, tokens: np.ndarray) -> str:
    """Why size and data of runs cannot be told apart; empty when they can.

    Examples
    --------
    >>> size = np.array([1e7, 1e8, 1e9])
    >>> why_dependent(size, 20 * size)
    'all runs have about 20 tokens per parameter'
    >>> why_dependent(size, np.array([4e9, 4e9, 4e9]))
    'the data of all runs are of about one size'
    >>> why_dependent(np.repeat(size, 2), np.tile([1e9, 1e10], 3))
    ''
    """
    sizes, data = np.log(np.asarray(params, float)), np.log(np.asarray(tokens, float))
    limit = np.log(SMALLEST_SPAN)
    if np.ptp(sizes) < limit:
        return "all runs have about one size"
    if np.ptp(data) < limit:
        return "the data of all runs are of about one size"
    if np.ptp(data - sizes) < limit:
        ratio = float(np.exp(np.median(data - sizes)))
        return f"all runs have about {words.rough(ratio)} tokens per parameter"
    if np.ptp(data + sizes) < limit:
        return "all runs have about the same compute"
    correlation = float(np.corrcoef(sizes, data)[0, 1])
    if abs(correlation) >= DEPENDENT:
        return f"size and data of the runs rise together (correlation {correlation:.3f})"
    return ""


def repeated_designs(params: np.ndarray, tokens: np.ndarray) -> int:
    """Count the runs that share size and data with another one."""
    pairs = np.stack([np.asarray(params, float), np.asarray(tokens, float)], axis=1)
    _, inverse, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    return int((counts[inverse.ravel()] > 1).sum())
