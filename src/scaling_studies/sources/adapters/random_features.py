"""Runs made from theory: regression without ridge on random features of a power-law spectrum.

Inputs are Gaussian with eigenvalues i^-(1 + decay); a teacher's coefficients are independent with
variance one. Losses are exact means over inputs and teachers, so no test set is drawn.

Source: Bahri et al. (2021) for the four regimes, Simon et al. (2023) for the theory of the limits;
the excess over a limit follows from the mean of an inverse Wishart matrix.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import qr
from scipy.optimize import brentq

from scaling_studies.sources.simulated import mean_and_error, require_design, to_digits

SIDES = ("examples", "features")


def extract(
    paths: dict[str, Path],
    *,
    seed: int,
    decays: dict[str, float],
    resolution: dict[str, Any],
    variance: dict[str, Any],
) -> dict[str, pd.DataFrame]:
    """Return the losses of the four regimes.

    Parameters
    ----------
    paths
        None: the runs are made here.
    seed
        Of the random numbers; every row has a stream of its own.
    decays
        Exponents of the spectra, less one, by name.
    resolution
        ``modes``, ``sizes`` and ``draws`` where examples or features are without end and the loss
        is limited by the other.
    variance
        ``modes``, ``sizes``, ``draws`` and ``held``, where one grows over the other, which is held.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``resolution``: spectrum, limited_by, size, loss, standard_error, theory.
        ``variance``: spectrum, growing, size, excess, standard_error, theory; the excess is
        relative to the limit of the same draw.

    Raises
    ------
    TableError
        When a design cannot be run.
    """
    _require(resolution, variance)
    limited, near = [], []
    for place, (name, decay) in enumerate(decays.items()):
        eigenvalues = spectrum(decay, resolution["modes"])
        for side in range(len(SIDES)):
            for size in resolution["sizes"]:
                random = np.random.default_rng([seed, 0, place, side, size])
                drawn = [
                    limited_loss(eigenvalues, random.standard_normal((size, len(eigenvalues))))
                    for _ in range(resolution["draws"])
                ]
                ends = (*mean_and_error(drawn), to_digits(limit_in_theory(eigenvalues, size)))
                limited.append((name, SIDES[side], size, *ends))
        eigenvalues, held = spectrum(decay, variance["modes"]), variance["held"]
        for side, excess in enumerate((excess_of_examples, excess_of_features)):
            for size in variance["sizes"]:
                random = np.random.default_rng([seed, 1, place, side, size])
                drawn = [excess(eigenvalues, held, size, random) for _ in range(variance["draws"])]
                ends = (*mean_and_error(drawn), to_digits(held / (size - held - 1)))
                near.append((name, SIDES[side], size, *ends))
    first, last = ["spectrum", "limited_by", "size"], ["standard_error", "theory"]
    return {
        "resolution": pd.DataFrame(limited, columns=[*first, "loss", *last]),
        "variance": pd.DataFrame(near, columns=["spectrum", "growing", "size", "excess", *last]),
    }


def _require(resolution: dict[str, Any], variance: dict[str, Any]) -> None:
    """Refuse more examples or features than a spectrum has modes for, and too few to grow."""
    most = {"modes": (4, 20_000), "draws": (2, 10_000)}
    modes = resolution.get("modes")
    room = modes // 2 if type(modes) is int else 2
    require_design("resolution", resolution, most | {"sizes": (1, room)})
    modes, held = variance.get("modes"), variance.get("held")
    room = modes // 2 if type(modes) is int else 1
    least = held + 2 if type(held) is int else 3
    require_design("variance", variance, most | {"held": (1, room), "sizes": (least, 20_000)})


def spectrum(decay: float, modes: int) -> np.ndarray:
    """Eigenvalues, shape (modes,)."""
    return np.arange(1.0, modes + 1.0) ** -(1.0 + decay)


def limit_in_theory(eigenvalues: np.ndarray, size: int) -> float:
    """Loss in the limit, n κ with Σ λ/(λ + κ) = n."""

    def surplus(log_kappa: float) -> float:
        return float((eigenvalues / (eigenvalues + np.exp(log_kappa))).sum()) - size

    ends = float(np.log(eigenvalues[-1])) - 20.0, float(np.log(eigenvalues.sum())) + 20.0
    return size * float(np.exp(brentq(surplus, *ends, xtol=1e-13)))


def limited_loss(eigenvalues: np.ndarray, drawn: np.ndarray) -> float:
    """Loss limited by white examples, or by random features, without end of the other; (n, modes).

    Both are what lies outside a span: kernel regression on n examples is the best readout of n
    features. By orthogonal columns, as a Gram matrix loses the digits that small losses have.
    """
    basis = qr((drawn * np.sqrt(eigenvalues)).T, mode="economic")[0]
    return float(eigenvalues @ (1.0 - (basis**2).sum(axis=1)))


def loss_of(eigenvalues: np.ndarray, inputs: np.ndarray, weights: np.ndarray) -> float:
    """Loss of the least readout that fits n examples best on k features."""
    seen = inputs * np.sqrt(eigenvalues)
    learned = np.linalg.multi_dot([weights.T, np.linalg.pinv(seen @ weights.T), seen])
    missed = np.eye(len(eigenvalues)) - learned
    return float(eigenvalues @ (missed**2).sum(axis=1))


def excess_of_examples(
    eigenvalues: np.ndarray, features: int, examples: int, random: np.random.Generator
) -> float:
    """Loss on few features, relative to the limit of endless examples, less one."""
    weights = random.standard_normal((features, len(eigenvalues)))
    inputs = random.standard_normal((examples, len(eigenvalues)))
    return loss_of(eigenvalues, inputs, weights) / limited_loss(eigenvalues, weights) - 1.0


def excess_of_features(
    eigenvalues: np.ndarray, examples: int, features: int, random: np.random.Generator
) -> float:
    """Loss on few examples, relative to the limit of endless features, less one.

    Each draw of features is taken together with its mirror image at the span of the inputs. The
    image has the same distribution; what differs in sign between draws falls out of their mean.
    """
    inputs = random.standard_normal((examples, len(eigenvalues)))
    weights = random.standard_normal((features, len(eigenvalues)))
    span = qr((inputs * np.sqrt(eigenvalues)).T, mode="economic")[0]
    mirrored = 2.0 * (weights @ span) @ span.T - weights
    loss = sum(loss_of(eigenvalues, inputs, drawn) for drawn in (weights, mirrored)) / 2.0
    return loss / limited_loss(eigenvalues, inputs) - 1.0
