"""Allocation that counts the compute of inference: Sardana et al. 2023, arXiv 2401.00448.

A model that will serve many tokens is best trained smaller and longer than compute-optimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scaling_studies.errors import FitError

TRAINING_FLOPS = 6.0
INFERENCE_FLOPS = 2.0


@dataclass(frozen=True)
class InferenceAllocation:
    """The cheapest model over its lifetime that reaches a given loss.

    Attributes
    ----------
    params, tokens
        Size and training tokens of the cheapest model.
    loss
        The loss to be reached.
    flops
        Training plus inference compute of it.
    reference_params, reference_tokens, reference_flops
        The compute-optimal model of that loss, and its compute over the same lifetime.
    """

    params: float
    tokens: float
    loss: float
    flops: float
    reference_params: float
    reference_tokens: float
    reference_flops: float

    @property
    def data_ratio(self) -> float:
        """Training tokens relative to the compute-optimal model of the same loss."""
        return self.tokens / self.reference_tokens

    @property
    def saving(self) -> float:
        """Share of lifetime compute saved."""
        return 1.0 - self.flops / self.reference_flops


def chinchilla_tokens(parameters: Mapping[str, float], params: float) -> float:
    """Tokens for which a size is compute-optimal under an additive law."""
    ratio = parameters["beta"] * parameters["B"] / (parameters["alpha"] * parameters["A"])
    return (ratio * params ** parameters["alpha"]) ** (1.0 / parameters["beta"])


def inference_adjusted_allocation(
    parameters: Mapping[str, float],
    inference_tokens: float,
    *,
    reference_params: float | None = None,
    loss: float | None = None,
) -> InferenceAllocation:
    """Minimise ``6 N D + 2 N D_inference`` among models of one loss, under an additive law.

    Parameters
    ----------
    parameters
        E, A, B, alpha, beta.
    inference_tokens
        Tokens served over the model's lifetime.
    reference_params
        Take the loss of the compute-optimal model of this size; or give ``loss``.
    loss
        The loss to be reached.

    Raises
    ------
    FitError
        Not exactly one of the two is given, or no model reaches the loss.
    """
    e, a, b = (float(parameters[name]) for name in ("E", "A", "B"))
    alpha, beta = float(parameters["alpha"]), float(parameters["beta"])
    if inference_tokens < 0 or min(a, b, alpha, beta) <= 0:
        raise FitError("inference tokens below zero, or a law without a trade", fix="correct them")
    if loss is not None and reference_params is None:
        if loss <= e:
            raise FitError(f"no model reaches a loss of {loss:g}", fix=f"stay above E = {e:g}")
        # On the compute-optimal line the two reducible terms stand as beta to alpha.
        reference_params = (a * (alpha + beta) / (beta * (loss - e))) ** (1.0 / alpha)
    elif loss is not None or reference_params is None:
        raise FitError("give either reference_params or loss", fix="give exactly one")
    reference_tokens = chinchilla_tokens(parameters, reference_params)
    loss = e + a * reference_params**-alpha + b * reference_tokens**-beta
    reducible = loss - e

    def tokens_of(log_params: np.ndarray) -> np.ndarray:
        return (b / (reducible - a * np.exp(-alpha * log_params))) ** (1.0 / beta)

    def cost(log_params: np.ndarray) -> np.ndarray:
        tokens = tokens_of(log_params)
        return np.exp(log_params) * (TRAINING_FLOPS * tokens + INFERENCE_FLOPS * inference_tokens)

    # The smallest size that can reach the loss at all; the optimum lies between it and the
    # compute-optimal size, and the cost is unimodal there.
    low = np.log(a / reducible) / alpha + 1e-12
    high = np.log(reference_params)
    for _ in range(6):
        grid = np.linspace(low, high, 2001)[1:]
        best = int(np.argmin(cost(grid)))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    log_params = 0.5 * (low + high)
    reference_flops = reference_params * (
        TRAINING_FLOPS * reference_tokens + INFERENCE_FLOPS * inference_tokens
    )
    return InferenceAllocation(
        float(np.exp(log_params)),
        float(tokens_of(log_params)),
        float(loss),
        float(cost(log_params)),
        float(reference_params),
        float(reference_tokens),
        float(reference_flops),
    )
