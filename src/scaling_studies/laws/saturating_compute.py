"""Power law of compute that saturates at both ends."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.autodiff import exp, logaddexp
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = (
    Parameter("a", "coefficient", lower=0.0, transform="log", linear=True),
    Parameter("b", "exponent of compute", lower=0.0, upper=10.0, search=(0.05, 1.5)),
    Parameter("c", "irreducible error", lower=0.0, linear=True),
    Parameter(
        "d",
        "compute at which the error leaves that of an untrained model",
        lower=0.0,
        transform="log",
        search=lambda axes, response: (
            float(np.log(axes["flops"].min())) - 4.0,
            float(np.log(np.median(axes["flops"]))),
        ),
    ),
)


def _formula(p, x):
    return p.c + exp(p.log_a - p.b * logaddexp(p.log_d, x["log_flops"]))


def _basis(p, x):
    return [np.exp(-p.b * np.logaddexp(p.log_d, x["log_flops"])), np.ones((1, 1))]


LAW = Law(
    name="saturating_compute",
    title="Double-saturating power law of compute",
    formula="err = a (C + d)^-b + c",
    citation="Zhai et al. 2022, arXiv 2106.04560, section 2.2",
    axes=(Axis("flops", "of the card", "training compute C"),),
    response="error",
    response_meaning="error, a fraction",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, _formula, basis=_basis),
    centring={"a": {"b": lambda axes: -np.log(axes["flops"])}},
    objective="squared",
)
