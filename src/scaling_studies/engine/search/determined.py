"""Which of many solutions of one problem their rows determine."""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.objectives import residual_terms
from scaling_studies.engine.problem import Problem
from scaling_studies.engine.search.identification import RANK_TOLERANCE, UNKNOWN_FACTOR

#: Solutions looked at together.
BLOCK = 64


def determined(problem: Problem, coordinates: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Whether the weighted rows of each solution determine its parameters.

    Parameters
    ----------
    problem
        What was solved.
    coordinates
        Solutions, shape (R, dimension).
    weights
        Weight of each row in each, shape (R, n).

    Returns
    -------
    numpy.ndarray of bool, shape (R,)
        As `identification.identification` judges one solution: no direction is without effect, and
        no parameter has an approximate standard error as large as what it is held against.
    """
    parts = [
        _block(problem, coordinates[start : start + BLOCK], weights[start : start + BLOCK])
        for start in range(0, len(coordinates), BLOCK)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=bool)


def _block(problem: Problem, coordinates: np.ndarray, weights: np.ndarray) -> np.ndarray:
    jacobians, residuals = [], []
    working = problem.working(coordinates)
    for chunk in problem.chunks:
        evaluation = problem.law.model.evaluate(working, chunk.columns, 1)
        residual, first, _ = residual_terms(
            problem.objective.residual, evaluation.value, chunk.response, 1
        )
        slope = np.broadcast_to(first, evaluation.value.shape)
        jacobians.append(evaluation.jacobian * slope[:, None, :])
        residuals.append(residual)
    jacobian = np.concatenate(jacobians, axis=2).transpose(0, 2, 1) @ problem.coordinates.directions
    residual = np.concatenate(residuals, axis=1)
    width = problem.width
    place = coordinates[:, :width]
    held = (place <= problem.coordinates.lower) | (place >= problem.coordinates.upper)
    scaled = jacobian * np.sqrt(weights)[:, :, None] * ~held[:, None, :]
    usable = np.isfinite(scaled).all(axis=(1, 2)) & np.isfinite(residual).all(axis=1)
    scaled[~usable] = 0.0
    # A coordinate at its bound is none of those that the rows have to determine.
    gram_root = np.concatenate([scaled, np.eye(width) * held[:, :, None]], axis=1)
    _, singular, vectors = np.linalg.svd(gram_root, full_matrices=False)
    free = singular.shape[1] - held.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        enough = singular[:, -1] / singular[:, 0] >= RANK_TOLERANCE
        rows = (weights > 0).sum(axis=1)
        spare = np.maximum(rows - free, 1)
        typical = np.array([
            np.median(np.abs(each[kept])) if kept.any() else np.nan
            for each, kept in zip(residual, weights > 0, strict=True)
        ])  # fmt: skip
        noise = 1.4826 * typical * np.sqrt(rows / spare)
        spread = np.sqrt(((vectors / singular[:, :, None]) ** 2).sum(axis=1))
        errors = np.where(held, 0.0, noise[:, None] * spread)
    known = (errors <= _limits(problem, working)).all(axis=1) | (rows <= free)
    return usable & enough & known


def _limits(problem: Problem, working: np.ndarray) -> np.ndarray:
    """Standard error of each free parameter from which it is unknown, shape (R, q)."""
    limits = np.empty((len(working), problem.width))
    for column, position in enumerate(problem.coordinates.free):
        item = problem.law.parameters[position]
        if item.transform == "log":
            limits[:, column] = UNKNOWN_FACTOR
            continue
        limits[:, column] = np.maximum(np.abs(working[:, position]), 0.05)
        if item.linear:
            limits[:, column] = np.maximum(limits[:, column], 2.0)
    return limits
