"""Downstream error from validation loss."""

from __future__ import annotations

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of

PARAMETERS = (
    Parameter("k", "gap below the error of chance", lower=0.0, transform="log", linear=True),
    Parameter(
        "gamma", "rate at which loss turns into error", lower=0.0, upper=50.0, search=(0.05, 5.0)
    ),
    Parameter("epsilon", "error of chance, reached at high loss", lower=0.0, linear=True),
)

TERMS = (Term("k", {"gamma": lambda axes: -axes["loss"]}, sign=-1.0),)

LAW = Law(
    name="error_from_loss",
    title="Downstream error from loss",
    formula="Err = epsilon - k exp(-gamma L)",
    citation="Gadre et al. 2024, arXiv 2403.08540, equation 5",
    axes=(Axis("loss", "nats per token", "validation loss L"),),
    response="error",
    response_meaning="downstream error, a fraction",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS, offset="epsilon"),
    centring=centring_of(TERMS),
    objective="squared",
)
