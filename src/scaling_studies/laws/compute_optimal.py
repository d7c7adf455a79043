"""Compute-optimal size (or data) as a power law of compute: what Approaches 1 and 2 estimate."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter("G", "coefficient", lower=0.0, transform="log", linear=True),
    Parameter("a", "exponent of compute", lower=-10.0, upper=10.0, search=(-0.5, 1.5)),
)

TERMS = (Term("G", {"a": log_of("flops")}),)

LAW = Law(
    name="compute_optimal",
    title="Compute-optimal size",
    formula="N* = G C^a",
    citation="Hoffmann et al. 2022, arXiv 2203.15556, section 3 (Approaches 1 and 2); Kaplan et "
    "al. 2020, arXiv 2001.08361, equation 1.7",
    axes=(Axis("flops", "FLOP", "training compute C"),),
    response="params_opt",
    response_meaning="compute-optimal parameters (or tokens)",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS),
    centring=centring_of(TERMS),
    derived={
        "a_opt": lambda p: np.asarray(p["a"], dtype=float),
        "b_opt": lambda p: 1.0 - p["a"],
        "log_G": lambda p: np.log(p["G"]),
    },
    objective="squared_log",
)
