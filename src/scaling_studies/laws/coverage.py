"""Coverage of repeated sampling."""

from __future__ import annotations

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter(
        "a", "negative log coverage of a single sample", lower=0.0, transform="log", linear=True
    ),
    Parameter(
        "b", "exponent of the number of samples", lower=-10.0, upper=10.0, search=(-0.5, 1.5)
    ),
)

TERMS = (Term("a", {"b": log_of("samples_drawn", -1.0)}),)

LAW = Law(
    name="coverage",
    title="Coverage of repeated sampling",
    formula="-log(coverage) = a k^-b",
    citation="Brown et al. 2024 (Large Language Monkeys), arXiv 2407.21787, section 3",
    axes=(Axis("samples_drawn", "samples", "samples k a problem"),),
    response="negative_log_coverage",
    response_meaning="negative natural logarithm of the mean pass@k",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS),
    centring=centring_of(TERMS),
    objective="squared_log",
)
