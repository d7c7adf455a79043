"""Compute-optimal allocation: size and data that reach the lowest loss for given compute.

Everything is vectorised over parameter sets, so that a bootstrap gives bands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scaling_studies.errors import FitError
from scaling_studies.models.law import Law

#: Training compute by parameter and token, C = 6 N D.
FLOPS_PER_PARAMETER_TOKEN = 6.0
#: Points of the search over log N for laws without a closed form, and points in one coarse step.
GRID, STEP = 4001, 20


@dataclass(frozen=True)
class Allocation:
    """Optimal size and data at each compute, by parameter set.

    Attributes
    ----------
    flops
        Shape (m,).
    params, tokens
        Shape (B, m).
    law, parameters
        The law and its parameters, name -> array of shape (B,).
    """

    flops: np.ndarray
    params: np.ndarray
    tokens: np.ndarray
    law: Law
    parameters: Mapping[str, np.ndarray]

    @cached_property
    def loss(self) -> np.ndarray:
        """Loss at the optimum, shape (B, m); computed when it is asked for."""
        axes = {"params": self.params, "tokens": self.tokens}
        return self.law.model.values(self.law.working_sets(self.parameters), axes)

    @property
    def tokens_per_parameter(self) -> np.ndarray:
        """Tokens per parameter, shape (B, m)."""
        return self.tokens / self.params


def optimal_allocation(
    law: Law,
    parameters: Mapping[str, np.ndarray | float],
    flops: np.ndarray | float,
    *,
    flops_per_parameter_token: float = FLOPS_PER_PARAMETER_TOKEN,
) -> Allocation:
    """Size and data of lowest loss subject to C = k N D.

    Parameters
    ----------
    law
        ``additive`` has a closed form (Hoffmann et al. 2022, equation 4); any other law with the
        axes params and tokens alone is searched over log N.
    parameters
        Name -> value, or array of shape (B,).
    flops
        Compute, scalar or shape (m,).
    flops_per_parameter_token
        k.

    Raises
    ------
    FitError
        The law has other axes, or no interior optimum (an exponent that is not positive, or a
        minimum at the end of the search).
    """
    compute = np.atleast_1d(np.asarray(flops, dtype=float))
    if not (np.isfinite(compute).all() and (compute > 0).all()):
        raise FitError("compute must be finite and above zero", key="flops", fix="correct it")
    sets = {
        name: np.atleast_1d(np.asarray(parameters[name], float)) for name in law.parameter_names
    }
    product = compute / flops_per_parameter_token
    if law.name == "additive":
        params = _additive_optimum(sets, product)
    elif set(law.axis_names) == {"params", "tokens"}:
        params = _searched_optimum(law, sets, product)
    else:
        raise FitError(
            f"law {law.name} has no allocation between size and data",
            fix="use a law with the axes params and tokens",
        )
    # A resample without an optimum may have one at no parameters.
    with np.errstate(divide="ignore", invalid="ignore"):
        tokens = product / params
    return Allocation(compute, params, tokens, law, sets)


def _additive_optimum(sets: Mapping[str, np.ndarray], product: np.ndarray) -> np.ndarray:
    alpha, beta = sets["alpha"][:, None], sets["beta"][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_g = (np.log(alpha * sets["A"][:, None]) - np.log(beta * sets["B"][:, None])) / (
            alpha + beta
        )
        return np.exp(log_g + beta / (alpha + beta) * np.log(product))


def _searched_optimum(law: Law, sets: Mapping[str, np.ndarray], product: np.ndarray) -> np.ndarray:
    """Search the whole range in steps, and each step beside the lowest point on the fine grid."""
    working = law.working_sets(sets)
    params = np.empty((len(working), len(product)))
    rows = np.arange(len(working))
    nearby = np.arange(-STEP - 1, STEP + 2)
    for column, total in enumerate(product):
        # From one parameter to one token, and never beyond.
        log_n = np.linspace(0.0, np.log(total), GRID)
        params_at, tokens_at = np.exp(log_n), np.exp(np.log(total) - log_n)
        axes = {"params": params_at[::STEP], "tokens": tokens_at[::STEP]}
        best = STEP * law.model.evaluate(working, law.model.prepare(axes), 0).value.argmin(axis=1)
        # A point at the end has no neighbours: the last three are looked at there.
        near = np.clip(best, STEP + 1, GRID - STEP - 2)[:, None] + nearby
        value = law.model.values(working, {"params": params_at[near], "tokens": tokens_at[near]})
        place = value.argmin(axis=1)
        best = near[rows, place]
        if ((best == 0) | (best == GRID - 1)).any():
            raise FitError(
                f"law {law.name} has no compute-optimal size at {6.0 * total:.3g} FLOP",
                fix="check the parameters",
            )
        place = place.clip(1, len(nearby) - 2)
        left, centre, right = value[rows, place - 1], value[rows, place], value[rows, place + 1]
        bend = left - 2.0 * centre + right
        shift = np.where(bend > 0, 0.5 * (left - right) / np.where(bend > 0, bend, 1.0), 0.0)
        params[:, column] = np.exp(log_n[near[rows, place]] + shift * (log_n[1] - log_n[0]))
    return params


def tokens_per_parameter(
    law: Law, parameters: Mapping[str, np.ndarray | float], flops: float
) -> np.ndarray:
    """Compute-optimal tokens per parameter at one compute, shape (B,)."""
    return optimal_allocation(law, parameters, flops).tokens_per_parameter[:, 0]
