"""Runs made from theory: a perceptron learns from a teacher's hardest examples.

Inputs are Gaussian, labels the signs of a teacher's output; kept are the examples that lie nearest
to the teacher's boundary, and the student is the perceptron of largest margin on them. Its error
on new examples is the angle between both, so no test set is drawn.

Source: Sorscher et al. (2022), a teacher's own margin as score. The theory for many inputs is taken
from Gordon's comparison of Gaussian processes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq, nnls
from scipy.special import ndtr, ndtri

from scaling_studies.errors import TableError
from scaling_studies.sources.simulated import mean_and_error, require_design, to_digits

#: Largest relative gap between a student's squared norm and the bound that certifies it.
GAP = 1e-10


def extract(
    paths: dict[str, Path], *, seed: int, inputs: int, draws: int, designs: dict[str, Any]
) -> dict[str, pd.DataFrame]:
    """Return the errors of students.

    Parameters
    ----------
    paths
        None: the runs are made here.
    seed
        Of the random numbers; every row has a stream of its own.
    inputs, draws
        Inputs of the perceptrons, which are their parameters, and draws of each row.
    designs
        By name: ``kept``, kept examples a parameter, and ``of``, among how many times as many they
        are the hardest, one number or one for each of ``kept``.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``errors``: design, kept, candidates, error, standard_error, theory.

    Raises
    ------
    TableError
        When a design cannot be run, or a student is not certified.
    """
    rows = []
    for name, design in designs.items():
        require_design(f"designs.{name}", design, {"kept": (1, 100), "of": (1, 100_000)})
        pools = design["of"] if isinstance(design["of"], list) else [design["of"]]
        pools = pools * len(design["kept"]) if len(pools) == 1 else pools
        if len(pools) != len(design["kept"]):
            raise TableError(
                f"option 'designs.{name}.of' has {len(pools)} numbers for {len(design['kept'])}",
                fix="give one number, or as many as `kept` has",
            )
        for kept, pool in zip(design["kept"], pools, strict=True):
            random = np.random.default_rng([seed, kept, pool])
            drawn = [
                error_of(student(hardest(inputs, kept * inputs, pool, random)))
                for _ in range(draws)
            ]
            row = (*mean_and_error(drawn), to_digits(error_in_theory(kept, 1.0 / pool)))
            rows.append((name, kept, kept * pool, *row))
    columns = ["design", "kept", "candidates", "error", "standard_error", "theory"]
    return {"errors": pd.DataFrame(rows, columns=columns)}


def hardest(inputs: int, count: int, pool: int, random: np.random.Generator) -> np.ndarray:
    """Examples times their labels, the hardest of ``pool`` times as many; shape (count, inputs).

    The teacher is the first axis. What lies across it is independent of the margin, so it is drawn
    for the kept examples alone.
    """
    margins = np.abs(random.standard_normal(count * pool))
    kept = np.sort(np.partition(margins, count - 1)[:count])
    return np.column_stack([kept, random.standard_normal((count, inputs - 1))])


def student(signed: np.ndarray) -> np.ndarray:
    """Weights of least norm with margins of at least one, certified by duality.

    Parameters
    ----------
    signed
        Examples times their labels, shape (count, inputs), which a perceptron can separate.

    Raises
    ------
    TableError
        When the squared norm is not within `GAP` of the bound from the multipliers.

    Notes
    -----
    Least distance programming by non-negative least squares (Lawson and Hanson, 1974, ch. 23).
    """
    count, inputs = signed.shape
    system = np.vstack([signed.T, np.ones(count)])
    held = np.flatnonzero(nnls(system, np.append(np.zeros(inputs), 1.0))[0])
    # The search says which examples hold the margin; from these follow weights to all digits.
    weights = np.linalg.lstsq(signed[held], np.ones(len(held)), rcond=None)[0]
    multipliers = np.maximum(np.linalg.lstsq(signed[held].T, weights, rcond=None)[0], 0.0)
    least = float((signed @ weights).min())
    # Of weights of margin one |w|² is no less than (Σu)²/|Zᵀu|², whatever u without a negative.
    bound = multipliers.sum() / np.linalg.norm(signed[held].T @ multipliers)
    gap = (np.linalg.norm(weights) / (least * bound)) ** 2 - 1.0 if least > 0.0 else np.inf
    if not gap < GAP:
        raise TableError(
            f"a student on {count} examples is certified to {gap:.1e} only",
            fix="give fewer inputs or fewer kept examples",
        )
    return weights / least


def error_of(weights: np.ndarray) -> float:
    """Share of new examples that student and teacher (the first axis) tell apart."""
    return float(np.arctan2(np.linalg.norm(weights[1:]), weights[0]) / np.pi)


def error_in_theory(kept: float, share: float) -> float:
    """Error for endless inputs, of ``kept`` examples a parameter, the hardest ``share`` of all.

    The margin of the student is c/√(1 + t²), largest where kept · E[F(c − t s)] = 1, with
    F(m) = (1 + m²)Φ(m) + m φ(m), s the teacher's margin and t the cotangent of the angle.
    """
    end = float(ndtri((1.0 + share) / 2.0)) if share < 1.0 else 9.0
    nodes, weights = np.polynomial.legendre.leggauss(400)
    margins = (nodes + 1.0) * end / 2.0
    density = weights * np.exp(-(margins**2) / 2.0)
    density /= density.sum()

    def level_of(slope: float) -> float:
        def surplus(level: float) -> float:
            at = level - slope * margins
            return kept * float(density @ ((1.0 + at**2) * ndtr(at) + at * _normal(at))) - 1.0

        return float(brentq(surplus, -60.0, slope * end + 60.0, xtol=1e-13))

    def margin(log_slope: float) -> float:
        slope = float(np.exp(log_slope))
        return level_of(slope) / float(np.hypot(1.0, slope))

    def steepness(log_slope: float) -> float:
        # Zero where the margin is largest: found as a root, it has all its digits.
        slope = float(np.exp(log_slope))
        level = level_of(slope)
        at = level - slope * margins
        pull = density * (at * ndtr(at) + _normal(at))
        return float(pull @ margins / pull.sum()) * (1.0 + slope**2) - level * slope

    grid = np.linspace(-4.0, 12.0, 161)
    best = int(np.argmax([margin(at) for at in grid]))
    return float(np.arctan(np.exp(-brentq(steepness, *grid[[best - 1, best + 1]]))) / np.pi)


def _normal(at: np.ndarray) -> np.ndarray:
    """Density of the standard normal distribution."""
    return np.exp(-(at**2) / 2.0) / np.sqrt(2.0 * np.pi)
