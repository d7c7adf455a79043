"""Additive law of size, vocabulary and data."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter("E", "loss in the limit; below zero for a loss relative to another", linear=True),
    Parameter("A", "coefficient of the size term", lower=0.0, transform="log", linear=True),
    Parameter("A_V", "coefficient of the vocabulary term", lower=0.0, transform="log", linear=True),
    Parameter("B", "coefficient of the data term", lower=0.0, transform="log", linear=True),
    Parameter("alpha", "exponent of the size term", lower=0.0, upper=10.0, search=(0.05, 1.5)),
    Parameter(
        "alpha_V", "exponent of the vocabulary term", lower=0.0, upper=10.0, search=(0.05, 1.5)
    ),
    Parameter("beta", "exponent of the data term", lower=0.0, upper=10.0, search=(0.05, 1.5)),
)

TERMS = (
    Term("A", {"alpha": log_of("params", -1.0)}),
    Term("A_V", {"alpha_V": log_of("vocabulary_params", -1.0)}),
    Term("B", {"beta": log_of("tokens", -1.0)}),
)

LAW = Law(
    name="vocabulary",
    title="Additive power laws of size, vocabulary and data",
    formula="L = E + A N^-alpha + A_V N_V^-alpha_V + B D^-beta",
    citation="Tao et al. 2024, arXiv 2407.13623, section 3.3, with E for its -E",
    axes=(
        Axis("params", "parameters", "parameters N without those of the vocabulary"),
        Axis("vocabulary_params", "parameters", "parameters N_V of the vocabulary"),
        Axis("tokens", "tokens", "training tokens D"),
    ),
    response="loss",
    response_meaning="loss, nats per token, or relative to that of a unigram model",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS, offset="E"),
    centring=centring_of(TERMS),
    derived={
        "log_A": lambda p: np.log(p["A"]),
        "log_B": lambda p: np.log(p["B"]),
    },
    objective="huber",
)
