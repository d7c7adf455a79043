"""Law of loss under over-training, with one exponent for size and data."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.posynomial import Posynomial, Term, centring_of, log_of

PARAMETERS = (
    Parameter("a", "coefficient of the size term", lower=0.0, transform="log", linear=True),
    Parameter("b", "coefficient of the data term", lower=0.0, transform="log", linear=True),
    Parameter(
        "exponent",
        "common exponent p of size and data, negative; eta = -p / 2 in compute",
        lower=-10.0,
        upper=0.0,
        search=(-1.5, -0.05),
    ),
    Parameter("E", "irreducible loss", lower=0.0, linear=True),
)


def _log_tokens_with_flop_factor(axes):
    # The authors' code multiplies the data term, and only it, by 6^(p/2), the trace of C = 6 N D.
    return np.log(axes["tokens"]) + 0.5 * np.log(6.0)


TERMS = (
    Term("a", {"exponent": log_of("params")}),
    Term("b", {"exponent": _log_tokens_with_flop_factor}),
)

LAW = Law(
    name="overtrained",
    title="Loss under over-training",
    formula="L = E + a N^p + b 6^(p/2) (M N)^p, M = D / N",
    citation="Gadre et al. 2024, arXiv 2403.08540, equation 4, in the form of the authors' code",
    axes=(
        Axis("params", "parameters", "model size N"),
        Axis("tokens", "tokens", "training tokens D = M N"),
    ),
    response="loss",
    response_meaning="validation loss, nats per token",
    parameters=PARAMETERS,
    model=Posynomial(PARAMETERS, TERMS, offset="E"),
    centring=centring_of(TERMS),
    derived={
        "eta": lambda p: -0.5 * p["exponent"],
        "log_a": lambda p: np.log(p["a"]),
        "log_b": lambda p: np.log(p["b"]),
    },
    objective="squared",
)
