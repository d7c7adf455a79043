"""A downstream score as an exponential of the loss."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of

PARAMETERS = (
    Parameter("c", "score at zero loss", lower=0.0, transform="log", linear=True),
    Parameter("k", "change of log score by loss", lower=-100.0, upper=100.0, search=(-3.0, 3.0)),
)

TERMS = (Term("c", {"k": lambda axes: axes["loss"]}),)

LAW = Law(
    name="exponential_link",
    title="Score from loss",
    formula="y = c exp(k L)",
    citation="Gordon et al. 2021, EMNLP, section 5 (BLEU from cross-entropy)",
    axes=(Axis("loss", "nats per token", "loss L", positive=False),),
    response="bleu",
    response_meaning="score, for example BLEU",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS),
    centring=centring_of(TERMS),
    derived={"log_c": lambda p: np.log(p["c"])},
    objective="squared",
)
