"""Decay by a half in equal times."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of

PARAMETERS = (
    Parameter("A", "value at the start", lower=0.0, transform="log", linear=True),
    Parameter(
        "rate",
        "rate of decay",
        search=lambda axes, response: (
            -3.0 / float(np.abs(axes["t"]).max() or 1.0),
            10.0 / float(np.abs(axes["t"]).max() or 1.0),
        ),
    ),
)

TERMS = (Term("A", {"rate": lambda axes: -axes["t"]}),)

LAW = Law(
    name="halving",
    title="Halving in equal times",
    formula="y = A exp(-rate t)",
    citation="Ho et al. 2024, arXiv 2403.05812 (progress of algorithms as a time of halving)",
    axes=(Axis("t", "of the card", "time t", positive=False),),
    response="value",
    response_meaning="time, compute or anything that falls",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS),
    centring=centring_of(TERMS),
    derived={"half_time": lambda p: np.log(2.0) / p["rate"]},
    objective="squared_log",
)
