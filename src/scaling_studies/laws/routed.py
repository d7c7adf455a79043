"""Law of routed (mixture-of-experts) language models, saturating in the number of experts."""

from __future__ import annotations

import math

import numpy as np

from scaling_studies.models.autodiff import exp, log
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = (
    Parameter("a", "slope in log10 of size", linear=True),
    Parameter("b", "slope in log10 of effective experts", linear=True),
    Parameter("c", "interaction of the two", linear=True),
    Parameter("d", "constant", linear=True),
    Parameter(
        "E_start",
        "experts from which routing helps",
        lower=1e-3,
        upper=1e4,
        transform="log",
        search=(math.log(0.3), math.log(20.0)),
    ),
    Parameter(
        "E_max",
        "experts at which the gain saturates",
        lower=1.0,
        upper=1e9,
        transform="log",
        search=(math.log(30.0), math.log(5000.0)),
    ),
)

LN10 = math.log(10.0)


def _log10_effective_experts(p, x):
    offset = 1.0 / (1.0 / p.E_start - 1.0 / p.E_max)
    return -log(1.0 / (offset + (x["experts"] - 1.0)) + 1.0 / p.E_max) / LN10


def _formula(p, x):
    experts = _log10_effective_experts(p, x)
    size = x["log_params"] / LN10
    return exp((p.a * size + p.b * experts + p.c * experts * size + p.d) * LN10)


def _basis(p, x):
    experts = _log10_effective_experts(p, x)
    size = x["log_params"] / LN10
    return [LN10 * size, LN10 * experts, LN10 * experts * size, np.full((1, 1), LN10)]


LAW = Law(
    name="routed",
    title="Routed language models",
    formula="log10 L = a log10 N + b log10 E' + c log10 N log10 E' + d, "
    "1/E' = 1/(E - 1 + (1/E_start - 1/E_max)^-1) + 1/E_max",
    citation="Clark et al. 2022, arXiv 2202.01169, equations 14 and 15",
    axes=(
        Axis("params", "parameters", "active (dense) parameters N"),
        Axis("experts", "experts", "number of experts E, 1 for a dense model"),
    ),
    response="loss",
    response_meaning="validation loss, nats per token",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, _formula, basis=_basis),
    linear_space="log",
    objective="squared_log10",
)
