"""Change-point law of playing strength: plateau, incline, perfect play."""

from __future__ import annotations

import math

import numpy as np

from scaling_studies.models.autodiff import maximum, minimum
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = tuple(
    Parameter(name, meaning, of_response=True)
    for name, meaning in (
        ("incline_flops_slope", "Elo per decade of compute on the incline"),
        ("incline_board_slope", "Elo per unit of board size on the incline"),
        ("incline_constant", "Elo of the incline at the origin"),
        ("plateau_board_slope", "Elo per unit of board size on the plateau"),
        ("plateau_constant", "Elo of the plateau at the origin"),
    )
)


def _columns(axes):
    return {"log10_flops": np.log10(axes["flops"]), "board_size": axes["board_size"]}


def _formula(p, x):
    incline = (
        p.incline_flops_slope * x["log10_flops"]
        + p.incline_board_slope * x["board_size"]
        + p.incline_constant
    )
    plateau = p.plateau_board_slope * x["board_size"] + p.plateau_constant
    strength = maximum(incline, plateau)
    return minimum(strength, 0.0 * strength)


#: Directions of trial boundaries between plateau and incline, and how many of each are laid.
ANGLES, PLACES = 31, 24
#: Strength within this share of the range of perfect play is taken for perfect play: none or 2 %.
PERFECT_SHARES = (0.0, 0.02)
#: How often rows are assigned to a piece and the pieces fitted to them.
ASSIGNMENTS = 4


def _propose(axes, response, given):
    """Least squares on either side of trial boundaries between plateau and incline."""
    x = _columns(axes)
    compute, board = x["log10_flops"], x["board_size"]
    scaled = [(column - column.mean()) / max(column.std(), 1e-12) for column in (compute, board)]
    angles = np.linspace(-0.5, 0.5, ANGLES) * math.pi
    place = np.cos(angles)[:, None] * scaled[0] + np.sin(angles)[:, None] * scaled[1]
    ends = np.quantile(place, np.linspace(0.0, 0.95, PLACES), axis=1).T
    flat = np.unique((place[:, None, :] < ends[:, :, None]).reshape(-1, len(response)), axis=0)
    span = max(float(np.ptp(response)), 1e-12)
    imperfect = np.stack([response < -share * span for share in PERFECT_SHARES])
    flat, imperfect = np.repeat(flat, len(imperfect), axis=0), np.tile(imperfect, (len(flat), 1))
    one = np.ones_like(board)
    names = [item.name for item in PARAMETERS]
    above = dict(zip(names[:3], (compute, board, one), strict=True))
    below = dict(zip(names[3:], (board, one), strict=True))
    proposed = []
    for _ in range(ASSIGNMENTS):
        incline = _least_squares(above, response, ~flat & imperfect, given)
        plateau = _least_squares(below, response, flat & imperfect, given)
        # Without a plateau among the rows it lies below them all.
        absent, depth = ~flat.any(axis=1), 2.0 * response.min() - span
        if names[4] in given:
            plateau[absent, 0] = (depth - given[names[4]]) / max(float(board.min()), 1e-12)
        else:
            plateau[absent, 1] = depth
        proposed.append(np.column_stack([incline, plateau]))
        # A row then belongs to the piece that is the higher one there.
        flat = plateau @ np.stack([board, one]) > incline @ np.stack([compute, board, one])
    return np.unique(np.concatenate(proposed), axis=0)


def _least_squares(columns, response, rows, given):
    """Coefficients (G, T) of columns, each by least squares over rows (G, n) of its own."""
    answer = np.tile([given.get(name, 0.0) for name in columns], (len(rows), 1))
    free = [number for number, name in enumerate(columns) if name not in given]
    if not free:
        return answer
    basis = np.stack(list(columns.values()))
    target = response - answer[0] @ basis
    basis = basis[free]
    size = np.maximum(np.sqrt((basis**2).mean(axis=1)), 1e-12)
    basis = basis / size[:, None]
    gram = np.einsum("gn,tn,un->gtu", rows.astype(float), basis, basis, optimize=True)
    right = np.einsum("gn,tn,n->gt", rows.astype(float), basis, target, optimize=True)
    solved = np.linalg.pinv(gram, rcond=1e-12, hermitian=True) @ right[:, :, None]
    answer[:, free] = solved[:, :, 0] / size
    return answer


LAW = Law(
    name="change_point",
    title="Plateau, incline and perfect play",
    formula="Elo = min(max(m_f log10 C + m_b b + c, m_b' b + c'), 0)",
    citation="Jones 2021, arXiv 2104.03113, section 4",
    axes=(
        Axis("flops", "FLOP", "training compute C"),
        Axis("board_size", "cells along a side", "board size b"),
    ),
    response="elo",
    response_meaning="Elo relative to perfect play, base 10 / 400",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, _formula, columns=_columns),
    centring={
        "incline_constant": {
            "incline_flops_slope": lambda axes: np.log10(axes["flops"]),
            "incline_board_slope": lambda axes: axes["board_size"],
        },
        "plateau_constant": {"plateau_board_slope": lambda axes: axes["board_size"]},
    },
    derived={
        "flops_factor_per_board_size": lambda p: (
            10.0
            ** ((p["plateau_board_slope"] - p["incline_board_slope"]) / p["incline_flops_slope"])
        ),
        "perfect_play_flops_factor": lambda p: (
            10.0 ** (-p["incline_board_slope"] / p["incline_flops_slope"])
        ),
    },
    objective="squared",
    propose=_propose,
    starts=64,
    piecewise=True,
)
