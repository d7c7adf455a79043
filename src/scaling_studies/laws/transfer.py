"""Effective data transferred from pre-training."""

from __future__ import annotations

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter("k", "coefficient", lower=0.0, transform="log", linear=True),
    Parameter("alpha", "exponent of fine-tuning data", lower=-10.0, upper=10.0, search=(-0.5, 1.5)),
    Parameter("beta", "exponent of size", lower=-10.0, upper=10.0, search=(-0.5, 1.5)),
)

TERMS = (Term("k", {"alpha": log_of("finetuning_tokens"), "beta": log_of("params")}),)

LAW = Law(
    name="transfer",
    title="Data transferred",
    formula="D_T = k D_F^alpha N^beta",
    citation="Hernandez et al. 2021, arXiv 2102.01293, equation 1.1",
    axes=(
        Axis("finetuning_tokens", "characters in the source", "fine-tuning data D_F"),
        Axis("params", "parameters", "model size N, non-embedding"),
    ),
    response="transferred_tokens",
    response_meaning="effective data transferred D_T",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS),
    centring=centring_of(TERMS),
    objective="squared_log",
)
