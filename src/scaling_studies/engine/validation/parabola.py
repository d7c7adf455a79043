"""Approach 2 replayed on a surface that is known: what parabolas make of curves that are none.

Along C = 6ND the additive law is L = E + P exp(-alpha x) + Q exp(beta x) in x = log(N / N*), with
alpha P = beta Q at the optimum. A parabola is symmetric and this curve is so only where alpha =
beta: fitted to sizes from N* exp(-w) to N* exp(w), its minimum lies elsewhere. Source: Czech et al.
2026, arXiv 2603.22339.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scaling_studies.engine.allocation.allocate import (
    FLOPS_PER_PARAMETER_TOKEN,
    optimal_allocation,
)
from scaling_studies.engine.fit import fit
from scaling_studies.laws import get_law

#: Nodes of the quadrature of a smooth curve.
NODES = 200


@dataclass(frozen=True)
class Replay:
    """What Approach 2 reads from a known surface.

    Attributes
    ----------
    exponent, read_exponent
        Exponent of the best size in compute: of the surface, and as read.
    size, read_size
        Best size at the geometric middle of the compute, likewise.
    """

    exponent: float
    read_exponent: float
    size: float
    read_size: float

    @property
    def shift(self) -> float:
        """Logarithm of the size that is read over the best one."""
        return float(np.log(self.read_size / self.size))


def replay(
    parameters: Mapping[str, float],
    params: np.ndarray,
    flops: np.ndarray,
    *,
    budgets: Any = None,
    space: str = "linear",
) -> Replay:
    """Read best sizes by Approach 2 from an additive law without noise.

    Parameters
    ----------
    parameters
        E, A, B, alpha and beta of the surface.
    params, flops
        Size and compute (C = 6ND, FLOP) of the runs, shape (n,).
    budgets
        Budget of each run, as the estimator ``isoflop`` takes them.
    space
        ``linear`` or ``log``: what the parabolas are of.

    Raises
    ------
    FitError
        The runs make no two budgets with a minimum.
    """
    law = get_law("additive")
    tokens = flops / (FLOPS_PER_PARAMETER_TOKEN * params)
    loss = np.asarray(law.value(parameters, {"params": params, "tokens": tokens}))
    found = fit(
        "compute_optimal",
        {"params": params, "flops": flops, "response": loss},
        response="response",
        estimator="isoflop",
        budgets=budgets,
        space=space,
    )
    middle = np.exp(np.array([np.log(flops).min() + np.log(flops).max()]) / 2.0)
    known = {name: np.array([value]) for name, value in parameters.items()}
    best = float(optimal_allocation(law, known, middle).params[0, 0])
    read = found.parameters["G"] * middle[0] ** found.parameters["a"]
    exponent = parameters["beta"] / (parameters["alpha"] + parameters["beta"])
    return Replay(exponent, float(found.parameters["a"]), best, float(read))


def symmetric(parameters: Mapping[str, float], flops: float) -> dict[str, float]:
    """The surface with both exponents at their mean and the same optimum at a compute.

    Parameters
    ----------
    parameters
        Of the additive law.
    flops
        Compute at which best size and both terms of the loss stay as they are in sum, FLOP.
    """
    known = {name: np.array([value]) for name, value in parameters.items()}
    found = optimal_allocation(get_law("additive"), known, np.array([flops]))
    size, data = float(found.params[0, 0]), float(found.tokens[0, 0])
    both = (parameters["alpha"] + parameters["beta"]) / 2.0
    half = 0.5 * (
        parameters["A"] * size ** -parameters["alpha"]
        + parameters["B"] * data ** -parameters["beta"]
    )
    return {
        "E": parameters["E"],
        "A": half * size**both,
        "B": half * data**both,
        "alpha": both,
        "beta": both,
    }


def expected_shift(alpha: float, beta: float, half_width: float) -> float:
    """Logarithm of the size at the minimum of the parabola over the best size.

    Parameters
    ----------
    alpha, beta
        Exponents of the additive law.
    half_width
        Logarithm of the largest size over the best one, and of that over the smallest; sizes lie
        densely between.

    Notes
    -----
    Least squares on an interval is projection on the Legendre polynomials P1 and P2: the slope is
    3 <x L> / (2 w) and the curvature 45 <(x^2 - w^2/3) L> / (4 w^4), with <> the mean over the
    interval in units of w; the minimum lies at minus one half of their ratio.

    Examples
    --------
    >>> expected_shift(0.3, 0.3, 2.0) == 0.0
    True
    >>> expected_shift(0.5, 0.3, 2.0) > 0.0
    True
    """
    at, weight = np.polynomial.legendre.leggauss(NODES)
    # Terms P = beta and Q = alpha, up to a factor, make x = 0 the minimum of the curve.
    x = half_width * at
    loss = beta * np.expm1(-alpha * x) + alpha * np.expm1(beta * x)
    slope = 1.5 * float(weight @ (at * loss))
    curvature = 3.75 * float(weight @ ((3.0 * at**2 - 1.0) / 2.0 * loss))
    return 0.0 if alpha == beta else -half_width * slope / (2.0 * curvature)
