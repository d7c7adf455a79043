"""Which runs to train next, so that an answer at larger compute becomes as certain as it can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scaling_studies import words
from scaling_studies.engine.planning.independence import why_dependent
from scaling_studies.engine.planning.plain import json_safe
from scaling_studies.engine.planning.planner import Planner
from scaling_studies.engine.planning.posterior import draw_laws, log_lowest, log_optimum
from scaling_studies.errors import FitError
from scaling_studies.models.columns import read_column

TARGETS = {"optimum": log_optimum, "loss": log_lowest}
#: Tokens per parameter of candidates: within what models are trained at.
RATIOS = (2.0, 500.0)
#: Candidates: computes down from the budget, ratios at each, and the smallest share of the budget.
COMPUTES, RATIO_STEPS, SMALLEST_SHARE = 16, 13, 1e-3
#: Most runs proposed: more small ones than this are seldom worth their trouble.
MOST_RUNS = 20


@dataclass(frozen=True)
class NextRun:
    """One proposed run: size, data, compute, and the target's expected interval after it.

    ``factor`` is the upper end of the interval over its lower one, once this run and those before
    it are there.
    """

    params: float
    tokens: float
    flops: float
    factor: float


@dataclass(frozen=True)
class Design:
    """Runs that narrow an answer.

    Attributes
    ----------
    target
        ``optimum`` (the compute-optimal size) or ``loss`` (the lowest loss).
    at_flops
        Compute at which it is wanted.
    budget
        Given compute.
    runs
        Proposed runs, the most telling first.
    factor_before, factor_after
        Upper end of the target's 95 % interval over its lower end, now and after all runs: medians
        over the laws that the runs so far allow.
    noise
        Relative noise of the loss that was expected.
    warnings
        What a reader must know.

    Examples
    --------
    >>> params = np.repeat([1e7, 3e7, 1e8, 3e8], 3)
    >>> tokens = params * np.tile([10.0, 30.0, 100.0], 4)
    >>> loss = 1.8 + 400 * params**-0.34 + 1200 * tokens**-0.31
    >>> runs = {"params": params, "tokens": tokens, "loss": loss}
    >>> answer = design(runs, budget=1e20)
    >>> sum(run.flops for run in answer.runs) <= 1e20
    True
    >>> answer.factor_after < 0.8 * answer.factor_before
    True
    """

    target: str
    at_flops: float
    budget: float
    runs: tuple[NextRun, ...]
    factor_before: float
    factor_after: float
    noise: float
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return json_safe(asdict(self) | {"warnings": list(self.warnings)})

    def lines(self) -> list[str]:
        """Sentences for people."""
        what = "compute-optimal size" if self.target == "optimum" else "lowest loss"
        total = sum(run.flops for run in self.runs)
        groups: dict[tuple[float, float], int] = {}
        for run in self.runs:
            groups[run.params, run.tokens] = groups.get((run.params, run.tokens), 0) + 1
        return [
            f"{words.count_of(len(self.runs), 'run')} of {words.number(total, 3)} FLOP in all "
            f"narrow the 95 % interval of the {what} at {words.number(self.at_flops, 2)} FLOP from "
            f"a factor of {_factor(self.factor_before)} to {_factor(self.factor_after)}.",
            *(
                f"{f'{count} times ' if count > 1 else ''}{words.rough(params)} parameters on "
                f"{words.rough(tokens)} tokens ({words.rough(tokens / params)} per parameter, "
                f"{words.rough(6.0 * params * tokens)} FLOP{' each' if count > 1 else ''})"
                for (params, tokens), count in groups.items()
            ),
            *self.warnings,
        ]


def _factor(value: float) -> str:
    return words.number(value, 3) if value < 1e4 else "more than 10,000"


def design(
    frame: Mapping[str, np.ndarray],
    budget: float,
    target: str = "optimum",
    *,
    at_flops: float | None = None,
    max_params: float | None = None,
    most_runs: int = MOST_RUNS,
    noise: float | None = None,
    response: str = "loss",
    seed: int = 0,
) -> Design:
    """Choose the next runs within a budget.

    Parameters
    ----------
    frame
        Runs so far: columns ``params``, ``tokens`` and the response.
    budget
        Compute for all new runs together, FLOP (6ND).
    target
        ``optimum`` (compute-optimal size) or ``loss`` (lowest loss).
    at_flops
        Compute at which the target is wanted; ten times the budget when None.
    max_params
        Largest size that can be trained, or None.
    most_runs
        Most runs to propose.
    noise
        Relative noise of the loss from seed to seed; from the runs and a weak prior when None.
    response
        Column of the loss.
    seed
        Of the draws of plausible laws.

    Returns
    -------
    Design

    Raises
    ------
    FitError
        A budget, target or column that cannot be used.

    Notes
    -----
    Laws that the runs and a weak prior allow are drawn (`posterior.draw_laws`). For each law, the
    variance of the target after further runs follows from the Fisher information of the additive
    law by the delta method. Runs of a grid over compute and tokens per parameter are taken
    greedily and then exchanged one by one as long as the mean log variance falls. A design for one
    law is known to rest on few points (Elfving, Annals of Mathematical Statistics 23, 1952);
    averaging over laws spreads it.

    Examples
    --------
    >>> ladder = {"params": np.geomspace(1e7, 3e8, 6)}
    >>> ladder["tokens"] = 20 * ladder["params"]
    >>> ladder["loss"] = 1.8 + 400 * ladder["params"]**-0.34 + 1200 * ladder["tokens"]**-0.31
    >>> design(ladder, budget=1e20).warnings[0]
    'Size and data of the runs so far rise together: what is known of them comes from a prior.'
    """
    if target not in TARGETS:
        raise FitError(
            f"unknown target {target!r}",
            fix=words.suggest(target, TARGETS, f"use one of {', '.join(TARGETS)}"),
        )
    for name, value in (
        ("budget", budget),
        ("at_flops", at_flops),
        ("max_params", max_params),
        ("noise", noise),
    ):
        if value is not None and not (np.isfinite(value) and value > 0):
            raise FitError(f"{name} must be finite and above zero", fix="give another number")
    if most_runs < 1:
        raise FitError("most_runs must be at least one", fix="give a larger number")
    logs = np.log(
        np.stack([read_column(frame, name, positive=True) for name in ("params", "tokens")])
    )
    loss = read_column(frame, response, positive=True)
    if len(loss) < 3:
        raise FitError(f"{len(loss)} runs say too little about the next", fix="give at least 3")
    centre = logs.mean(axis=1)
    points, expected = draw_laws(logs, loss, centre, seed=seed)
    spread = expected if noise is None else float(noise)
    at = 10.0 * budget if at_flops is None else float(at_flops)
    candidates, costs = candidate_runs(logs, budget, max_params)
    planner = Planner(points, logs, candidates, centre, loss, spread, TARGETS[target], at)
    chosen = planner.choose(costs, budget, most_runs)
    before = planner.factor([])
    runs = planner.ordered(chosen)
    made = tuple(
        NextRun(
            float(np.exp(candidates[0, place])),
            float(np.exp(candidates[1, place])),
            float(costs[place]),
            planner.factor(runs[: number + 1]),
        )
        for number, place in enumerate(runs)
    )
    return Design(
        target=target,
        at_flops=at,
        budget=float(budget),
        runs=made,
        factor_before=before,
        factor_after=made[-1].factor if made else before,
        noise=spread,
        warnings=tuple(remarks(logs, at)),
    )


def candidate_runs(
    logs: np.ndarray, budget: float, max_params: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of size and data of candidates, shape (2, m), and their compute, shape (m,)."""
    smallest = max(
        SMALLEST_SHARE * budget, min(6.0 * float(np.exp(logs.sum(axis=0).min())), budget)
    )
    computes = np.geomspace(smallest, budget, COMPUTES)
    ratios = np.geomspace(*RATIOS, RATIO_STEPS)
    flops, ratio = (grid.ravel() for grid in np.meshgrid(computes, ratios))
    params = np.sqrt(flops / 6.0 / ratio)
    if max_params is not None:
        # The largest size that is allowed is itself a candidate at each compute.
        flops = np.concatenate([flops, computes])
        params = np.concatenate([params, np.full(COMPUTES, max_params)])
        kept = params <= max_params
        tokens = flops / 6.0 / params
        kept &= (tokens / params >= RATIOS[0]) & (tokens / params <= 4.0 * RATIOS[1])
        flops, params = flops[kept], params[kept]
        if not len(flops):
            raise FitError(
                "no run of that size uses a useful part of the budget",
                fix="raise max_params or lower the budget",
            )
    return np.log(np.stack([params, flops / 6.0 / params])), flops


def remarks(logs: np.ndarray, at_flops: float) -> list[str]:
    """Warnings about the runs so far and the reach of the target."""
    said = []
    if why_dependent(*np.exp(logs)):
        said.append(
            "Size and data of the runs so far rise together: what is known of them comes from a "
            "prior."
        )
    largest = 6.0 * float(np.exp(logs.sum(axis=0).max()))
    if at_flops > 100.0 * largest:
        said.append(
            f"The target lies {words.rough(at_flops / largest)} times beyond the compute of the "
            "largest run so far."
        )
    return said
