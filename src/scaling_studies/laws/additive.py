"""Additive law of Hoffmann et al. 2022, Approach 3."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter("E", "irreducible loss", lower=0.0, linear=True),
    Parameter("A", "coefficient of the size term", lower=0.0, transform="log", linear=True),
    Parameter("B", "coefficient of the data term", lower=0.0, transform="log", linear=True),
    Parameter("alpha", "exponent of the size term", lower=0.0, upper=10.0, search=(0.05, 1.5)),
    Parameter("beta", "exponent of the data term", lower=0.0, upper=10.0, search=(0.05, 1.5)),
)

TERMS = (
    Term("A", {"alpha": log_of("params", -1.0)}),
    Term("B", {"beta": log_of("tokens", -1.0)}),
)

LAW = Law(
    name="additive",
    title="Additive power laws of size and data",
    formula="L = E + A N^-alpha + B D^-beta",
    citation="Hoffmann et al. 2022, arXiv 2203.15556, equation 2 (Approach 3)",
    axes=(
        Axis("params", "parameters", "model size N"),
        Axis("tokens", "tokens", "training tokens D"),
    ),
    response="loss",
    response_meaning="loss, nats per token",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS, offset="E"),
    centring=centring_of(TERMS),
    derived={
        "a_opt": lambda p: p["beta"] / (p["alpha"] + p["beta"]),
        "b_opt": lambda p: p["alpha"] / (p["alpha"] + p["beta"]),
        "log_A": lambda p: np.log(p["A"]),
        "log_B": lambda p: np.log(p["B"]),
        "log_E": lambda p: np.log(p["E"]),
    },
)
