"""A power law of compute through estimated optima: the second half of Approaches 1 and 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from scaling_studies.engine.objectives import get_objective
from scaling_studies.engine.problem import Problem
from scaling_studies.engine.request import Request
from scaling_studies.engine.result import Fit, fit_without_search
from scaling_studies.errors import FitError
from scaling_studies.laws import get_law
from scaling_studies.models.columns import read_column


def read_flops(table: Mapping[str, np.ndarray], params: np.ndarray) -> np.ndarray:
    """Column flops, or 6 N D from tokens, shape (n,)."""
    if "flops" in table:
        return read_column(table, "flops", positive=True)
    return 6.0 * params * read_column(table, "tokens", positive=True)


def refuse_restrictions(request: Request, estimator: str) -> None:
    """Refuse what an estimator of optima would otherwise pass over in silence.

    Raises
    ------
    FitError
        Parameters of the law were restricted.
    """
    for name in ("fixed", "shared", "bounds"):
        if getattr(request, name):
            raise FitError(
                f"estimator {estimator} restricts no parameter", fix=f"leave {name}= out"
            )


def line_through(flops: np.ndarray, params: np.ndarray) -> dict[str, float]:
    """Least squares of log N* on log C: parameters of law ``compute_optimal``."""
    x, y = np.log(flops), np.log(params)
    spread = ((x - x.mean()) ** 2).sum()
    if spread == 0:
        raise FitError("all minima are at one budget", fix="a power law needs two budgets")
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / spread)
    return {"G": float(np.exp(y.mean() - slope * x.mean())), "a": slope}


def fit_of_optima(
    flops: np.ndarray,
    params: np.ndarray,
    estimator: str,
    messages: Sequence[str],
    rows: int,
    refit: Callable[[np.ndarray], Mapping[str, float]],
) -> Fit:
    """`Fit` of law ``compute_optimal`` through estimated optima.

    Parameters
    ----------
    flops, params
        Compute and size of each optimum, shape (m,).
    estimator, messages
        As in `Fit`.
    rows
        Number of rows under the optima.
    refit
        Function (weights of those rows) -> parameters, for resampling.
    """
    problem = Problem(
        get_law("compute_optimal"),
        {"flops": flops},
        params,
        get_objective("squared_log"),
        fixed=line_through(flops, params),
    )
    if len(params) == 2:
        messages = [
            *messages,
            "Two optima for two parameters: nothing is left to judge the line by.",
        ]
    result = fit_without_search(problem, np.zeros(0), estimator, messages)
    result.n, result.refit = rows, refit
    return result
