"""Losses of unseen training mixtures as linear regressions on small models rank them.

Written for Liu et al. 2024 (RegMix), ``data/*.csv``: shares of 17 domains and losses on 13 of
models of several sizes, one row a mixture.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import FRACTION, POSITIVE, WHOLE

#: Penalties on the squared coefficients; zero is ordinary least squares.
PENALTIES = (0.0, 1.0, 10.0, 100.0)
#: Digits of what is computed: the same on every machine.
DIGITS = 9


def extract(
    paths: dict[str, Path], *, target: str, fitted: str, sizes: list[str]
) -> dict[str, pd.DataFrame]:
    """Return measured and predicted losses of the mixtures that were not fitted.

    Parameters
    ----------
    paths
        ``{train,test}_mixture_{size}.csv`` and ``{train,test}_pile_loss_{size}.csv``.
    target
        Domain whose loss is predicted, as in the columns of losses.
    fitted
        Size of the models that are fitted.
    sizes
        Sizes whose unseen mixtures are predicted.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``ranks``, one row a size, mixture and penalty, with the ranks of both losses, 1 the
        smallest; ``transfer``, one row a mixture of two sizes.
    """
    files = {PurePosixPath(name).stem: path for name, path in paths.items()}
    shares, losses = _joined(files, f"train_mixture_{fitted}", f"train_pile_loss_{fitted}", target)
    unseen = {
        size: _joined(files, f"test_mixture_{size}", f"test_pile_loss_{size}", target)
        for size in sizes
    }
    predictions = []
    for penalty in PENALTIES:
        intercept, weights = _ridge(shares.to_numpy(), losses.to_numpy(), penalty)
        for size, (mixtures, measured) in unseen.items():
            predicted = pd.Series(intercept + mixtures.to_numpy() @ weights, measured.index)
            made = {
                "size": size,
                "penalty": penalty,
                "mixture": measured.index,
                "loss": measured,
                "predicted": predicted.round(DIGITS),
                "loss_rank": measured.rank(),
                "predicted_rank": predicted.round(DIGITS).rank(),
            }
            predictions.append(pd.DataFrame(made))
    first, second = (unseen[size][1].rank() for size in sizes[:2])
    transfer = pd.DataFrame({"mixture": first.index, "small_rank": first, "large_rank": second})
    return {
        "ranks": pd.concat(predictions, ignore_index=True),
        "transfer": transfer.reset_index(drop=True),
    }


def _joined(
    files: dict[str, Path], mixture: str, loss: str, target: str
) -> tuple[pd.DataFrame, pd.Series]:
    """Shares and losses of the same mixtures, in the order of their numbers."""
    shares = checked.read_text(files[mixture], table=mixture)
    names = [name for name in shares.columns if name != "index"]
    kinds = {"index": ("index", WHOLE)} | {name: (name, FRACTION) for name in names}
    read = checked.take(shares, kinds, table=mixture).set_index("index")
    losses = checked.take(
        checked.read_text(files[loss], table=loss),
        {"index": ("index", WHOLE), "loss": (f"metric/{target}_val_loss", POSITIVE)},
        table=loss,
    ).set_index("index")["loss"]
    if set(read.index) != set(losses.index):
        raise checked.refuse(f"has other mixtures than {mixture}", table=loss, column="index")
    read = read.sort_index()
    return read, losses.loc[read.index]


def _ridge(shares: np.ndarray, losses: np.ndarray, penalty: float) -> tuple[float, np.ndarray]:
    """Intercept and weights of least squares with a penalty on the squared weights."""
    centre, mean = shares.mean(axis=0), losses.mean()
    rows = np.vstack([shares - centre, np.sqrt(penalty) * np.eye(shares.shape[1])])
    values = np.concatenate([losses - mean, np.zeros(shares.shape[1])])
    weights = np.linalg.lstsq(rows, values, rcond=None)[0]
    return float(mean - centre @ weights), weights
