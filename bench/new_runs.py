"""Write the quantiles that intervals of new runs rest on, from the roll-outs of all studies.

Usage, after ``snakemake results/comparisons/new_runs.parquet``: ``python bench/new_runs.py``. The
table that the library carries changes with it, and every prediction that uses it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from scaling_studies.engine.uncertainty.distance import CARRIED

LEARNED = Path("results/comparisons/new_runs.parquet")
#: Digits that are carried: more than a quantile of some hundred errors has.
DIGITS = 4


def main() -> int:
    """Write the table."""
    table = pd.read_parquet(sys.argv[1] if len(sys.argv) > 1 else LEARNED)
    quantile = [f"{value:.{DIGITS}g}" for value in table["quantile"]]
    table.assign(quantile=quantile).to_csv(CARRIED, index=False, lineterminator="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
