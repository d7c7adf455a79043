"""Compute-optimal size and data under a fitted law, where the runs determine them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scaling_studies import words
from scaling_studies.answers.axes import tokens_of_samples
from scaling_studies.answers.estimate import Estimate
from scaling_studies.answers.fitted import FittedLaw
from scaling_studies.engine.allocation.allocate import FLOPS_PER_PARAMETER_TOKEN
from scaling_studies.errors import FitError
from scaling_studies.fits.allocations import ALLOCATION_FIELDS, compute_optimal

#: Multiple of the largest compute of the runs, or share of the smallest, from which a plan says so.
FAR = 100.0
#: Resamples for laws whose optimum is searched.
SEARCHED = 60


@dataclass(frozen=True)
class Plan:
    """The best division of some compute.

    Attributes
    ----------
    flops
        Training compute C = 6ND.
    params, tokens, tokens_per_parameter, loss
        At the optimum.
    """

    flops: float
    params: Estimate
    tokens: Estimate
    tokens_per_parameter: Estimate
    loss: Estimate

    def to_dict(self) -> dict[str, object]:
        """Plain mapping."""
        names = ("params", "tokens", "tokens_per_parameter", "loss")
        return {"flops": self.flops, **{name: getattr(self, name).to_dict() for name in names}}


def why_no_plan(one: FittedLaw) -> tuple[str, str] | None:
    """Why a law divides no compute between size and data, and what to do; None when it does."""
    name, axes = one.law.name, one.axes
    if set(one.law.axis_names) != {"params", "tokens"}:
        if not axes.two:
            return (
                f"{axes.runs.name} does not give sizes and data of its runs, so nothing says how "
                "to divide compute",
                "give both, for example with --map params=COLUMN and --map tokens=COLUMN",
            )
        return f"law {name} has no division of compute", "use --law additive"
    if axes.data != "tokens":
        return (
            "the runs count samples, so their compute is not known",
            f"say how many tokens a sample holds: {tokens_of_samples(one.axes.runs)}",
        )
    middle = np.array([float(np.median(axes.columns["flops"]))])
    try:
        found = compute_optimal(one.law, _one(one), middle, ["params_opt"])["params_opt"][0]
    except FitError as error:
        return error.problem, "use another law with --law, or fit more runs"
    if not np.isfinite(found).all():
        return (
            f"the exponents of law {name} leave no compute-optimal size",
            "use another law with --law, or fit more runs",
        )
    if plans(one, middle)[0].params.is_open:
        return (
            f"these runs do not determine how law {name} divides compute between size and data",
            "add runs of other sizes at the same compute; `scaling-studies design` proposes them",
        )
    return None


def _one(one: FittedLaw) -> dict[str, np.ndarray]:
    return {name: np.array([value]) for name, value in one.fit.parameters.items()}


def optima(
    one: FittedLaw, sets: Mapping[str, np.ndarray], flops: np.ndarray
) -> dict[str, np.ndarray]:
    """Optimum of each set of parameters at each compute, field of `Plan` -> shape (B, m).

    Sets of parameters without an optimum give not-a-number.
    """
    rows = np.stack([np.atleast_1d(sets[key]) for key in one.law.parameter_names], axis=1)
    if one.law.name != "additive" and len(rows) > SEARCHED:
        rows = rows[:: len(rows) // SEARCHED]
    try:
        return _fields(one, rows, flops)
    except FitError:  # some set has no optimum, and which one must be asked one by one
        each = [_fields_of(one, row[None, :], flops) for row in rows]
        return {field: np.concatenate([found[field] for found in each]) for field in each[0]}


def _fields(one: FittedLaw, rows: np.ndarray, flops: np.ndarray) -> dict[str, np.ndarray]:
    sets = dict(zip(one.law.parameter_names, rows.T, strict=True))
    # A resample at a bound may have its optimum at no size at all.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = compute_optimal(one.law, sets, flops)
    return {field: found[name] for name, field in ALLOCATION_FIELDS.items()}


def _fields_of(one: FittedLaw, row: np.ndarray, flops: np.ndarray) -> dict[str, np.ndarray]:
    try:
        return _fields(one, row, flops)
    except FitError:
        return {field: np.full((1, len(flops)), np.nan) for field in ALLOCATION_FIELDS.values()}


def plans(one: FittedLaw, flops: np.ndarray) -> list[Plan]:
    """Best division of each compute, shape (m,)."""
    value, drawn = optima(one, _one(one), flops), optima(one, one.sets, flops)
    # Size, data and their ratio follow from one another.
    divided = one.known(lambda sets: optima(one, sets, flops)["params"], len(flops))
    reached = one.known(lambda sets: optima(one, sets, flops)["loss"], len(flops))
    known = {field: reached if field == "loss" else divided for field in value}
    return [
        Plan(
            float(compute),
            **{
                field: one.estimate(
                    value[field][0, number], drawn[field][:, number], bool(known[field][number])
                )
                for field in value
            },
        )
        for number, compute in enumerate(flops)
    ]


def reservations(one: FittedLaw, params: float, tokens: float) -> list[str]:
    """What must be said of a point: outside the ratios of the runs, or far beyond their compute."""
    said = []
    low, high = one.axes.ratios()
    ratio = tokens / params
    # A tenth beyond is no other regime.
    if ratio < 0.9 * low or ratio > 1.1 * high:
        said.append(
            f"outside the {words.span([low, high], 2)} tokens per parameter of the runs "
            f"({words.rough(ratio)})"
        )
    flops = FLOPS_PER_PARAMETER_TOKEN * params * tokens
    return said + far_from(flops, one.axes.columns["flops"], "compute")


def far_from(value: float, of_runs: np.ndarray, noun: str) -> list[str]:
    """What must be said of an amount that is far beyond, or below, those of the runs."""
    if value > FAR * of_runs.max():
        return [f"{words.rough(value / of_runs.max())} times the {noun} of the largest run"]
    if value < of_runs.min() / FAR:
        return [f"{words.rough(of_runs.min() / value)} times below the {noun} of the smallest run"]
    return []
