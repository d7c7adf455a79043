"""What a fit can prove about its own optimum, in numbers and plain sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from scaling_studies.optimum import AGREEMENT, Optimum
from scaling_studies.problem import Problem

#: Relative singular value below which a direction is not determined by the rows at all.
RANK_TOLERANCE = 1e-7
#: Curvature below this share of the largest makes a direction weak.
WEAK_SHARE = 1e-4
#: Approximate standard error, as a factor exp(x) in a coefficient, beyond which it is unknown.
UNKNOWN_FACTOR = 3.0


@dataclass(frozen=True)
class Evidence:
    """Evidence of convergence and identification; only numbers, strings and booleans.

    Attributes
    ----------
    converged
        The optimum was confirmed: a Newton step predicts no further decrease, and the second
        optimiser found nothing lower (at a kink: cannot leave).
    identified
        The rows determine every free parameter.
    estimator
        Which estimator produced the parameters.
    starts, share_at_optimum
        Polished starts and the share that ended within 1e-6 of the best objective.
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
    """

    converged: bool
    identified: bool
    estimator: str
    starts: int
    share_at_optimum: float
    best_objective: float
    next_objective: float
    second_optimiser: str
    second_objective: float
    disagreement: float
    relative_decrement: float
    gradient_norm: float
    condition_number: float
    weak_directions: str
    active_bounds: str
    smooth: bool

    def as_dict(self) -> dict[str, float | int | str | bool]:
        """Plain dictionary, ready for JSON (not-a-number where something does not apply)."""
        return asdict(self)


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
    others = optimum.polished[optimum.polished > optimum.objective + AGREEMENT * size]
    disagreement = (optimum.second_objective - optimum.objective) / size
    active = active_bounds(problem, optimum.coordinates, optimum.gradient)
    held = np.isin(problem.coordinates.free, [position for position, _ in active])
    gradient = optimum.gradient[: len(held)][~held]
    condition, weak, unknown, deficient = identification(problem, optimum, held)
    settled = optimum.decrement <= 1e-8
    if not optimum.smooth:
        # On a kink the Newton decrement says little; that nothing lower is found does.
        settled = optimum.decrement <= 1e-6
        messages.append(
            "The objective is not smooth at this optimum (least absolute deviations in effect): "
            "the rows it passes through decide it, and derivatives there mean little."
        )
    confirmed = not np.isfinite(disagreement) or disagreement > -AGREEMENT
    perfect = size <= problem.size * 1e-25
    converged = bool((settled or perfect) and confirmed)
    if not converged:
        messages.append("Not converged: the optimum could not be confirmed.")
    if local:
        messages.append(
            "Started only from the starts given: a local optimum, nothing is claimed "
            "about the global one."
        )
    identified = not deficient and not unknown
    names = [problem.law.parameters[i].name for i in problem.coordinates.free]
    messages += identification_messages(problem, names, unknown, deficient, weak)
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
        best_objective=optimum.objective,
        next_objective=float(others[0]) if others.size else float("nan"),
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
    )
    return evidence, messages


def active_bounds(
    problem: Problem, coordinates: np.ndarray, gradient: np.ndarray
) -> list[tuple[int, str]]:
    """Parameters at a bound: (index, "lower" or "upper")."""
    found = []
    for column, position in enumerate(problem.coordinates.free):
        if coordinates[column] <= problem.coordinates.lower[column]:
            found.append((position, "lower"))
        elif coordinates[column] >= problem.coordinates.upper[column]:
            found.append((position, "upper"))
    return found


def residual_jacobian(problem: Problem, coordinates: np.ndarray) -> np.ndarray:
    """Differentiate the residuals by the coordinates (scale left out), shape (n, q)."""
    from scaling_studies.objectives import residual_terms

    working = problem.working(coordinates[None, :])
    parts = []
    for chunk in problem.chunks:
        evaluation = problem.law.model.evaluate(working, chunk.columns, 1)
        _, first, _ = residual_terms(
            problem.objective.residual, evaluation.value, chunk.response, 1
        )
        block = (evaluation.jacobian[0] * first).T
        if chunk.weights is not None:
            block = block * np.sqrt(chunk.weights)[:, None]
        parts.append(block)
    return np.concatenate(parts) @ problem.coordinates.directions


def identification(
    problem: Problem, optimum: Optimum, held: np.ndarray
) -> tuple[float, list[str], list[str], bool]:
    """Condition number, weak directions, parameters that stay unknown, and rank deficiency."""
    free = [i for i, at_bound in zip(problem.coordinates.free, held, strict=True) if not at_bound]
    names = [problem.law.parameters[i].name for i in free]
    if not names:
        return 1.0, [], [], False
    jacobian = residual_jacobian(problem, optimum.coordinates)[:, ~held]
    if not np.isfinite(jacobian).all():
        return float("inf"), [], names, True
    _, singular, vectors = np.linalg.svd(
        jacobian if len(jacobian) < 4096 else np.linalg.qr(jacobian, mode="r"),
        full_matrices=True,
    )
    singular = np.concatenate([singular, np.zeros(len(names) - len(singular))])
    largest = singular[0] or 1.0
    relative = singular / largest
    deficient = bool((relative < RANK_TOLERANCE).any())
    weak = [
        describe_direction(vectors[k], names)
        for k in range(len(names))
        if relative[k] ** 2 < WEAK_SHARE
    ]
    unknown: list[str] = []
    if not deficient and len(jacobian) > len(names):
        noise = 1.4826 * optimum.spread * np.sqrt(len(jacobian) / (len(jacobian) - len(names)))
        errors = noise * np.sqrt(((vectors.T / singular) ** 2).sum(axis=1))
        for name, position, error in zip(names, free, errors, strict=True):
            item = problem.law.parameters[position]
            value = problem.working(optimum.coordinates[None, :])[0, position]
            limit = UNKNOWN_FACTOR if item.transform == "log" else max(abs(value), 0.05)
            if item.linear and item.transform == "identity":
                limit = max(2.0, limit)
            if error > limit:
                unknown.append(name)
    condition = float(1.0 / relative[-1] ** 2) if relative[-1] > 0 else float("inf")
    return condition, weak, unknown, deficient


def describe_direction(vector: np.ndarray, names: list[str]) -> str:
    """Text of a direction in parameter space, largest parts first."""
    order = np.argsort(-np.abs(vector), kind="stable")
    parts = [
        f"{vector[i]:+.2f} {names[i]}" for i in order if abs(vector[i]) > 0.1 * abs(vector).max()
    ]
    return " ".join(parts)


def identification_messages(
    problem: Problem, names: list[str], unknown: list[str], deficient: bool, weak: list[str]
) -> list[str]:
    """Plain statements about rows that cannot determine the parameters."""
    messages = []
    distinct = distinct_rows(problem)
    if distinct < len(names):
        messages.append(
            f"Not identified: {distinct} distinct rows cannot determine {len(names)} parameters; "
            "the values returned are one of many equally good answers."
        )
    elif deficient:
        messages.append(
            "Not identified: a combination of parameters does not change the fit "
            f"({'; '.join(weak) or 'undetermined direction'})."
        )
    if unknown:
        messages.append(
            f"Hardly identified by these rows: {', '.join(unknown)} (the approximate standard "
            "error is as large as the value)."
        )
    if problem.size == len(names) and not deficient:
        messages.append("As many rows as parameters: the fit leaves nothing to judge it by.")
    for axis in problem.law.axes:
        if axis.text or not axis.positive:
            continue
        values = problem.axes[axis.name]
        decades = float(np.log10(values.max() / values.min()))
        if 0 < decades < 1.0 and (unknown or deficient):
            messages.append(f"{axis.name} spans only {decades:.2f} decades.")
        elif decades == 0:
            messages.append(f"{axis.name} has a single value: its exponent is not identified.")
    return messages


def distinct_rows(problem: Problem) -> int:
    """Count the different points in the axes, rows of zero weight left out."""
    kept = slice(None) if problem.weights is None else problem.weights > 0
    codes = [
        np.unique(
            values[kept].astype(str) if values.dtype == object else values[kept],
            return_inverse=True,
        )[1]
        for values in problem.axes.values()
    ]
    return len(np.unique(np.stack(codes, axis=1), axis=0))
