"""Builder of smoothly broken power laws with any number of breaks."""

from __future__ import annotations

import itertools
import math

import numpy as np

from scaling_studies.jet_model import FormulaModel
from scaling_studies.jets import exp, softplus
from scaling_studies.law import Axis, Law, Parameter
from scaling_studies.starts import even_points, project_linear


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

    def propose(axes, response):
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
        starts=24 if breaks == 1 else 72,
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
    quantiles = np.linspace(0.1, 0.9, 9 if breaks == 1 else 7)
    places = list(itertools.combinations(np.quantile(distinct, quantiles), breaks))
    span = max(float(np.ptp(log_x)), 1e-6)
    widths = span * np.array([0.01, 0.03, 0.1, 0.3])
    limits = response.min() * np.array([0.0, 0.5, 0.9, 0.99])
    rows = []
    for place, width, limit in itertools.product(places, widths, limits):
        bends = [width * np.logaddexp(0.0, (log_x - d) / width) for d in place]
        design = np.stack([np.ones_like(log_x), -log_x, *(-bend for bend in bends)])
        target = np.log(np.maximum(response - limit, 1e-12 * abs(response).max()))
        found, _ = project_linear(
            design[None], target, np.ones_like(target), np.ones(len(design), bool)
        )
        log_b, slope, *changes = found[0]
        row = [limit, log_b, slope]
        for change, d in zip(changes, place, strict=True):
            row += [np.clip(change, -100, 100), d, math.log(width)]
        rows.append(row)
    rows = np.array(rows)
    # A few even perturbations of the sharpness keep two breaks from sharing one width.
    if breaks > 1:
        shifts = 2.0 * (even_points(len(rows), breaks) - 0.5)
        rows[:, 5::3] += shifts
    return rows
