"""Loss along a training curve from the forward and annealing areas of the learning rate."""

from __future__ import annotations

from scaling_studies.models.autodiff import exp
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.schedule_sums import annealing_area, log_cumulative_rate

PARAMETERS = (
    Parameter("L0", "irreducible loss", lower=0.0, linear=True),
    Parameter("A", "coefficient of the forward area", lower=0.0, transform="log", linear=True),
    Parameter("alpha", "exponent of the forward area", lower=0.0, upper=10.0, search=(0.05, 1.5)),
    Parameter("C", "gain of the annealing area", lower=0.0, linear=True),
)


def _columns(axes):
    return {"log_area": log_cumulative_rate(axes), "annealing": annealing_area(axes)}


def _formula(p, x):
    return p.L0 + exp(p.log_A - p.alpha * x["log_area"]) - p.C * x["annealing"]


def _basis(p, x):
    return [1.0 + 0.0 * p.alpha, exp(-p.alpha * x["log_area"]), -x["annealing"][None, :]]


LAW = Law(
    name="annealing",
    title="Learning-rate annealing",
    formula="L(s) = L0 + A S1^-alpha - C S2, S1 forward area, S2 annealing area (momentum 0.999)",
    citation="Tissue et al. 2024, arXiv 2408.11029, equation 1",
    axes=(
        Axis("schedule", "text", "learning-rate schedule, see docs/engine.md", text=True),
        Axis("step", "steps", "training step s, counted from 0", positive=False),
    ),
    response="loss",
    response_meaning="loss, nats per token",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, _formula, columns=_columns, basis=_basis),
    centring={"A": {"alpha": lambda axes: -log_cumulative_rate(axes)}},
)
