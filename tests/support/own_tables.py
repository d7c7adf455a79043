"""A table of runs of a known law, as files of all forms hold it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scaling_studies.errors import MustBeSaid
from scaling_studies.reading import read_runs

PARAMS, TOKENS = (
    grid.ravel()
    for grid in np.meshgrid([1.2e7, 4.5e7, 1.6e8, 7.1e8], [6e8, 3e9, 1.4e10, 5e10], indexing="ij")
)
RUNS = pd.DataFrame(
    {
        "run": [f"r{place:02d}" for place in range(len(PARAMS))],
        "params": PARAMS,
        "tokens": TOKENS,
        "loss": np.round(1.85 + 380 * PARAMS**-0.35 + 1100 * TOKENS**-0.3, 6),
    }
)


def same_numbers(own) -> None:
    """Compare what was read with the table, in the order of its rows."""
    for name in ("params", "tokens", "loss"):
        np.testing.assert_allclose(own.frame[name], RUNS[name], rtol=1e-9)


def stops(source, said: str, **flags) -> str:
    """One line that names the flag, also under ``--yes``."""
    with pytest.raises(MustBeSaid) as caught:
        read_runs(source, yes=True, **flags)
    line = str(caught.value)
    assert said in line and "\n" not in line and "Fix: " in line, line
    return line
