"""Does the interval of a compute multiplier cover it? Simulated pairs of recipes.

Each situation is a design of two recipes, a law, and noise; in 500 tables of each the interval that
`scaling_studies.engine.planning.compare` gives is held against the true multiplier. Noise is 0.4 %
of the loss (the spread of twenty replicates of one model), the same in all runs, or four times as
large in the smallest runs as in the largest, or three times as large for one recipe, or
heavy-tailed (t with 3 degrees).

The share of 500 tables has a standard error of one per cent: where all ten situations cover 95 %,
one run in three has some outside 93 to 97. ``--first`` takes other tables.

Writes ``results/bench/compare.json``; ``bench/page.py`` makes the page.

Usage: ``python bench/compare.py [--tables 500] [--first 0] [--situations 0,4,…]``
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402

from scaling_studies.engine.planning.compare import compare  # noqa: E402
from scaling_studies.errors import FitError  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
NOISE = 0.004
LAW = {"E": 1.75, "A": 420.0, "B": 1200.0, "alpha": 0.34, "beta": 0.31}
#: Times the parameters and the tokens that the second recipe needs.
SAVINGS = (0.9, 0.85)


def grid(sizes: int, ratios: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Sizes from 2e7 to 1e9, each at some tokens per parameter."""
    params = np.repeat(np.geomspace(2e7, 1e9, sizes), len(ratios))
    return params, params * np.tile(ratios, sizes)


RATIOS = (10.0, 30.0, 100.0)
LADDER = (20.0,)
#: Design of the first recipe, of the second, and the kind of noise.
SITUATIONS = {
    "12 and 12 runs, equal noise": (grid(4, RATIOS), grid(4, RATIOS), "equal"),
    "6 and 6 runs, equal noise": (grid(3, (10.0, 100.0)), grid(3, (10.0, 100.0)), "equal"),
    "6 and 6 runs, noisy small runs": (grid(3, (10.0, 100.0)), grid(3, (10.0, 100.0)), "small"),
    "12 and 12 runs, noisy small runs": (grid(4, RATIOS), grid(4, RATIOS), "small"),
    "12 and 12 runs, one recipe noisy": (grid(4, RATIOS), grid(4, RATIOS), "recipe"),
    "20 and 5 runs, one recipe noisy": (grid(5, (5.0, 15, 40, 120)), grid(5, (30.0,)), "recipe"),
    "18 and 4 runs, equal noise": (grid(6, RATIOS), grid(2, (10.0, 100.0)), "equal"),
    "12 and 12 runs, heavy tails": (grid(4, RATIOS), grid(4, RATIOS), "heavy"),
    "ladders of 6 and 6, equal noise": (grid(6, LADDER), grid(6, LADDER), "equal"),
    "ladders of 5 and 4, noisy small runs": (grid(5, LADDER), grid(4, LADDER), "small"),
}


def spread(kind: str, params: np.ndarray, second: bool) -> np.ndarray:
    """Standard deviation of log loss by run."""
    if kind == "small":
        place = np.log(params / params.min()) / np.log(params.max() / params.min())
        return NOISE * 2.0 * 0.25**place
    return np.full(len(params), NOISE * (3.0 if kind == "recipe" and second else 1.0))


def simulate(situation: str, table: int) -> tuple[dict[str, dict], float]:
    """Two recipes' runs and the true multiplier."""
    first, second, kind = SITUATIONS[situation]
    rng = np.random.Generator(np.random.Philox(key=[list(SITUATIONS).index(situation), table]))
    tables = {}
    # Along a ladder of one ratio there is one multiplier only where both savings are equal.
    ladder = np.ptp(second[1] / second[0]) < 1e-9 * second[1][0] / second[0][0]
    needed = (np.prod(SAVINGS) ** 0.5,) * 2 if ladder else SAVINGS
    for name, (params, tokens), (u, v) in (("A", first, (1.0, 1.0)), ("B", second, needed)):
        loss = LAW["E"] + LAW["A"] * (params / u) ** -LAW["alpha"]
        loss = loss + LAW["B"] * (tokens / v) ** -LAW["beta"]
        draw = rng.normal(size=len(params))
        if kind == "heavy":
            draw = rng.standard_t(3, size=len(params)) / np.sqrt(3.0)
        noisy = loss * np.exp(spread(kind, params, name == "B") * draw)
        tables[name] = {"params": params, "tokens": tokens, "loss": noisy}
    return tables, float(np.prod(needed))


def run(situation: str, count: int, first: int) -> dict[str, float]:
    """Coverage, width and refusals of one situation, in tables from the first."""
    covered, widths, estimates, refused = [], [], [], 0
    for table in range(first, first + count):
        tables, truth = simulate(situation, table)
        try:
            answer = compare(tables)
        except FitError:
            refused += 1
            answer = compare(tables, assume_same_shape=True)
        item = answer.multipliers[0]
        covered.append(item.low <= truth <= item.high)
        widths.append(item.high / item.low)
        estimates.append(item.value / truth)
    return {
        "coverage": float(np.mean(covered)),
        "median_ratio_of_ends": float(np.median(widths)),
        "median_error": float(np.median(np.abs(np.log(estimates)))),
        "refused": refused / count,
    }


def main() -> int:
    """Run the situations and write the record."""
    parser = argparse.ArgumentParser(description="Coverage of the interval of a multiplier.")
    parser.add_argument("--tables", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="number of the first table")
    parser.add_argument("--situations", default=",".join(map(str, range(len(SITUATIONS)))))
    arguments = parser.parse_args()
    path = ROOT / "results" / "bench" / "compare.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for number in arguments.situations.split(","):
        situation = list(SITUATIONS)[int(number)]
        record[situation] = {
            "tables": arguments.tables,
            "first": arguments.first,
            **run(situation, arguments.tables, arguments.first),
        }
        print(situation, record[situation], flush=True)
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
