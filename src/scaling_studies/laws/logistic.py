"""A score between zero and one as a logistic function of the logarithm of size or compute."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.autodiff import exp, softplus
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = (
    Parameter("slope", "change of the log odds by log x"),
    Parameter("intercept", "log odds at x = 1"),
)
#: Scores are kept this far from zero and one where starts are taken from their log odds.
AWAY = (0.002, 0.01, 0.05, 0.2)


def _propose(axes, response, given):
    """Straight lines through the log odds of the scores."""
    log_x = np.log(axes["x"])
    rows = []
    for least in AWAY:
        score = np.clip(response, least, 1.0 - least)
        slope, level = np.polyfit(log_x - log_x.mean(), np.log(score / (1.0 - score)), 1)
        for share in (0.3, 1.0, 3.0):
            rise = given.get("slope", share * slope)
            rows.append((rise, level - rise * log_x.mean()))
    return np.array(rows)


LAW = Law(
    name="logistic",
    title="Logistic function of a logarithm",
    formula="y = 1 / (1 + exp(-slope log x - intercept))",
    citation="Ruan et al. 2024, arXiv 2405.10938, with size or compute as the only predictor",
    axes=(Axis("x", "of the card", "whatever the card maps to x, size or compute"),),
    response="score",
    response_meaning="score, rescaled so that chance is zero",
    parameters=PARAMETERS,
    model=FormulaModel(
        PARAMETERS, lambda p, x: exp(-softplus(-(p.slope * x["log_x"] + p.intercept)))
    ),
    centring={"intercept": {"slope": lambda axes: np.log(axes["x"])}},
    objective="squared",
    propose=_propose,
)
