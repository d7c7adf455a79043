"""What a fit can prove about its own optimum, in numbers and plain sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.identification import (
    active_bounds,
    identification,
    identification_messages,
    rival_message,
)
from scaling_studies.engine.search.optimum import Optimum
from scaling_studies.engine.search.rounds import AGREEMENT, starts_to_agree


@dataclass(frozen=True)
class Evidence:
    """Evidence of convergence and identification; only numbers, strings and booleans.

    Attributes
    ----------
    converged
        The optimum was confirmed: a Newton step predicts no further decrease, at least two
        independent starts ended there, and the second optimiser found nothing lower (at a kink:
        cannot leave). A perfect fit, whose residuals are rounding errors, confirms itself; with as
        many free parameters as rows, no other is confirmed.
    identified
        The rows determine every free parameter.
    estimator
        Which estimator produced the parameters.
    starts, share_at_optimum
        Polished starts and the share that ended within 1e-6 of the best objective.
    agreeing_starts
        How many of them ended there and were not laid around a point found before.
    best_objective, next_objective
        Lowest objective, and the lowest that is not the same within 1e-6 (nan when there is none).
    second_optimiser, second_objective, disagreement
        The independent optimiser, its objective, and (second - best) / best.
    relative_decrement
        Predicted relative decrease of another Newton step.
    gradient_norm
        Largest component of the gradient over the objective, coordinates at a bound left out.
    condition_number
        Of the information matrix in centred logs.
    weak_directions
        Combinations of parameters that the rows hardly determine, as text.
    active_bounds
        Parameters at a bound, as text.
    smooth
        Whether the objective is smooth at the optimum for practical purposes.
    local
        Whether starts were given, so that nothing is claimed about the global optimum.
    """

    converged: bool
    identified: bool
    estimator: str
    starts: int = 0
    share_at_optimum: float = np.nan
    agreeing_starts: int = 0
    best_objective: float = np.nan
    next_objective: float = np.nan
    second_optimiser: str = "none"
    second_objective: float = np.nan
    disagreement: float = np.nan
    relative_decrement: float = np.nan
    gradient_norm: float = np.nan
    condition_number: float = np.nan
    weak_directions: str = ""
    active_bounds: str = ""
    smooth: bool = True
    local: bool = False

    def as_dict(self) -> dict[str, float | int | str | bool]:
        """Plain dictionary, ready for JSON (not-a-number where something does not apply)."""
        return asdict(self)

    def summary(self) -> str:
        """One line for a reader."""
        if not self.starts:
            return f"estimator {self.estimator}"
        words = ["converged" if self.converged else "NOT CONVERGED"]
        words.append("identified" if self.identified else "NOT IDENTIFIED")
        words.append(f"{self.share_at_optimum:.0%} of {self.starts} starts agree")
        if np.isfinite(self.disagreement):
            words.append(f"{self.second_optimiser} agrees to {abs(self.disagreement):.1e}")
        return ", ".join(words)


def gather_evidence(
    problem: Problem, optimum: Optimum, estimator: str, local: bool
) -> tuple[Evidence, list[str]]:
    """Evidence and plain statements about an optimum.

    Parameters
    ----------
    problem, optimum
        What was fitted and the result.
    estimator
        Name for the record.
    local
        Whether starts were given, so that no claim about the global optimum is made.

    Returns
    -------
    tuple
        The evidence and the messages that a reader must see.
    """
    messages: list[str] = []
    size = abs(optimum.objective) + 1e-300
    perfect = optimum.perfect
    # Against a perfect fit (zero but for rounding) a relative difference means nothing.
    disagreement = (
        float("nan") if perfect else (optimum.second_objective - optimum.objective) / size
    )
    active = active_bounds(problem, optimum.coordinates, optimum.gradient)
    held = np.isin(problem.coordinates.free, [position for position, _ in active])
    gradient = optimum.gradient[: len(held)][~held]
    condition, weak, unknown, vague, deficient = identification(problem, optimum, held)
    stationary = optimum.decrement <= 1e-8
    if not optimum.smooth:
        # On a kink the Newton decrement says little; that nothing lower is found does.
        stationary = optimum.decrement <= 1e-6
        messages.append(
            "The objective is not smooth at this optimum (least absolute deviations in effect): "
            "the rows it passes through decide it, and derivatives there mean little."
        )
    confirmed = not np.isfinite(disagreement) or disagreement > -AGREEMENT
    # Starts that were given are a search of their own: one of them may be all there is.
    needed = starts_to_agree(problem, optimum.starts)
    alone = not (local or perfect) and optimum.agreeing < needed
    # A law with a parameter for each row mostly passes through them all: one that misses them has
    # more than one basin, and starts that agree on the wrong one prove little.
    free = len(problem.coordinates.free)
    missed = problem.size <= free and not (local or perfect)
    converged = bool((stationary or perfect) and confirmed and not (alone or missed))
    if missed:
        messages.append(
            f"Not converged: {problem.size} rows and {free} free parameters leave "
            "nothing to confirm an optimum by, and the law misses the rows."
        )
    elif alone:
        messages.append(
            f"Not converged: of {optimum.starts} starts {optimum.agreeing} ended at the lowest "
            f"objective found independently, and {needed} should, so that a lower one may exist."
        )
    elif not converged:
        messages.append("Not converged: the optimum could not be confirmed.")
    if local:
        messages.append(
            "Started only from the starts given: a local optimum, nothing is claimed "
            "about the global one."
        )
    ridge = rival_message(problem, optimum)
    if ridge:
        messages.append(ridge)
    identified = not deficient and not unknown and not ridge
    names = [problem.law.parameters[i].name for i in problem.coordinates.free]
    messages += identification_messages(problem, names, unknown, vague, deficient, weak)
    for position, side in active:
        item = problem.law.parameters[position]
        if item.linear and item.transform == "identity" and side == "lower":
            messages.append(
                f"{item.name} is at its lower bound: these rows do not ask for an asymptote, and "
                f"only an upper limit on {item.name} can be given."
            )
        else:
            messages.append(f"{item.name} is at its {side} bound.")
    evidence = Evidence(
        converged=converged,
        identified=bool(identified),
        estimator=estimator,
        starts=optimum.starts,
        share_at_optimum=optimum.share,
        agreeing_starts=optimum.agreeing,
        best_objective=optimum.objective,
        next_objective=optimum.rival_objective,
        second_optimiser=optimum.second_method,
        second_objective=optimum.second_objective,
        disagreement=float(disagreement),
        relative_decrement=optimum.decrement,
        gradient_norm=float(np.max(np.abs(gradient), initial=0.0) / size),
        condition_number=condition,
        weak_directions="; ".join(weak),
        active_bounds=", ".join(
            f"{problem.law.parameters[position].name} ({side})" for position, side in active
        ),
        smooth=bool(optimum.smooth),
        local=local,
    )
    return evidence, messages
