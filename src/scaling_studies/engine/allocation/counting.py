"""Sizes with and without embeddings: a relation that holds for models of one family of shapes."""

from __future__ import annotations

import math

#: N_total = N + EMBEDDING N^(1/3), fitted to the models of Kaplan et al. with their vocabulary
#: and context (Pearce and Song 2024, arXiv 2406.12907, equation 8).
EMBEDDING = 47491.0


def total_of(non_embedding: float) -> float:
    """All parameters of a model with so many without embeddings."""
    return non_embedding + EMBEDDING * math.cbrt(non_embedding)


def non_embedding_of(total: float) -> float:
    """Parameters without embeddings of a model with so many in all.

    Examples
    --------
    >>> round(total_of(non_embedding_of(1e9)))
    1000000000
    """
    # The root of x^3 + EMBEDDING x = total (Cardano); it is the only one.
    half, third = total / 2.0, EMBEDDING / 3.0
    root = math.sqrt(half**2 + third**3)
    # The difference of near numbers keeps its digits as a quotient.
    first = math.cbrt(half + root)
    cube_root = first - third / first
    return cube_root**3
