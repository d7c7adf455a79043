"""Plausible additive laws, given few runs: draws from a posterior with a weak prior.

Runs of one ratio leave directions open that no bootstrap shows. The prior says what is known of
language models before any run: exponents about a third, terms a fraction of the loss.
"""

from __future__ import annotations

import numpy as np

#: Logarithms of both exponents before any run: mean and standard deviation.
EXPONENT = (np.log(0.33), 0.3)
#: Logarithm of each term at the centre of the runs, over the loss: mean and standard deviation.
TERM = (np.log(0.12), 1.0)
#: Relative noise before any run, and the degrees of freedom of that knowledge.
NOISE, NOISE_DEGREES = 0.005, 4.0
WALKERS, STEPS = 60, 500


def log_losses(points: np.ndarray, logs: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Log loss of laws at runs.

    Parameters
    ----------
    points
        E, log terms at the centre, log exponents: shape (B, 5).
    logs
        Logarithms of size and data, shape (2, n).
    centre
        Shape (2,).

    Returns
    -------
    numpy.ndarray
        Shape (B, n).
    """
    exponents = np.exp(points[:, 3:])
    terms = np.exp(points[:, 1:3, None] - exponents[:, :, None] * (logs - centre[:, None]))
    return np.log(points[:, :1] + terms.sum(axis=1))


def log_optimum(points: np.ndarray, centre: np.ndarray, log_product: float) -> np.ndarray:
    """Logarithm of the compute-optimal size at N D = exp(log_product), shape (B,)."""
    exponents = np.exp(points[:, 3:])
    coefficients = points[:, 1:3] + exponents * centre
    slopes = coefficients + points[:, 3:]
    return (slopes[:, 0] - slopes[:, 1] + exponents[:, 1] * log_product) / exponents.sum(axis=1)


def log_lowest(points: np.ndarray, centre: np.ndarray, log_product: float) -> np.ndarray:
    """Logarithm of the lowest loss at N D = exp(log_product), shape (B,)."""
    size = log_optimum(points, centre, log_product)
    exponents = np.exp(points[:, 3:])
    places = np.stack([size, log_product - size], axis=1)
    terms = np.exp(points[:, 1:3] - exponents * (places - centre))
    return np.log(points[:, 0] + terms.sum(axis=1))


def log_prior(points: np.ndarray, typical: float, lowest: float) -> np.ndarray:
    """Log density of the prior, shape (B,); E is between nothing and the lowest loss."""
    scaled = np.concatenate(
        [
            (points[:, 1:3] - np.log(typical) - TERM[0]) / TERM[1],
            (points[:, 3:] - EXPONENT[0]) / EXPONENT[1],
        ],
        axis=1,
    )
    inside = (points[:, 0] > 0) & (points[:, 0] < lowest)
    return np.where(inside, -0.5 * (scaled**2).sum(axis=1), -np.inf)


def draw_laws(
    logs: np.ndarray, loss: np.ndarray, centre: np.ndarray, *, seed: int = 0
) -> tuple[np.ndarray, float]:
    """Draw laws that the runs and the prior allow.

    Parameters
    ----------
    logs, loss
        Runs: (2, n) and (n,).
    centre
        See `log_losses`.
    seed
        Of the draws.

    Returns
    -------
    tuple
        Points of shape (60, 5), and the noise expected in log loss.

    Notes
    -----
    Affine-invariant ensemble sampler (Goodman and Weare, Communications in Applied Mathematics and
    Computational Science 5, 2010); the variance of the noise is integrated out.
    """
    rng = np.random.Generator(np.random.Philox(key=[20_260_101, seed]))
    measured, typical, lowest = np.log(loss), float(np.median(loss)), float(loss.min())

    def log_density(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(all="ignore"):
            squares = ((log_losses(points, logs, centre) - measured) ** 2).sum(axis=1)
            known = NOISE_DEGREES * NOISE**2
            fit = -0.5 * (len(loss) + NOISE_DEGREES) * np.log(known + squares)
            return np.nan_to_num(fit + log_prior(points, typical, lowest), nan=-np.inf), squares

    points = np.empty((WALKERS, 5))
    points[:, 0] = lowest * rng.uniform(0.4, 0.95, WALKERS)
    points[:, 1:3] = np.log(typical) + TERM[0] + 0.5 * rng.normal(size=(WALKERS, 2))
    points[:, 3:] = EXPONENT[0] + 0.5 * EXPONENT[1] * rng.normal(size=(WALKERS, 2))
    density, squares = log_density(points)
    half = WALKERS // 2
    for step in range(2 * STEPS):
        moved, others = (slice(0, half), slice(half, None))[:: 1 if step % 2 else -1]
        partners = points[others][rng.integers(half, size=half)]
        stretch = (rng.uniform(size=half) + 1.0) ** 2 / 2.0
        proposed = partners + stretch[:, None] * (points[moved] - partners)
        value, error = log_density(proposed)
        accepted = np.log(rng.uniform(size=half)) < 4.0 * np.log(stretch) + value - density[moved]
        points[moved] = np.where(accepted[:, None], proposed, points[moved])
        density[moved] = np.where(accepted, value, density[moved])
        squares[moved] = np.where(accepted, error, squares[moved])
    total = float(np.median(squares)) + NOISE_DEGREES * NOISE**2
    return points, float(np.sqrt(total / (len(loss) + NOISE_DEGREES)))
