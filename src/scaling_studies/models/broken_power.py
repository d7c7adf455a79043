"""Builder of smoothly broken power laws with any number of breaks."""

from __future__ import annotations

import itertools

import numpy as np

from scaling_studies.models.autodiff import exp, softplus
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.projection import project_linear

#: Starts kept for every combination of places of the breaks.
STARTS_PER_PLACE = 4


def broken_law(name: str, breaks: int) -> Law:
    """Smoothly broken power law.

    Parameters
    ----------
    name
        Registry name.
    breaks
        Number of breaks, at least one.

    Notes
    -----
    ``y = a + b x^-c0 prod_i (1 + (x / d_i)^(1 / f_i))^(-c_i f_i)``; Caballero et al. 2022,
    arXiv 2210.14891, equation 1.
    """
    parameters = [
        Parameter("a", "limit of the response", lower=0.0, linear=True),
        Parameter("b", "coefficient", lower=0.0, transform="log", linear=True),
        Parameter("c0", "exponent before the first break", lower=-20.0, upper=20.0),
    ]
    for number in range(1, breaks + 1):
        parameters += [
            Parameter(f"c{number}", f"change of exponent at break {number}", -100.0, 100.0),
            Parameter(f"d{number}", f"place of break {number}", lower=0.0, transform="log"),
            # A break sharper than this is a kink between any two points of a table.
            Parameter(
                f"f{number}",
                f"width of break {number} in log x",
                lower=1e-3,
                upper=1e2,
                transform="log",
            ),
        ]
    numbers = range(1, breaks + 1)

    def log_shape(p, x):
        shape = -p.c0 * x["log_x"]
        for number in numbers:
            width = getattr(p, f"f{number}")
            place = x["log_x"] - getattr(p, f"log_d{number}")
            shape = shape - getattr(p, f"c{number}") * width * softplus(place / width)
        return shape

    def formula(p, x):
        return p.a + exp(p.log_b + log_shape(p, x))

    def basis(p, x):
        return [np.ones((1, 1)), np.exp(log_shape(p, x))]

    def propose(axes, response, given):
        return propose_broken(np.log(axes["x"]), response, breaks)

    return Law(
        name=name,
        title=f"Broken neural scaling law, {breaks} break{'s' if breaks > 1 else ''}",
        formula="y = a + b x^-c0 prod_i (1 + (x / d_i)^(1 / f_i))^(-c_i f_i)",
        citation="Caballero et al. 2022, arXiv 2210.14891, equation 1",
        axes=(Axis("x", "of the card", "size, data or compute, whichever the card maps to x"),),
        response="loss",
        response_meaning="any quantity that scales",
        parameters=tuple(parameters),
        model=FormulaModel(tuple(parameters), formula, basis=basis),
        centring={"b": {"c0": lambda axes: -np.log(axes["x"])}},
        objective="squared_log1p",
        propose=propose,
        canonical=sort_breaks if breaks > 1 else None,
        starts=36 if breaks == 1 else 144,
        piecewise=True,
    )


def sort_breaks(working: np.ndarray) -> np.ndarray:
    """Order the breaks (c, d, f) of working vectors (B, p) by their place d."""
    batch = len(working)
    breaks = working[:, 3:].reshape(batch, -1, 3)
    order = np.argsort(breaks[:, :, 1], axis=1, kind="stable")
    breaks = np.take_along_axis(breaks, order[:, :, None], axis=1)
    return np.concatenate([working[:, :3], breaks.reshape(batch, -1)], axis=1)


def propose_broken(log_x: np.ndarray, response: np.ndarray, breaks: int) -> np.ndarray:
    """Propose starts from piecewise-linear regression of ``log(y - a)`` on log x.

    For given breaks, widths and limit a, the logarithm of the law is linear in log b, c0 and the
    c_i; these follow from least squares.

    Returns
    -------
    numpy.ndarray
        Working vectors, shape (G, 3 + 3 breaks).
    """
    distinct = np.unique(log_x)
    span = max(float(np.ptp(log_x)), 1e-6)
    # Two breaks have many near optima, and a response may come within a thousandth of its limit:
    # of 1,000 noise-free tables a coarser grid ends five elsewhere, and agrees about it.
    shares = (0.01, 0.03, 0.1, 0.3) if breaks == 1 else (0.02, 0.06, 0.2)
    count = 9 if breaks == 1 else 13
    nearness = [0.0, 0.5, 0.9, 0.99] if breaks == 1 else [0.0, 0.5, 0.9, 0.99, 0.999]
    places = itertools.combinations(np.quantile(distinct, np.linspace(0.1, 0.9, count)), breaks)
    widths = itertools.product([span * share for share in shares], repeat=breaks)
    limits = response.min() * np.array(nearness)
    grid = list(itertools.product(places, widths, limits))
    place = np.array([point[0] for point in grid])
    width = np.array([point[1] for point in grid])
    limit = np.array([point[2] for point in grid])
    distance = (log_x - place[:, :, None]) / width[:, :, None]
    bends = width[:, :, None] * np.logaddexp(0.0, distance)
    straight = np.broadcast_to(np.stack([np.ones_like(log_x), -log_x]), (len(grid), 2, len(log_x)))
    design = np.concatenate([straight, -bends], axis=1)
    target = np.log(np.maximum(response - limit[:, None], 1e-12 * np.abs(response).max()))
    solved, _ = project_linear(
        design, target, np.ones_like(log_x), np.ones(design.shape[1], dtype=bool)
    )
    working = np.empty((len(grid), 3 + 3 * breaks))
    working[:, 0] = limit
    working[:, 1:3] = solved[:, :2]
    working[:, 3::3] = np.clip(solved[:, 2:], -100.0, 100.0)
    working[:, 4::3] = place
    working[:, 5::3] = np.log(width)
    # Every place of the breaks keeps its best shapes: the nearest misfits often share one basin.
    fitted = limit[:, None] + np.exp((solved[:, None, :] @ design)[:, 0])
    with np.errstate(over="ignore"):
        misfit = ((fitted / response - 1.0) ** 2).sum(axis=1)
    _, code = np.unique(place, axis=0, return_inverse=True)
    kept: list[int] = []
    for number in range(code.max() + 1):
        rows = np.flatnonzero(code == number)
        kept.extend(rows[np.argsort(misfit[rows], kind="stable")[:STARTS_PER_PLACE]])
    return working[kept]
