"""A straight line."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = (
    Parameter("slope", "slope", linear=True),
    Parameter("intercept", "value at zero", linear=True),
)

LAW = Law(
    name="line",
    title="Straight line",
    formula="y = slope x + intercept",
    citation="Stroebl et al. 2024, arXiv 2411.17501, figure of HumanEval",
    axes=(Axis("x", "of the card", "whatever the card maps to x", positive=False),),
    response="value",
    response_meaning="any measurement",
    parameters=PARAMETERS,
    model=FormulaModel(
        PARAMETERS,
        lambda p, x: p.slope * x["x"] + p.intercept,
        columns=dict,
        basis=lambda p, x: [x["x"], np.ones((1, 1))],
    ),
    centring={"intercept": {"slope": lambda axes: axes["x"]}},
    objective="squared",
)
