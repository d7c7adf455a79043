"""A constant gain for each decade."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = (
    Parameter("gain", "gain for ten times x", linear=True),
    Parameter("constant", "value at one", linear=True),
)


def _columns(axes):
    return {"log10_x": np.log10(axes["x"])}


LAW = Law(
    name="per_decade",
    title="A constant gain for each decade",
    formula="y = gain log10 x + constant",
    citation="Jones 2021, arXiv 2104.03113, section 4 (the incline)",
    axes=(Axis("x", "of the card", "compute, samples or whatever the card maps to x"),),
    response="value",
    response_meaning="strength in Elo, accuracy",
    parameters=PARAMETERS,
    model=FormulaModel(
        PARAMETERS,
        lambda p, x: p.gain * x["log10_x"] + p.constant,
        columns=_columns,
        basis=lambda p, x: [x["log10_x"], np.ones((1, 1))],
    ),
    centring={"constant": {"gain": lambda axes: np.log10(axes["x"])}},
    derived={"gain_per_doubling": lambda p: np.log10(2.0) * p["gain"]},
    objective="squared",
)
