"""Best learning rate or batch size by size and data."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter("c", "coefficient", lower=0.0, transform="log", linear=True),
    Parameter("p", "exponent of size", lower=-10.0, upper=10.0, search=(-1.5, 1.5)),
    Parameter("q", "exponent of data", lower=-10.0, upper=10.0, search=(-1.5, 1.5)),
)

TERMS = (Term("c", {"p": log_of("params"), "q": log_of("tokens")}),)

LAW = Law(
    name="hyperparameter",
    title="Optimal hyperparameter",
    formula="h = c N^p D^q",
    citation="Li et al. 2025 (Step Law), arXiv 2503.04715, equation 1 "
    "(for the batch size p is fixed at 0)",
    axes=(
        Axis("params", "parameters", "model size N, non-embedding"),
        Axis("tokens", "tokens", "training tokens D"),
    ),
    response="learning_rate",
    response_meaning="best learning rate, or batch size in tokens",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS),
    centring=centring_of(TERMS),
    derived={"log_c": lambda p: np.log(p["c"])},
    objective="squared_log",
)
