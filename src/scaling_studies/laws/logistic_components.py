"""A score between zero and one as a logistic function of three components of other scores."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.autodiff import exp, softplus
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = (
    Parameter("slope", "change of the log odds by the first component"),
    Parameter("b_2", "change of the log odds by the second component"),
    Parameter("b_3", "change of the log odds by the third component"),
    Parameter("intercept", "log odds where all components are zero"),
)
AXES = ("u_1", "u_2", "u_3")
#: Scores are kept this far from zero and one where starts are taken from their log odds.
AWAY = (0.002, 0.01, 0.05, 0.2)


def _propose(axes, response, given):
    """Planes through the log odds of the scores."""
    columns = np.column_stack([*(axes[name] for name in AXES), np.ones(len(response))])
    rows = []
    for least in AWAY:
        score = np.clip(response, least, 1.0 - least)
        plane = np.linalg.lstsq(columns, np.log(score / (1.0 - score)), rcond=None)[0]
        rows += [plane, np.append(0.3 * plane[:3], plane[3]), np.append(2.0 * plane[:3], plane[3])]
    return np.array(rows)


LAW = Law(
    name="logistic_components",
    title="Logistic function of three components",
    formula="y = 1 / (1 + exp(-slope u_1 - b_2 u_2 - b_3 u_3 - intercept))",
    citation="Ruan et al. 2024, arXiv 2405.10938 (components turned so that the first grows with "
    "log10 compute in one family)",
    axes=tuple(
        Axis(name, "of the card", f"{word} component", positive=False)
        for name, word in zip(AXES, ("first", "second", "third"), strict=True)
    ),
    response="score",
    response_meaning="score, rescaled so that chance is zero",
    parameters=PARAMETERS,
    model=FormulaModel(
        PARAMETERS,
        lambda p, x: exp(
            -softplus(-(p.slope * x["u_1"] + p.b_2 * x["u_2"] + p.b_3 * x["u_3"] + p.intercept))
        ),
        columns=dict,
    ),
    objective="squared",
    propose=_propose,
)
