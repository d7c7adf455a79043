"""Published tables for the certified values, read straight from ``data/``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from nist import DATA


@pytest.fixture(scope="session")
def chinchilla_245() -> pd.DataFrame:
    """All digitised Chinchilla points."""
    table = pd.read_csv(DATA / "hoffmann_2022" / "points.csv")
    return table.assign(tokens=table["training_flops"] / (6.0 * table["params"]))


@pytest.fixture(scope="session")
def chinchilla(chinchilla_245: pd.DataFrame) -> pd.DataFrame:
    """The 240 points of the replication: below the fifth largest loss, D = C / (6 N)."""
    table = chinchilla_245
    return table[table["loss"] < np.sort(table["loss"])[-5]].reset_index(drop=True)
