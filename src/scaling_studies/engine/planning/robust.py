"""Small-sample inference for least squares whose rows need not have one variance.

Sandwich with the HC2 correction and the degrees of freedom of Bell and McCaffrey (Survey
Methodology 28, 2002; Imbens and Kolesár, Review of Economics and Statistics 98, 2016): the
variance is estimated without a model of the noise, and a t quantile with as many degrees of freedom
as that estimate has under equal variances pays for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: A direction whose singular value is below this share of the largest is not determined.
RANK_TOLERANCE = 1e-6
#: Fewest degrees of freedom of an estimated variance. Below it the moment match behind them is too
#: cautious: intervals cover 98 to 99 % instead of 95 (bench/compare.py).
FEWEST_DEGREES = 2.35
#: A contrast has this share or more of its length inside the determined directions, or none.
INSIDE = 1e-4


@dataclass(frozen=True)
class Contrast:
    """Standard error and degrees of freedom of a linear combination of parameters.

    Both are nan where the rows do not determine it.
    """

    error: float
    freedom: float

    def half_width(self, level: float) -> float:
        """Half width of the interval at a level; infinite where nothing is determined."""
        # A third of a second, which what does not infer can do without.
        from scipy.special import stdtrit

        if not np.isfinite([self.error, self.freedom]).all():
            return float("inf")
        return float(stdtrit(self.freedom, 0.5 + level / 2.0) * self.error)


def contrast_error(jacobian: np.ndarray, residuals: np.ndarray, contrast: np.ndarray) -> Contrast:
    """Sandwich error of ``contrast @ parameters``.

    Parameters
    ----------
    jacobian
        Derivatives of the residuals, shape (n, p); columns of zeros are parameters that are held.
    residuals
        Shape (n,).
    contrast
        Shape (p,).

    Examples
    --------
    >>> x = np.column_stack([np.ones(6), np.arange(6.0)])
    >>> noise = np.array([1.0, -1.0, 0.5, -0.5, 1.0, -1.0])
    >>> answer = contrast_error(x, noise, np.array([0.0, 1.0]))
    >>> round(answer.error, 3), round(answer.freedom, 2)
    (0.327, 2.41)
    """
    lengths = np.sqrt((jacobian**2).sum(axis=0))
    moved = lengths > 0
    scaled = jacobian[:, moved] / lengths[moved]
    wanted = contrast[moved] / lengths[moved]
    left, singular, right = np.linalg.svd(scaled, full_matrices=False)
    kept = singular > RANK_TOLERANCE * singular[0]
    inside = right[kept] @ wanted
    if (inside @ inside) < (1.0 - INSIDE) * (wanted @ wanted):
        return Contrast(float("nan"), float("nan"))
    left = left[:, kept]
    # Row i enters the estimate with this weight.
    rows = left @ (inside / singular[kept])
    leverage = np.minimum((left**2).sum(axis=1), 1.0 - 1e-9)
    corrected = rows / np.sqrt(1.0 - leverage)
    variance = float((corrected**2) @ residuals**2)
    # Under equal variances it is a weighted sum of squares of (I - H) noise.
    quadratic = corrected[:, None] * (np.eye(len(rows)) - left @ left.T) * corrected[None, :]
    trace, square = np.trace(quadratic), float((quadratic**2).sum())
    # Weights of a direction that the rows hardly touch overflow: nothing is known along it.
    if not (np.isfinite(square) and np.isfinite(variance) and square > 0):
        return Contrast(float("nan"), float("nan"))
    freedom = min(max(float(trace**2 / square), FEWEST_DEGREES), float(len(rows) - kept.sum()))
    return Contrast(float(np.sqrt(variance)), freedom)


def extra_columns_test(
    jacobian: np.ndarray, extra: np.ndarray, residuals: np.ndarray
) -> tuple[float, int]:
    """Test whether further columns would explain the residuals.

    Parameters
    ----------
    jacobian, extra
        Columns that were fitted, (n, p), and those that were not, (n, q).
    residuals
        Of the fit without them, shape (n,).

    Returns
    -------
    tuple
        p value and how many of the columns could be tried; 1 and 0 when none could. It is the
        larger one of the sandwich (HC3) F test, which is too ready to reject with a few runs of
        high leverage, and the equal-variance F test, which is with unequal noise.
    """
    from scipy.special import fdtrc  # see `Contrast.half_width`

    def orthogonal(columns: np.ndarray) -> np.ndarray:
        lengths = np.sqrt((columns**2).sum(axis=0))
        columns = columns[:, lengths > 0] / lengths[lengths > 0]
        left, singular, _ = np.linalg.svd(columns, full_matrices=False)
        return left[:, singular > RANK_TOLERANCE * singular.max(initial=0.0)]

    base = orthogonal(jacobian)
    rest = extra - base @ (base.T @ extra)
    lengths = np.sqrt((extra**2).sum(axis=0))
    rest = rest[:, lengths > 0] / lengths[lengths > 0]
    if not rest.size:
        return 1.0, 0
    left, singular, _ = np.linalg.svd(rest, full_matrices=False)
    tried = left[:, singular > RANK_TOLERANCE]
    count, spare = tried.shape[1], len(residuals) - base.shape[1] - tried.shape[1]
    if not count or spare < 1:
        return 1.0, 0
    effect = tried.T @ residuals
    remaining = residuals - tried @ effect
    leverage = (base**2).sum(axis=1) + (tried**2).sum(axis=1)
    remaining = remaining / np.maximum(1.0 - leverage, 1e-9)
    covariance = (tried * (remaining**2)[:, None]).T @ tried
    sandwich = float(effect @ np.linalg.pinv(covariance) @ effect) / count
    unexplained = float(residuals @ residuals - effect @ effect)
    equal = float(effect @ effect) / count / max(unexplained / spare, 1e-300)
    return float(fdtrc(count, spare, min(sandwich, equal))), count
