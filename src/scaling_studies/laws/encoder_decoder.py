"""Law of encoder and decoder sizes in translation."""

from __future__ import annotations

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter("alpha", "coefficient", lower=0.0, transform="log", linear=True),
    Parameter("p_e", "exponent of encoder size", lower=0.0, upper=10.0, search=(0.02, 1.2)),
    Parameter("p_d", "exponent of decoder size", lower=0.0, upper=10.0, search=(0.02, 1.2)),
    Parameter("L_inf", "irreducible loss", lower=0.0, linear=True),
)

TERMS = (
    Term("alpha", {"p_e": log_of("encoder_params", -1.0), "p_d": log_of("decoder_params", -1.0)}),
)

LAW = Law(
    name="encoder_decoder",
    title="Encoder and decoder sizes",
    formula="L = alpha N_e^-p_e N_d^-p_d + L_inf",
    citation="Ghorbani et al. 2021, arXiv 2109.07740, equation 1",
    axes=(
        Axis("encoder_params", "parameters", "encoder size N_e"),
        Axis("decoder_params", "parameters", "decoder size N_d"),
    ),
    response="loss",
    response_meaning="cross-entropy, nats per token",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS, offset="L_inf"),
    centring=centring_of(TERMS),
    objective="squared",
)
