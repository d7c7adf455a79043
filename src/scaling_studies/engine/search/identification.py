"""Whether the rows determine the parameters: conditioning, weak directions, rival optima."""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.objectives import residual_terms
from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.optimum import Optimum

#: Relative singular value below which a direction is not determined by the rows at all.
RANK_TOLERANCE = 1e-7
#: Curvature below this share of the largest makes a direction weak.
WEAK_SHARE = 1e-4
#: Share of the limit of an unknown parameter from which one is called weakly determined.
VAGUE_SHARE = 0.25
#: 95 % point of chi-square with one degree of freedom.
LIKELIHOOD_RATIO_95 = 3.841458820694124
#: Approximate standard error, as a factor exp(x) in a coefficient, beyond which it is unknown.
UNKNOWN_FACTOR = 3.0


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
) -> tuple[float, list[str], list[str], list[str], bool]:
    """Condition number, weak directions, unknown and vague parameters, and rank deficiency."""
    free = [i for i, at_bound in zip(problem.coordinates.free, held, strict=True) if not at_bound]
    names = [problem.law.parameters[i].name for i in free]
    if not names:
        return 1.0, [], [], [], False
    jacobian = residual_jacobian(problem, optimum.coordinates)[:, ~held]
    if not np.isfinite(jacobian).all():
        return float("inf"), [], names, [], True
    _, singular, vectors = np.linalg.svd(np.linalg.qr(jacobian, mode="r"), full_matrices=True)
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
    vague: list[str] = []
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
            elif error > VAGUE_SHARE * limit:
                vague.append(
                    f"{name} ({float(item.to_natural(value)):.3g}, "
                    + (
                        f"a factor of {np.exp(error):.2g} either way)"
                        if item.transform == "log"
                        else f"standard error about {error:.2g})"
                    )
                )
    condition = float(1.0 / relative[-1] ** 2) if relative[-1] > 0 else float("inf")
    return condition, weak, unknown, vague, deficient


def describe_direction(vector: np.ndarray, names: list[str]) -> str:
    """Text of a direction in parameter space, largest parts first."""
    order = np.argsort(-np.abs(vector), kind="stable")
    parts = [
        f"{vector[i]:+.2f} {names[i]}" for i in order if abs(vector[i]) > 0.1 * abs(vector).max()
    ]
    return " ".join(parts)


def identification_messages(
    problem: Problem,
    names: list[str],
    unknown: list[str],
    vague: list[str],
    deficient: bool,
    weak: list[str],
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
    if vague:
        messages.append(f"Weakly determined by these rows: {', '.join(vague)}.")
    if problem.size == len(names) and not deficient:
        messages.append("As many rows as parameters: the fit leaves nothing to judge it by.")
    for axis in problem.law.axes:
        if axis.text or not axis.positive:
            continue
        values = problem.axes[axis.name]
        decades = float(np.log10(values.max() / values.min()))
        if 0 < decades < 1.0 and (unknown or vague or deficient):
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


def rival_message(problem: Problem, optimum: Optimum) -> str:
    """State a second optimum that the rows cannot tell from the best one; empty without one."""
    if optimum.rival is None or problem.objective.fits_scale or optimum.objective <= 0:
        return ""
    ratio = optimum.rival_objective / optimum.objective
    # Twice the log-likelihood ratio with the dispersion profiled out; 3.84 is its 95 % point.
    if problem.size * np.log(ratio) > LIKELIHOOD_RATIO_95:
        return ""
    best, other = (
        problem.working(point[None, :])[0] for point in (optimum.coordinates, optimum.rival)
    )
    named = []
    for position in problem.coordinates.free:
        item = problem.law.parameters[position]
        if abs(best[position] - other[position]) > 0.1 * max(1.0, abs(best[position])) or (
            item.transform == "log" and abs(best[position] - other[position]) > 0.1
        ):
            here, there = item.to_natural(best[position]), item.to_natural(other[position])
            named.append(f"{item.name} {float(here):.4g} or {float(there):.4g}")
    if not named:
        return ""
    return (
        f"Not identified: another optimum is only {ratio - 1.0:.2g} (relative) higher, and these "
        f"rows cannot tell them apart ({', '.join(named)})."
    )
