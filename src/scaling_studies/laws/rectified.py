"""Rectified law: flat at first, a power law beyond a half-way point."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.autodiff import exp, logaddexp
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = (
    Parameter("A", "value at zero", lower=0.0, linear=True),
    Parameter("E", "value in the limit", lower=0.0, linear=True),
    Parameter(
        "x_half",
        "x at which half of the way is gone",
        lower=0.0,
        transform="log",
        search=lambda axes, response: (
            float(np.log(axes["x"].min())) - 2.0,
            float(np.log(axes["x"].max())) + 3.0,
        ),
    ),
    Parameter("beta", "exponent", lower=0.0, upper=10.0, search=(0.1, 3.0)),
)


def _formula(p, x):
    # One over 1 + (x / x_half)^beta, without overflow.
    rest = exp(-logaddexp(0.0 * p.beta, p.beta * (x["log_x"] - p.log_x_half)))
    return p.E + (p.A - p.E) * rest


def _basis(p, x):
    rest = np.exp(-np.logaddexp(0.0, p.beta * (x["log_x"] - p.log_x_half)))
    return [rest, 1.0 - rest]


LAW = Law(
    name="rectified",
    title="Rectified power law",
    formula="L = E + (A - E) / (1 + (x / x_half)^beta)",
    citation="Lin et al. 2024, arXiv 2402.02314 (with B = (A - E) x_half^beta, D_l = x_half^beta)",
    axes=(Axis("x", "of the card", "whatever the card maps to x, for example fine-tuning data"),),
    response="loss",
    response_meaning="loss, or a gain that falls",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, _formula, basis=_basis),
    derived={
        "B": lambda p: (p["A"] - p["E"]) * p["x_half"] ** p["beta"],
        "D_l": lambda p: p["x_half"] ** p["beta"],
    },
    objective="squared_log",
)
