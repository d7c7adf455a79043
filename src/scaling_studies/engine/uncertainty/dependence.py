"""Whether rows of one label miss a law together: permutation tests, and components of variance.

Rows of one budget, size or run that miss the law together are no independent rows, whatever a
card says of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scaling_studies.engine.result import Fit
from scaling_studies.engine.search.identification import residual_jacobian

#: Random assignments of a test; its smallest probability is one over one more.
ASSIGNMENTS = 1999
#: Probability from which rows count as dependent, by either test: dozens of fits are tested.
SURE = 0.01
#: Residuals beyond so many robust deviations count as that far: one outlier makes no group.
CLIP = 3.0
#: Fewest rows for a test, fewest groups, and fewest rows a group in the mean.
FEWEST_ROWS, FEWEST_GROUPS, FEWEST_IN_A_GROUP = 10, 4, 1.5


@dataclass(frozen=True)
class Dependence:
    """How far rows of one group miss a law together.

    Attributes
    ----------
    label
        What makes the groups.
    groups
        How many there are.
    correlation
        Intra-class correlation of the clipped residuals (one-way analysis of variance).
    inflation
        Variance of the parameters when the rows of a group are taken together, over that when each
        is taken alone: the mean over the directions of the parameter space.
    probability
        The smaller of the probabilities of a correlation, and of an inflation, as large by chance.
    """

    label: str
    groups: int
    correlation: float
    inflation: float
    probability: float

    @property
    def found(self) -> bool:
        """Whether the rows of a group are dependent."""
        return self.probability <= SURE


def dependence(fit: Fit, labels: np.ndarray, label: str = "group") -> Dependence:
    """Test the rows of a fit for what those of one label have in common.

    Parameters
    ----------
    fit
        A fit.
    labels
        Label of each row, shape (n,).
    label
        What the labels are, for readers.

    Notes
    -----
    Two tests with fixed seeds. The intra-class correlation of the residuals is compared with that
    of `ASSIGNMENTS` permutations of them. Scores (residuals times what each row says of the
    parameters) are summed over groups, and the sums' squares compared with those under random
    signs of the rows: residuals that swing within a budget from one side to the other are not
    alike, and yet move an exponent together.
    """
    rows = fit.n
    _, codes, counts = np.unique(labels.astype(str), return_inverse=True, return_counts=True)
    member = (codes[:, None] == np.arange(len(counts))).astype(float)
    rng = np.random.Generator(np.random.Philox(key=rows))
    values = clipped(-fit.residuals())
    drawn = np.stack([values, *(rng.permutation(values) for _ in range(ASSIGNMENTS))])
    between = ((drawn @ member) ** 2 / counts).sum(axis=1)
    size = (rows - (counts**2).sum() / rows) / (len(counts) - 1)
    mean_between = between[0] / (len(counts) - 1)
    mean_within = (float((values**2).sum()) - between[0]) / max(rows - len(counts), 1)
    scale = mean_between + (size - 1.0) * mean_within
    correlation = float((mean_between - mean_within) / scale) if scale > 0 else 0.0
    probability, inflation = chance_of_first(between), 1.0
    scores = row_scores(fit)
    if scores is not None:
        signs = np.ones((1 + ASSIGNMENTS, rows))
        signs[1:] = rng.choice([-1.0, 1.0], (ASSIGNMENTS, rows))
        together = np.zeros(1 + ASSIGNMENTS)
        for column in scores.T:
            together += (((signs * column) @ member) ** 2).sum(axis=1)
        inflation = float(together[0] / (scores**2).sum())
        probability = min(probability, chance_of_first(together))
    return Dependence(label, len(counts), correlation, inflation, probability)


def chance_of_first(statistics: np.ndarray) -> float:
    """Share of some statistics as large as the first of them, itself included."""
    # Rounding must not order equal assignments.
    return float((statistics >= statistics[0] * (1.0 - 1e-12)).mean())


def row_scores(fit: Fit) -> np.ndarray | None:
    """What each row says of each direction of the parameters, shape (n, q); None without a search.

    Directions are those in which the information of the rows is one.
    """
    leverage = row_leverage(fit)
    if leverage is None:
        return None
    residuals = fit.residuals()
    slope = np.sign(residuals) if fit.objective.fits_scale else fit.objective.loss(residuals)[1]
    weights = 1.0 if fit.problem.weights is None else np.sqrt(fit.problem.weights)
    return leverage * (weights * slope)[:, None]


def row_leverage(fit: Fit) -> np.ndarray | None:
    """Orthonormal basis of what the parameters can do to the residuals, shape (n, q)."""
    if fit.optimum is None or not fit.problem.width:
        return None
    jacobian = residual_jacobian(fit.problem, fit.optimum.coordinates)
    return np.linalg.qr(jacobian)[0] if np.isfinite(jacobian).all() else None


def clipped(residuals: np.ndarray) -> np.ndarray:
    """Residuals about their mean, in robust deviations, those of outliers cut off."""
    centred = residuals - np.median(residuals)
    spread = 1.4826 * float(np.median(np.abs(centred))) or float(np.std(centred)) or 1.0
    cut = np.clip(centred / spread, -CLIP, CLIP)
    return cut - cut.mean()


def strongest(fit: Fit, labels: Mapping[str, np.ndarray]) -> Dependence | None:
    """The label whose groups depend most, of those for which a test finds it; None without one.

    Labels that make too few groups, or groups of hardly more than one row, are not tried.
    """
    if fit.n < FEWEST_ROWS:
        return None
    found = []
    for label, values in labels.items():
        groups = len(set(values.astype(str).tolist()))
        if groups >= FEWEST_GROUPS and fit.n >= FEWEST_IN_A_GROUP * groups:
            tried = dependence(fit, values, label)
            found += [tried] if tried.found else []
    return max(found, key=lambda item: item.inflation, default=None)


def freedom_between(fit: Fit, codes: np.ndarray, count: int) -> float:
    """Degrees of freedom of the means of groups: groups less the parameters that use them up.

    These are the trace of the projection on what the law can do, within that on the groups; one
    (the mean) where the fit has no search to tell.
    """
    leverage = row_leverage(fit)
    if leverage is None or len(leverage) != len(codes):
        return count - 1.0
    sizes = np.bincount(codes, minlength=count)
    sums = np.stack([np.bincount(codes, column, count) for column in leverage.T], axis=1)
    return count - float((sums**2 / sizes[:, None]).sum())


class Components(NamedTuple):
    """Deviations of residuals between and within groups, and degrees of freedom of the former."""

    between: float
    within: float
    freedom: int


def components(fit: Fit, codes: np.ndarray, count: int) -> Components:
    """Components of variance of the residuals of a fit, for groups of rows.

    Parameters
    ----------
    fit
        A fit by minimisation.
    codes
        Group number of each row, 0 .. count - 1.
    count
        How many groups there are.

    Notes
    -----
    Means of groups have the degrees of freedom of `freedom_between`.
    """
    sizes = np.bincount(codes, minlength=count)
    residuals = -fit.residuals()
    means = np.bincount(codes, residuals, count) / sizes
    freedom = freedom_between(fit, codes, count)
    if round(freedom) < 1:
        return Components(0.0, 0.0, 0)
    within_freedom = max(fit.n - fit.problem.width - freedom, 1.0)
    within = float(((residuals - means[codes]) ** 2).sum()) / within_freedom
    between = float((sizes * means**2).sum()) / freedom
    each = (fit.n - (sizes**2).sum() / fit.n) / (count - 1)
    shared = max(0.0, (between - within) / each)
    return Components(float(np.sqrt(shared)), float(np.sqrt(within)), round(freedom))
