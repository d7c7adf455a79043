"""Loss on a domain as an exponential of its share in the training mixture."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of

PARAMETERS = (
    Parameter("c", "loss that no share removes", lower=0.0, linear=True),
    Parameter("A", "excess loss without the domain", lower=0.0, transform="log", linear=True),
    Parameter("k", "rate by share", lower=-1000.0, upper=1000.0, search=(-12.0, 3.0)),
)

TERMS = (Term("A", {"k": lambda axes: axes["share"]}),)

LAW = Law(
    name="mixture_exponential",
    title="Data mixing law of one domain",
    formula="L = c + A exp(k r)",
    citation="Ye et al. 2024, arXiv 2403.16952, with A = exp(b)",
    axes=(Axis("share", "fraction", "share r of the domain", positive=False),),
    response="loss",
    response_meaning="loss on the domain, nats per token",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS, offset="c"),
    centring=centring_of(TERMS),
    derived={"b": lambda p: np.log(p["A"])},
    objective="huber",
)
