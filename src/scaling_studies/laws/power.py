"""Pure power law, without an asymptote."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter("A", "coefficient", lower=0.0, transform="log", linear=True),
    Parameter("alpha", "exponent", lower=-10.0, upper=10.0, search=(-1.0, 1.5)),
)

TERMS = (Term("A", {"alpha": log_of("x", -1.0)}),)

LAW = Law(
    name="power",
    title="Power law",
    formula="L = A x^-alpha",
    citation="Hestness et al. 2017, arXiv 1712.00409; Kaplan et al. 2020, arXiv 2001.08361, "
    "equations 1.1 to 1.3",
    axes=(Axis("x", "of the card", "size, data or compute, whichever the card maps to x"),),
    response="loss",
    response_meaning="loss or error",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS),
    centring=centring_of(TERMS),
    derived={"log_A": lambda p: np.log(p["A"])},
    objective="squared_log",
)
