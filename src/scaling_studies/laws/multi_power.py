"""Multi-power law of whole loss curves over any learning-rate schedule."""

from __future__ import annotations

import math

import numpy as np

from scaling_studies.jet_model import FormulaModel
from scaling_studies.jets import Jet, exp, expm1, softplus
from scaling_studies.law import Axis, Law, Parameter
from scaling_studies.schedule_sums import drops_before, log_cumulative_rate

PARAMETERS = (
    Parameter("L0", "irreducible loss", lower=0.0, linear=True),
    Parameter("A", "coefficient of the forward area", lower=0.0, transform="log", linear=True),
    Parameter("alpha", "exponent of the forward area", lower=0.0, upper=10.0, search=(0.2, 1.0)),
    Parameter("B", "gain of lowering the learning rate", lower=0.0, transform="log", linear=True),
    Parameter(
        "C",
        "speed at which the gain is reached",
        lower=0.0,
        transform="log",
        search=(math.log(0.1), math.log(50.0)),
    ),
    Parameter("beta", "exponent of the gain", lower=0.0, upper=10.0, search=(0.2, 1.2)),
    Parameter("gamma", "exponent of the learning rate", lower=-5.0, upper=5.0, search=(0.2, 1.2)),
)


def _columns(axes):
    drops = drops_before(axes)
    return {
        "log_area": log_cumulative_rate(axes),
        "change": drops.change,
        "log_rate": drops.log_rate,
        "log_drop_area": drops.log_area,
    }


def _deepen(x):
    """Give a parameter, shape (B, 1), a further dimension for the drops."""
    return x.each(lambda part: part[..., None]) if isinstance(x, Jet) else x[..., None]


def _loss_drop(p, x):
    speed = _deepen(p.log_C) - _deepen(p.gamma) * x["log_rate"] + x["log_drop_area"]
    reached = expm1(-(_deepen(p.beta) * softplus(speed))) * (-x["change"])
    return reached.sum() if isinstance(reached, Jet) else reached.sum(axis=-1)


def _formula(p, x):
    return p.L0 + exp(p.log_A - p.alpha * x["log_area"]) + p.B * _loss_drop(p, x)


def _basis(p, x):
    return [1.0 + 0.0 * p.alpha, np.exp(-p.alpha * x["log_area"]), _loss_drop(p, x)]


LAW = Law(
    name="multi_power",
    title="Multi-power law of loss curves",
    formula="L(s) = L0 + A S(s)^-alpha "
    "+ B sum_(k<=s) (eta_k - eta_(k-1)) [1 - (1 + C eta_k^-gamma (S(s) - S(k-1)))^-beta]",
    citation="Luo et al. 2025, arXiv 2503.12811, equation 1; the sum includes the warm-up, as in "
    "the authors' code",
    axes=(
        Axis("schedule", "text", "learning-rate schedule, see docs/engine.md", text=True),
        Axis("step", "steps", "training step s, counted from 0", positive=False),
    ),
    response="loss",
    response_meaning="loss, nats per token",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, _formula, columns=_columns, basis=_basis, row_cost=256),
    centring={"A": {"alpha": lambda axes: -log_cumulative_rate(axes)}},
    starts=8,
)
