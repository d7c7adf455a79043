"""Certified values in the manner of NIST's reference data sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np

#: Fact tables of the studies.
DATA = Path(__file__).parents[2] / "data"


def digits(value: float, certified: float) -> float:
    """Number of agreeing digits, the measure of NIST's reference data sets."""
    if value == certified:
        return 15.0
    return float(min(15.0, -np.log10(abs(value - certified) / abs(certified))))
