"""Multi-power law of whole loss curves over any learning-rate schedule."""

from __future__ import annotations

import math

from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.loss_curve import LossCurveModel
from scaling_studies.models.schedule_sums import log_cumulative_rate

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
    model=LossCurveModel(),
    centring={"A": {"alpha": lambda axes: -log_cumulative_rate(axes)}},
    starts=8,
)
