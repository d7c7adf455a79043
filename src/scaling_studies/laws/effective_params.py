"""Additive law whose parameters count by the precision in which a model computes."""

from __future__ import annotations

from functools import partial

import numpy as np

from scaling_studies.errors import FitError
from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of
from scaling_studies.models.projection import project_linear

#: Number format -> what it is. Bits stand for weights and activations.
FORMATS = {
    "1": "1 bit",
    "2": "2 bits",
    "3": "3 bits",
    "4": "4 bits",
    "8": "8 bits",
    "fp4": "4 bits, floating point",
    "sparse4": "4 bits, half of the weights zero",
    "1_plain": "1 bit without a Hadamard transform",
    "2_plain": "2 bits without a Hadamard transform",
    "3_plain": "3 bits without a Hadamard transform",
    "4_plain": "4 bits without a Hadamard transform",
    "8_plain": "8 bits without a Hadamard transform",
    "1_weights": "1 bit, weights alone",
    "2_weights": "2 bits, weights alone",
    "3_weights": "3 bits, weights alone",
    "4_weights": "4 bits, weights alone",
}
#: Format whose parameters count in full.
FULL = "16"

PARAMETERS = (
    Parameter("E", "irreducible loss", lower=0.0, linear=True),
    Parameter("A", "coefficient of the size term", lower=0.0, transform="log", linear=True),
    Parameter("B", "coefficient of the data term", lower=0.0, transform="log", linear=True),
    Parameter("alpha", "exponent of the size term", lower=0.0, upper=10.0),
    Parameter("beta", "exponent of the data term", lower=0.0, upper=10.0),
    *(
        Parameter(f"rise_{name}", f"rise of the log size term from 16 bits to {meaning}", -10, 30)
        for name, meaning in FORMATS.items()
    ),
)


def _is(name, axes):
    return (axes["precision"] == name).astype(float)


def _log_params(axes):
    unknown = sorted({str(name) for name in np.unique(axes["precision"])} - {FULL, *FORMATS})
    if unknown:
        raise FitError(
            f"the law effective_params knows no format {unknown[0]!r}",
            column="precision",
            fix=f"use {FULL}, {', '.join(FORMATS)}",
        )
    return -np.log(axes["params"])


TERMS = (
    Term("A", {"alpha": _log_params, **{f"rise_{name}": partial(_is, name) for name in FORMATS}}),
    Term("B", {"beta": log_of("tokens", -1.0)}),
)


def _propose(axes, response, given):
    """Solve for floor, data term and one size term a format, in which the law is linear."""
    grid = (
        [given[name]] if name in given else np.geomspace(low, 1.0, 12)
        for name, low in (("alpha", 0.03), ("beta", 0.05))
    )
    alphas, betas = (values.ravel() for values in np.meshgrid(*grid))
    size, data = _log_params(axes), -np.log(axes["tokens"])
    names = [FULL, *(name for name in FORMATS if _is(name, axes).any())]
    steep = np.exp(alphas[:, None] * (size - size.mean()))
    floor = given.get("E")
    parts = [np.exp(betas[:, None] * (data - data.mean()))]
    parts += [steep * _is(name, axes) for name in names]
    if floor is None:
        parts.append(np.ones_like(steep))
    signed = np.array([False, *(True for _ in names), *([False] if floor is None else [])])
    weights = response**-2.0
    solved, _ = project_linear(np.stack(parts, axis=1), response - (floor or 0.0), weights, signed)
    logs = np.log(np.maximum(solved, 1e-6 * np.median(response)))
    working = np.zeros((len(alphas), len(PARAMETERS)))
    place = {item.name: number for number, item in enumerate(PARAMETERS)}
    working[:, place["E"]] = floor if floor is not None else solved[:, -1]
    working[:, place["A"]] = logs[:, 1] - alphas * size.mean()
    working[:, place["B"]] = logs[:, 0] - betas * data.mean()
    working[:, place["alpha"]], working[:, place["beta"]] = alphas, betas
    for number, name in enumerate(names[1:], start=2):
        working[:, place[f"rise_{name}"]] = logs[:, number] - logs[:, 1]
    return working


def _effective(name, p):
    return np.exp(-p[f"rise_{name}"] / p["alpha"])


LAW = Law(
    name="effective_params",
    title="Effective parameters by precision",
    formula="L = E + A (N eff(P))^-alpha + B D^-beta",
    citation="Panferov et al. 2025 (QuEST), arXiv 2502.05003",
    axes=(
        Axis("params", "parameters", "model size N, non-embedding"),
        Axis("tokens", "tokens", "training tokens D"),
        Axis("precision", "name of a number format", "precision P", text=True),
    ),
    response="loss",
    response_meaning="loss, nats per token",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS, offset="E"),
    centring=centring_of(TERMS),
    derived={f"eff_{name}": partial(_effective, name) for name in FORMATS},
    propose=_propose,
)
