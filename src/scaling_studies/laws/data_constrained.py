"""Additive law with the decaying value of repeated data and of excess parameters."""

from __future__ import annotations

import math

import numpy as np

from scaling_studies.models.autodiff import exp, expm1, log, maximum, minimum
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.projection import project_linear

PARAMETERS = (
    Parameter("E", "irreducible loss", lower=0.0, of_response=True),
    Parameter("A", "coefficient of the size term", lower=0.0, transform="log"),
    Parameter("B", "coefficient of the data term", lower=0.0, transform="log"),
    Parameter("alpha", "exponent of the size term", lower=1e-3, upper=10.0),
    Parameter("beta", "exponent of the data term", lower=1e-3, upper=10.0),
    Parameter(
        "R_D_star",
        "repetitions after which data have lost 1 - 1/e of their value",
        lower=0.0,
        transform="log",
        search=(math.log(0.5), math.log(300.0)),
    ),
    Parameter(
        "R_N_star",
        "the same for excess parameters",
        lower=0.0,
        transform="log",
        search=(math.log(0.2), math.log(300.0)),
    ),
)


def _saturated(log_base, repeats, star):
    """Logarithm of ``base (1 + R* (1 - exp(-R / R*)))``."""
    return log_base + log(1.0 - star * expm1(-(repeats / star)))


def _formula(p, x):
    # N_opt(U): compute-optimal size for U unique tokens under the base law, with C = 6 N D.
    log_g = (log(p.alpha) + p.log_A - log(p.beta) - p.log_B) / (p.alpha + p.beta)
    log_c = (log_g + x["log_unique_tokens"]) * ((p.alpha + p.beta) / p.alpha)
    log_n_opt = log_g + (p.beta / (p.alpha + p.beta)) * log_c
    log_base_n = minimum(log_n_opt, x["log_params"] + 0.0 * log_n_opt)
    excess = maximum(expm1(x["log_params"] - log_base_n), 0.0 * log_base_n)
    log_n = _saturated(log_base_n, excess, p.R_N_star)
    log_d = _saturated(x["log_base_tokens"], x["repeats"], p.R_D_star)
    return p.E + exp(p.log_A - p.alpha * log_n) + exp(p.log_B - p.beta * log_d)


def _columns(axes):
    unique = axes["unique_tokens"]
    return {
        "log_params": np.log(axes["params"]),
        "log_unique_tokens": np.log(unique),
        # Data seen less than once are all fresh: U counts what was seen.
        "log_base_tokens": np.log(np.minimum(unique, axes["tokens"])),
        "repeats": np.maximum(axes["tokens"] / unique - 1.0, 0.0),
    }


def _propose(axes, response, given):
    """Additive law on data discounted with typical constants, crossed with a grid of R*."""
    x = _columns(axes)
    stars = [(d, n) for d in (2.0, 8.0, 30.0, 120.0) for n in (0.5, 2.0, 8.0, 40.0)]
    exponents = [(a, b) for a in (0.15, 0.3, 0.5, 0.8) for b in (0.15, 0.3, 0.5, 0.8)]
    rows = []
    for star_d, star_n in stars:
        log_d = x["log_base_tokens"] + np.log1p(star_d * -np.expm1(-x["repeats"] / star_d))
        for alpha, beta in exponents:
            size = x["log_params"] - x["log_params"].mean()
            basis = np.stack(
                [np.ones_like(size), np.exp(-alpha * size), np.exp(-beta * (log_d - log_d.mean()))]
            )
            solved, _ = project_linear(basis[None], response, response**-2.0, np.zeros(3, bool))
            offset, first, second = np.maximum(solved[0], 1e-3 * np.median(response))
            rows.append(
                (
                    offset,
                    math.log(first) + alpha * x["log_params"].mean(),
                    math.log(second) + beta * log_d.mean(),
                    alpha,
                    beta,
                    math.log(star_d),
                    math.log(star_n),
                )
            )
    return np.array(rows)


LAW = Law(
    name="data_constrained",
    title="Repeated data and excess parameters",
    formula="L = E + A N'^-alpha + B D'^-beta, D' = U + U R_D* (1 - exp(-R_D / R_D*)), N' alike",
    citation="Muennighoff et al. 2023, arXiv 2305.16264, equations 5 and 6",
    axes=(
        Axis("params", "parameters", "model size N"),
        Axis("tokens", "tokens", "training tokens D, repetitions counted"),
        Axis("unique_tokens", "tokens", "distinct training tokens U"),
    ),
    response="loss",
    response_meaning="loss, nats per token",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, _formula, columns=_columns),
    centring={
        "A": {"alpha": lambda axes: -np.log(axes["params"])},
        "B": {"beta": lambda axes: -np.log(axes["tokens"])},
    },
    derived={
        "log_A": lambda p: np.log(p["A"]),
        "log_B": lambda p: np.log(p["B"]),
        "log_E": lambda p: np.log(p["E"]),
    },
    propose=_propose,
    piecewise=True,
)
