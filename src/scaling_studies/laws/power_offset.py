"""Power law plus a constant."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter("E", "asymptote, the irreducible loss", lower=0.0, linear=True),
    Parameter("A", "coefficient", lower=0.0, transform="log", linear=True),
    Parameter("alpha", "exponent", lower=0.0, upper=10.0, search=(0.02, 2.0)),
)

TERMS = (Term("A", {"alpha": log_of("x", -1.0)}),)

LAW = Law(
    name="power_offset",
    title="Power law plus constant",
    formula="L = E + A x^-alpha",
    citation="Hestness et al. 2017, arXiv 1712.00409 (with gamma); Henighan et al. 2020, "
    "arXiv 2010.14701, equation 1.1",
    axes=(Axis("x", "of the card", "size, data or compute, whichever the card maps to x"),),
    response="loss",
    response_meaning="loss or error",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS, offset="E"),
    centring=centring_of(TERMS),
    derived={"log_A": lambda p: np.log(p["A"])},
)
