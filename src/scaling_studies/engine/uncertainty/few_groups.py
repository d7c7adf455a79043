"""By how much draws of whole groups spread too little, where groups are few or weigh unequally.

A group with much to say of a parameter pulls the law towards itself, so that drawing groups shows
too small a spread; and that spread is known from fewer groups than there are (Bell and McCaffrey
2002; Imbens and Kolesar 2016; Pustejovsky and Tipton 2018).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scaling_studies.engine.result import Fit
from scaling_studies.engine.search.identification import RANK_TOLERANCE, residual_jacobian


class FewGroups(NamedTuple):
    """What draws of whole groups show of each parameter.

    Attributes
    ----------
    share
        Variance of the draws over that of the estimate, by free parameter, shape (q,).
    freedom
        Degrees of freedom of the variance of the draws, by free parameter, shape (q,).
    """

    share: np.ndarray
    freedom: np.ndarray

    @property
    def middle(self) -> tuple[float, int]:
        """Share and degrees of freedom, the medians: all parameters are moved together."""
        return float(np.median(self.share)), max(1, round(float(np.median(self.freedom))))


def few_groups(fit: Fit, codes: np.ndarray, count: int) -> FewGroups | None:
    """Spread of draws of groups, against rows that are in truth independent and alike.

    Parameters
    ----------
    fit
        A fit by minimisation.
    codes
        Group number of each row, 0 .. count - 1.
    count
        How many groups there are.

    Returns
    -------
    FewGroups or None
        None where the fit has no search, or the rows leave a direction open.

    Notes
    -----
    With Q an orthonormal basis of what the parameters can do to the residuals, and A_g the part of
    Q'Q that the rows of group g make, the scores of the groups along the direction of a parameter
    have the covariances W_gh = u'(A_g [g = h] - A_g A_h)u. Their trace is the share of the variance
    that drawn groups show, and Satterthwaite's degrees of freedom are (tr W)^2 / tr(W^2).
    """
    if fit.optimum is None or not fit.problem.width or len(codes) != fit.n:
        return None
    jacobian = residual_jacobian(fit.problem, fit.optimum.coordinates)
    if not np.isfinite(jacobian).all():
        return None
    basis, upper = np.linalg.qr(jacobian)
    singular = np.linalg.svd(upper, compute_uv=False)
    if len(singular) < fit.problem.width or singular[-1] <= RANK_TOLERANCE * singular[0]:
        return None
    width = basis.shape[1]
    products = [[basis[:, i] * basis[:, j] for j in range(width)] for i in range(width)]
    parts = np.array([[np.bincount(codes, item, count) for item in row] for row in products])
    parts = np.moveaxis(parts, 2, 0)
    coordinates = fit.problem.coordinates
    along = coordinates.directions[list(coordinates.free)] @ np.linalg.inv(upper)
    shares, freedom = [], []
    for direction in along / np.linalg.norm(along, axis=1, keepdims=True):
        pulls = parts @ direction
        own, lost = pulls @ direction, (pulls**2).sum(axis=1)
        square = float((own**2 - 2.0 * own * lost).sum() + ((pulls.T @ pulls) ** 2).sum())
        shares.append(float((own - lost).sum()))
        freedom.append(shares[-1] ** 2 / square if square > 0 else 1.0)
    return FewGroups(np.array(shares), np.array(freedom))
