"""The exponent that a study finds depends on which models it trains and what it counts.

From a law of loss, models of given sizes are trained on paper, compared at equal compute, and the
best sizes fitted by a power law: Pearce and Song 2024, arXiv 2406.12907, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from scaling_studies.engine.allocation.allocate import FLOPS_PER_PARAMETER_TOKEN
from scaling_studies.errors import FitError

if TYPE_CHECKING:
    from scaling_studies.models.law import Law


def _log_grid(grid: Mapping[str, Any]) -> np.ndarray:
    return np.logspace(np.log10(grid["low"]), np.log10(grid["high"]), int(grid["count"]))


def frontier(
    law: Law, parameters: Mapping[str, float], settings: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Size of lowest loss at each compute, as counted.

    Parameters
    ----------
    law
        Law over params (embeddings included) and tokens.
    parameters
        Its parameters.
    settings
        ``sizes``: models without embeddings, log-spaced (low, high, count). ``embedding``:
        coefficient and exponent of the embeddings' parameters as a power law of that size.
        ``counted``: ``non_embedding`` or ``total``, the N of size and of compute 6ND. ``flops``:
        compute (low, high, count). ``tokens``: when given, every model was evaluated only at these
        (low, high, count) and the one nearest in compute counts; otherwise at any number of
        tokens.

    Returns
    -------
    flops, params : numpy.ndarray, shape (count,)

    Raises
    ------
    FitError
        When the law is not one of size and data.
    """
    if set(law.axis_names) != {"params", "tokens"}:
        raise FitError(
            f"law {law.name} is not one of params and tokens",
            fix="use a law with these two axes",
        )
    bare = _log_grid(settings["sizes"])
    embedding = settings["embedding"]
    total = bare + embedding["coefficient"] * bare ** embedding["exponent"]
    counted = total if settings["counted"] == "total" else bare
    flops = _log_grid(settings["flops"])
    tokens = flops[:, None] / (FLOPS_PER_PARAMETER_TOKEN * counted)
    if "tokens" in settings:
        offered = _log_grid(settings["tokens"])
        upper = np.searchsorted(offered, tokens).clip(1, len(offered) - 1)
        # Compute is linear in tokens, so the nearest in the one is the nearest in the other.
        below = tokens - offered[upper - 1] <= offered[upper] - tokens
        tokens = np.where(below, offered[upper - 1], offered[upper])
    axes = {"params": np.broadcast_to(total, tokens.shape).ravel(), "tokens": tokens.ravel()}
    loss = law.value(parameters, axes).reshape(tokens.shape)
    return flops, counted[loss.argmin(axis=1)]


def frontier_exponent(
    law: Law, parameters: Mapping[str, float], settings: Mapping[str, Any]
) -> float:
    """Exponent of compute in the size of lowest loss: least squares of logs on the frontier."""
    flops, params = frontier(law, parameters, settings)
    x, y = np.log(flops), np.log(params)
    x = x - x.mean()
    return float((x * y).sum() / (x * x).sum())
