"""Noise-free tables that are hard to fit, for every law: the optimum is known, it is zero.

What makes them hard: few rows, axes of few levels or with one far row, sizes and data in a fixed
ratio, units from 1e-12 to 1e12, exponents near zero or very steep, terms a thousand times smaller
than others, breaks that are close, sharp, wide or outside the rows, and any objective.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hard_truths import HARD

import scaling_studies as ss
from scaling_studies.errors import FitError
from scaling_studies.models.law import Law

#: Root mean square residual, as a share of the spread of the response, at which a fit is solved.
SOLVED = 1e-6
#: Responses that vary less than this (relative) are rounding errors of a constant.
FLAT = 1e-6


@dataclass
class HardProblem:
    """A law, the parameters behind a table, the table, and what is asked of `fit`."""

    law: Law
    truth: dict[str, float]
    frame: dict[str, np.ndarray]
    objective: str
    delta: float
    fixed: dict[str, float]

    def fit(self, **options) -> ss.Fit:
        return ss.fit(
            self.law,
            self.frame,
            self.objective,
            self.delta,
            response=self.law.response,
            fixed=self.fixed,
            **options,
        )


def misfit(fit: ss.Fit) -> float:
    """Root mean square residual as a share of the response's spread, on the objective's scale."""
    response = fit.problem.response
    flat = np.full_like(response, np.median(response))
    spread = float(np.std(fit.objective.residuals(flat, response)))
    return float(np.sqrt(np.mean(fit.residuals() ** 2))) / spread


def outcome(problem: HardProblem, **options) -> str:
    """`solved`, `unsolved` (and said so) or `wrong` (said to be converged, and is not)."""
    fit = problem.fit(**options)
    if not fit.converged:
        return "unsolved"
    return "solved" if misfit(fit) <= SOLVED else "wrong"


def hard_problem(name: str, seed: int) -> HardProblem:
    """Problem number `seed` of a law."""
    law = ss.get_law(name)
    for attempt in range(200):
        rng = np.random.default_rng([seed, attempt])
        truth, frame = HARD[name](rng)
        try:
            with np.errstate(all="ignore"):
                response = law.value(truth, frame)
        except FitError:
            continue
        if not usable(response, name):
            continue
        objective, delta = draw_objective(rng, law, response)
        fixed = {}
        if rng.random() < 0.15:
            chosen = rng.choice(law.parameter_names)
            fixed = {str(chosen): truth[str(chosen)]}
        return HardProblem(law, truth, {**frame, law.response: response}, objective, delta, fixed)
    raise AssertionError(f"no usable problem {seed} of law {name}")


def usable(response: np.ndarray, name: str) -> bool:
    """Whether a response is finite, positive where the law is, and more than a constant."""
    if not np.isfinite(response).all():
        return False
    size = np.abs(response)
    if name != "change_point" and (size.min() < 1e-200 or size.max() > 1e200):
        return False
    positive = name == "change_point" or bool((response > 0).all())
    return positive and float(np.ptp(response)) > FLAT * float(size.max())


def draw_objective(rng: np.random.Generator, law: Law, response: np.ndarray) -> tuple[str, float]:
    """The law's own objective half of the time, otherwise any that the response allows."""
    names = ["squared", "huber"]
    if (response > 0).all():
        names += ["huber_log", "squared_log", "squared_relative", "squared_log1p"]
    own = law.objective if rng.random() < 0.5 else str(rng.choice(names))
    unit = float(np.std(response)) if own == "huber" else 1.0
    return own, unit * float(rng.choice([1e-4, 1e-3, 1e-2, 0.1]))
