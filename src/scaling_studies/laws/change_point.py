"""Change-point law of playing strength: plateau, incline, perfect play."""

from __future__ import annotations

import math

import numpy as np

from scaling_studies.models.autodiff import maximum, minimum
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = (
    Parameter("incline_flops_slope", "Elo per decade of compute on the incline"),
    Parameter("incline_board_slope", "Elo per unit of board size on the incline"),
    Parameter("incline_constant", "Elo of the incline at the origin"),
    Parameter("plateau_board_slope", "Elo per unit of board size on the plateau"),
    Parameter("plateau_constant", "Elo of the plateau at the origin"),
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
ANGLES, PLACES = 15, 12
#: Strength within this share of the range of perfect play is taken for perfect play: none or 2 %.
PERFECT_SHARES = (0.0, 0.02)


def _propose(axes, response):
    """Least squares on either side of trial boundaries between plateau and incline."""
    x = _columns(axes)
    columns = np.stack([x["log10_flops"], x["board_size"]])
    middle, width = columns.mean(axis=1), np.maximum(columns.std(axis=1), 1e-12)
    compute, board = (columns - middle[:, None]) / width[:, None]
    angles = np.linspace(-0.5, 0.5, ANGLES) * math.pi
    place = np.cos(angles)[:, None] * compute + np.sin(angles)[:, None] * board
    ends = np.quantile(place, np.linspace(0.0, 0.9, PLACES), axis=1).T
    flat = (place[:, None, :] < ends[:, :, None]).reshape(-1, len(response))
    span = max(float(np.ptp(response)), 1e-12)
    imperfect = np.stack([response < -share * span for share in PERFECT_SHARES])
    flat, imperfect = np.repeat(flat, len(imperfect), axis=0), np.tile(imperfect, (len(flat), 1))
    one = np.ones_like(board)
    incline = _least_squares(np.stack([compute, board, one]), response, ~flat & imperfect)
    plateau = _least_squares(np.stack([board, one]), response, flat & imperfect)
    # Without a plateau among the rows it lies below them all.
    plateau[~flat.any(axis=1), 1] = 2.0 * response.min() - span
    slopes = incline[:, :2] / width
    return np.column_stack(
        [
            slopes,
            incline[:, 2] - slopes @ middle,
            plateau[:, 0] / width[1],
            plateau[:, 1] - plateau[:, 0] * middle[1] / width[1],
        ]
    )


def _least_squares(columns: np.ndarray, response: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Coefficients (G, T) of columns (T, n), each by least squares over rows (G, n) of its own."""
    gram = np.einsum("gn,tn,un->gtu", rows.astype(float), columns, columns, optimize=True)
    right = np.einsum("gn,tn,n->gt", rows.astype(float), columns, response, optimize=True)
    return (np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ right[:, :, None])[:, :, 0]


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
    piecewise=True,
)
