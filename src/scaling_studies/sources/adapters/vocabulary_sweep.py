"""Runs over size, vocabulary and data, their lower envelope, and where compute is least by theory.

Written for Tao et al. 2024, ``exp_data.csv``: one row a checkpoint, one run a size and vocabulary.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.interpolate import griddata, make_interp_spline
from scipy.optimize import brentq

from scaling_studies.sources import checked
from scaling_studies.sources.checked import NUMBER, POSITIVE

_COLUMNS = {
    "vocabulary": ("vocab_size", POSITIVE),
    "width": ("embed_dim", POSITIVE),
    "characters": ("num_characters", POSITIVE),
    "params_non_vocabulary": ("Non_vocab_parameters", POSITIVE),
    "flops": ("FLOPs", POSITIVE),
    "relative_loss": ("Lossu", NUMBER),
}
#: Tokens a character as a parabola in the logarithm of the vocabulary, constant beyond its top.
PARABOLA, TOP = (0.00639222, -0.15811069, 1.20470122), 200_000
#: Width of a model by its parameters without vocabulary: from each size on.
WIDTHS = {
    0: 512,
    5e7: 768,
    2e8: 1024,
    5e8: 1536,
    1e9: 2048,
    2e9: 3200,
    5e9: 4096,
    1e10: 5120,
    2e10: 6048,
    5e10: 8192,
    1e11: 12288,
    2e11: 16384,
}
#: First and last columns of the tables.
_SIZES = ("params_non_vocabulary", "params_vocabulary")
_LAST = ("flops", "relative_loss")
#: Significant digits of what is computed: the same on every machine.
DIGITS = 10
#: Tokens of the last checkpoints that the script takes, by size.
LAST_TOKENS = (1.2e9, 3.0e9, 5.3e9, 11.7e9, 27.7e9, 54.8e9)
#: Sizes, without vocabulary, at which it asks by theory for the least compute.
SIZES = (33e6, 85e6, 151e6, 302e6, 631e6, 1.13e9, 2.87e9)
#: Pairs of size and characters interpolated for a vocabulary, and vocabularies for a size.
PAIRS, VOCABULARIES = 50, 20


def extract(paths: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Return the rows, the envelope of approach 1 and the optima of approach 2.

    Parameters
    ----------
    paths
        One file.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``runs``, ``envelope`` and ``derivative``.
    """
    ((name, path),) = paths.items()
    rows = checked.take(checked.read_text(path, table=name), _COLUMNS, table=name)
    made = [*_over_sizes(rows), *_over_vocabularies(rows)]
    envelope = _lowest(pd.concat([rows, *made]))
    envelope["params_vocabulary"] = envelope["vocabulary"] * envelope["width"]
    vocabulary = rows["vocabulary"].to_numpy()
    pairs = zip(rows["params_non_vocabulary"], vocabulary, strict=True)
    runs = rows.assign(
        run=[f"{size:.0f}-{entries:.0f}" for size, entries in pairs],
        params_vocabulary=vocabulary * rows["width"],
        tokens=rows["characters"] * tokens_per_character(vocabulary),
        tokens_as_in_script=rows["characters"] * tokens_per_character(vocabulary / 1000.0),
    )
    return {
        "runs": _rounded(runs[["run", *_SIZES, "tokens", "tokens_as_in_script", *_LAST]]),
        "envelope": _rounded(envelope[[*_SIZES, *_LAST]]),
        "derivative": _rounded(_least_compute(np.array(SIZES))),
    }


def tokens_per_character(vocabulary: np.ndarray) -> np.ndarray:
    """Tokens a character of a tokenizer of so many entries."""
    return np.asarray(np.polyval(PARABOLA, np.log(np.minimum(vocabulary, TOP))))


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    def shortened(value: float) -> float:
        return float(f"{value:.{DIGITS - 1}e}")

    numbers = frame.select_dtypes("number").map(shortened)
    return frame.assign(**numbers).reset_index(drop=True)


def _widths(params: np.ndarray) -> np.ndarray:
    below = np.searchsorted(list(WIDTHS), params, side="right") - 1
    return np.array(list(WIDTHS.values()), dtype=float)[below]


def _points(
    params: np.ndarray, vocabulary: np.ndarray, characters: np.ndarray, loss: np.ndarray
) -> pd.DataFrame:
    """Interpolated rows, those outside the measured ones left out."""
    width = _widths(params)
    tokens = characters * tokens_per_character(vocabulary)
    made = {
        "vocabulary": vocabulary,
        "width": width,
        "params_non_vocabulary": params,
        "flops": 6.0 * (params + vocabulary * width) * tokens,
        "relative_loss": loss,
    }
    return pd.DataFrame(made).dropna()


def _over_sizes(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """For each vocabulary, along the diagonal from the smallest run to the largest."""
    names = ["params_non_vocabulary", "characters"]
    ends = rows[names].agg(["min", "max"])
    pairs = np.geomspace(ends.loc["min"], ends.loc["max"], PAIRS)
    made = []
    for vocabulary, group in rows.groupby("vocabulary"):
        loss = griddata(group[names], group["relative_loss"], pairs, method="cubic")
        made.append(_points(pairs[:, 0], np.full(PAIRS, vocabulary), pairs[:, 1], loss))
    return made


def _over_vocabularies(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """For each size, between the last checkpoints of its vocabularies."""
    made = []
    groups = rows.groupby("params_non_vocabulary")
    for (size, group), tokens in zip(groups, LAST_TOKENS, strict=True):
        last = group.loc[group.groupby("vocabulary")["characters"].idxmax()]
        known = last["vocabulary"].to_numpy()
        wanted = np.geomspace(known[0], known[-1], VOCABULARIES)
        loss = make_interp_spline(known, last["relative_loss"].to_numpy(), k=2)(wanted)
        characters = tokens / tokens_per_character(wanted)
        made.append(_points(np.full(VOCABULARIES, size), wanted, characters, loss))
    return made


def _lowest(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows below all that took no more compute."""
    rows = rows.sort_values("flops", kind="stable")
    before = rows["relative_loss"].cummin().shift(fill_value=np.inf)
    return rows[rows["relative_loss"] < before]


def _least_compute(sizes: np.ndarray) -> pd.DataFrame:
    """Vocabulary parameters at which the compute for given characters is least, over the first."""
    slope = np.polyder(np.array(PARABOLA))

    def rise(vocabulary: float, size: float, width: float) -> float:
        per_entry = np.polyval(slope, np.log(vocabulary)) / vocabulary
        own = width * tokens_per_character(np.array(vocabulary))
        return float(own + (size + width * vocabulary) * per_entry)

    widths = _widths(sizes)
    pairs = zip(sizes, widths, strict=True)
    best = np.array([brentq(rise, 1000.0, TOP - 1.0, args=pair) for pair in pairs]) * widths
    return pd.DataFrame(
        {
            "params_non_vocabulary": sizes,
            "params_vocabulary": best,
            "size_ratio": sizes / sizes[0],
            "vocabulary_ratio": best / best[0],
        }
    )
