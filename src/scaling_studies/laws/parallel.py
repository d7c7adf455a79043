"""Law of parallel streams: P forward passes of one model count as more parameters."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.autodiff import exp, log1p
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.projection import project_linear

PARAMETERS = (
    Parameter("E", "irreducible loss", lower=0.0, of_response=True),
    Parameter("A", "size at which the reducible loss is one", lower=0.0, transform="log"),
    Parameter("alpha", "exponent of size", lower=1e-4, upper=10.0),
    Parameter("k", "gain of a factor e in streams", lower=0.0, upper=100.0),
)


def _columns(axes):
    return {"log_params": np.log(axes["params"]), "log_streams": np.log(axes["parallel_streams"])}


def _formula(p, x):
    gain = log1p(p.k * x["log_streams"])
    return p.E + exp(p.alpha * (p.log_A - x["log_params"] - gain))


def _propose(axes, response, given):
    """Solve for E and A^alpha, in which the law is linear, on a grid of (alpha, k)."""
    alphas, gains = (
        grid.ravel() for grid in np.meshgrid(np.linspace(0.03, 1.2, 16), np.geomspace(0.03, 4, 10))
    )
    x = _columns(axes)
    mean = x["log_params"].mean()
    size = x["log_params"] - mean + np.log1p(gains[:, None] * x["log_streams"])
    basis = np.stack([np.ones_like(size), np.exp(-alphas[:, None] * size)], axis=1)
    solved, _ = project_linear(basis, response, response**-2.0, np.zeros(2, bool))
    reducible = np.maximum(solved[:, 1], 1e-3 * np.median(response))
    log_a = np.log(reducible) / alphas + mean
    return np.stack([solved[:, 0], log_a, alphas, gains], axis=1)


LAW = Law(
    name="parallel",
    title="Parallel streams",
    formula="L = E + (A / (N (k ln P + 1)))^alpha",
    citation="Chen et al. 2025 (ParScale), arXiv 2505.10475, equation 5",
    axes=(
        Axis("params", "parameters", "model size N, non-embedding"),
        Axis("parallel_streams", "streams", "number of parallel streams P"),
    ),
    response="loss",
    response_meaning="loss, nats per token",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, _formula, columns=_columns),
    derived={
        "log_A": lambda p: np.log(p["A"]),
        "params_factor_of_8_streams": lambda p: p["k"] * np.log(8.0) + 1.0,
    },
    propose=_propose,
)
