"""Which quantities the rows of a fit determine, and which lie along a direction they leave open."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from scaling_studies.engine.result import Fit
from scaling_studies.engine.search.identification import (
    RANK_TOLERANCE,
    active_bounds,
    residual_jacobian,
)
from scaling_studies.errors import FitError
from scaling_studies.models.law import Law

#: Standard deviation along a direction, in working coordinates, from which the rows leave it open:
#: a factor of e^3 either way in a coefficient, three in an exponent.
OPEN_DEVIATION = 3.0
#: Change of a quantity along an open direction, relative to itself, that makes it open too.
MOVES = 1e-3

#: Step along a direction.
STEP = 1e-3

#: Function of parameters (name -> array of shape (R,)) -> values of shape (R,).
QuantityFunction = Callable[[Mapping[str, np.ndarray]], np.ndarray]


def undetermined_directions(fit: Fit) -> np.ndarray:
    """Directions of the working coordinates that the rows leave open, shape (k, p).

    A direction along which residuals do not change at all, or so little that their scatter leaves
    it open by `OPEN_DEVIATION`; and the way to a second optimum that the rows cannot tell from the
    first. A bootstrap that starts at the optimum hardly moves along any of them.
    """
    problem, optimum = fit.problem, fit.optimum
    none = np.empty((0, len(problem.law.parameters)))
    if optimum is None or not problem.width:
        return none
    held = np.isin(
        problem.coordinates.free,
        [position for position, _ in active_bounds(problem, optimum.coordinates, optimum.gradient)],
    )
    jacobian = residual_jacobian(problem, optimum.coordinates)[:, ~held]
    if not jacobian.shape[1]:
        return none
    if not np.isfinite(jacobian).all():
        return problem.coordinates.directions[:, ~held].T
    _, singular, vectors = np.linalg.svd(np.linalg.qr(jacobian, mode="r"), full_matrices=True)
    singular = np.concatenate([singular, np.zeros(len(vectors) - len(singular))])
    open_ones = singular <= RANK_TOLERANCE * singular[0]
    freedom = len(jacobian) - len(vectors)
    if freedom > 0:
        noise = 1.4826 * optimum.spread * np.sqrt(len(jacobian) / freedom)
        open_ones |= noise > OPEN_DEVIATION * singular
    return vectors[open_ones] @ problem.coordinates.directions[:, ~held].T


def moves(
    law: Law,
    parameters: Mapping[str, float],
    directions: np.ndarray,
    quantity: QuantityFunction,
) -> bool:
    """Whether a quantity changes along any of some directions, a small step either way."""
    if not len(directions):
        return False
    centre = law.to_working(parameters)
    # A coefficient of zero (a term that is switched off) has no logarithm to move.
    steps = np.where(np.isfinite(centre), directions, 0.0) * STEP
    points = np.concatenate([centre[None, :], centre + steps, centre - steps])
    with np.errstate(all="ignore"):
        values = np.asarray(quantity(law.to_natural(points)), dtype=float)
    if not np.isfinite(values[0]):
        return True
    change = np.nan_to_num(np.abs(values[1:] - values[0]), nan=np.inf)
    return bool((change > MOVES * STEP * max(abs(float(values[0])), 1e-300)).any())


def is_determined(fit: Fit, quantity: str | QuantityFunction) -> bool:
    """Whether the rows of a fit determine a quantity, even where they leave others open.

    Parameters
    ----------
    fit
        A fit.
    quantity
        A parameter, a derived quantity of the law, or a function of the parameters (name -> array
        of shape (R,)) that returns an array of shape (R,).

    Returns
    -------
    bool
        False where it changes along a direction that the rows leave open
        (`undetermined_directions`): its interval is open, however narrow its resamples are.

    Examples
    --------
    >>> import numpy as np
    >>> import scaling_studies as ss
    >>> n = np.geomspace(1e7, 1e9, 8)
    >>> loss = 2.0 + 400 * n**-0.34
    >>> fit = ss.fit("kaplan", {"params": n, "tokens": 20 * n, "loss": loss}, confirm=False)
    >>> is_determined(fit, lambda p: p["alpha_N"])
    False
    """
    function = quantity if callable(quantity) else by_name(fit.law, quantity)
    return not moves(fit.law, fit.parameters, undetermined_directions(fit), function)


def by_name(law: Law, name: str) -> QuantityFunction:
    """Function of the parameters that gives one of them, or a derived quantity of the law.

    Raises
    ------
    FitError
        The law has no such quantity; lists those it has.
    """
    if name in law.derived:
        return law.derived[name]
    if name in law.parameter_names:
        return lambda parameters: parameters[name]
    known = [*law.parameter_names, *law.derived]
    raise FitError(f"law {law.name} has no quantity {name!r}", fix=f"one of {', '.join(known)}")
