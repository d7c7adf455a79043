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


def _propose(axes, response):
    """Least squares on either side of trial boundaries between plateau and incline."""
    x = _columns(axes)
    compute, board = x["log10_flops"], x["board_size"]
    one = np.ones_like(board)
    span = max(float(np.ptp(response)), 1e-12)
    rows = []
    for slope in np.linspace(0.0, 2.0, 9):
        place = compute - slope * board
        for low in np.quantile(place, [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]):
            flat = place < low
            # ASSUME: strength within 2 % of the range of perfect play is perfect play.
            steep = ~flat & (response < -0.02 * span)
            if flat.sum() < 2 or steep.sum() < 3:
                continue
            incline = np.linalg.lstsq(
                np.stack([compute, board, one], axis=1)[steep], response[steep], rcond=None
            )[0]
            plateau = np.linalg.lstsq(
                np.stack([board, one], axis=1)[flat], response[flat], rcond=None
            )[0]
            rows.append([*incline, *plateau])
    if not rows:
        slope = span / max(float(np.ptp(compute)), 1e-12)
        rows.append([slope, 0.0, float(np.mean(response - slope * compute)), 0.0, -math.inf])
        rows[0][4] = float(response.min())
    return np.array(rows)


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
)
