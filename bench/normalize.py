"""Speed and memory of normalising a large learning-curve table, against pyarrow alone.

Makes a synthetic table of per-step rows, then, in a process of its own each, and several times in
turn:

- ``pyarrow``: CSV to Parquet as pyarrow does it in two calls (`read_csv`, `write_table`);
- ``pyarrow in parts``: the same without the whole table in memory (`open_csv`, `ParquetWriter`);
- ``normalize``: `runs.normalize.normalize_file`, with every check of the contract.

Times leave out the start of Python and imports; memory is the peak of the whole process. The ratio
is that of the fastest rounds, to the faster of the two ways of pyarrow.

Usage: ``python bench/normalize.py [--rows 10000000] [--rounds 3] [--json results.json]``
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL_RATIO = 5.0
GOAL_BYTES = 4e9
CURVES = 1000

TABLE = {
    "file": "curves.csv",
    "provenance": "simulated",
    "columns": {
        "run_id": {"from": "run"},
        "step": {"from": "step"},
        "learning_rate": {"from": "learning_rate"},
        "params_total": {"from": "params"},
        "tokens": {"from": "tokens"},
        "flops": {"derive": "flops_from_6nd"},
    },
    "measurements": [
        {"metric": "loss", "eval_set": "web", "unit": "nats_per_token", "from": "loss"}
    ],
}


def make_table(path: Path, rows: int) -> None:
    """Write learning curves of 1,000 runs with cosine schedules and noise."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    random = np.random.default_rng(0)
    names = ("run", "step", "learning_rate", "params", "tokens", "loss")
    kinds = (pa.string(), pa.int64(), pa.float64(), pa.int64(), pa.int64(), pa.float64())
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    steps = 10 * np.arange(1, rows // CURVES + 1)
    learning_rate = 1.5e-4 * (1.0 + np.cos(np.pi * steps / steps[-1]))
    tokens = steps * 2**19
    with csv.CSVWriter(path, schema) as writer:
        for curve, size in enumerate(np.geomspace(1e7, 1e9, CURVES).astype(np.int64)):
            loss = 1.69 + 406.4 * float(size) ** -0.34 + 410.7 * tokens.astype(float) ** -0.28
            loss = loss * np.exp(random.normal(0.0, 0.01, len(steps)))
            run = pa.array([f"run_{curve:04d}"]).take(pa.array(np.zeros(len(steps), int)))
            columns = [run, steps, learning_rate, np.full(len(steps), size), tokens, loss]
            writer.write(pa.table([pa.array(c) if c is not run else c for c in columns], schema))


def convert_whole(folder: Path) -> None:
    """CSV to Parquet with pyarrow, the whole table in memory."""
    import pyarrow.parquet as pq
    from pyarrow import csv

    pq.write_table(csv.read_csv(folder / "curves.csv"), folder / "whole.parquet")


def convert_in_parts(folder: Path) -> None:
    """CSV to Parquet with pyarrow, part by part."""
    import pyarrow.parquet as pq
    from pyarrow import csv

    options = csv.ReadOptions(block_size=1 << 24)
    reader = csv.open_csv(folder / "curves.csv", read_options=options)
    with pq.ParquetWriter(folder / "parts.parquet", reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


def normalize(folder: Path) -> None:
    """CSV to run table with this project."""
    from scaling_studies.cards.models.table import TableEntry
    from scaling_studies.runs.normalize import normalize_file

    tables = {"curves": TableEntry.model_validate(TABLE)}
    normalize_file("simulated", tables, folder, folder / "runs.parquet")


WAYS = {
    "pyarrow": convert_whole,
    "pyarrow in parts": convert_in_parts,
    "normalize": normalize,
}


def measure(way: str, folder: Path) -> dict[str, float]:
    """Run one way in a process of its own; return its seconds and its peak of memory in bytes."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_way(way: str, folder: Path) -> None:
    """Carry out one way and print what `measure` returns."""
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401

    import scaling_studies.runs.normalize  # noqa: F401

    start = time.perf_counter()
    WAYS[way](folder)
    seconds = time.perf_counter() - start
    # Linux counts in KiB, macOS in bytes.
    scale = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    print(json.dumps({"seconds": seconds, "bytes": peak}))


def main() -> int:
    """Measure all ways and print a table; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        run_way(options.way, options.folder)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_table(folder / "curves.csv", options.rows)
        size = (folder / "curves.csv").stat().st_size
        rounds = [{way: measure(way, folder) for way in WAYS} for _ in range(options.rounds)]
    seconds = {way: min(each[way]["seconds"] for each in rounds) for way in WAYS}
    peak = {way: max(each[way]["bytes"] for each in rounds) for way in WAYS}
    ratio = seconds["normalize"] / min(seconds["pyarrow"], seconds["pyarrow in parts"])
    print(f"{options.rows:,} rows, {size / 1e6:,.0f} MB of CSV, best of {options.rounds} rounds")
    for way in WAYS:
        print(f"{way:>18}: {seconds[way]:6.2f} s   peak {peak[way] / 1e9:5.2f} GB")
    print(f"ratio {ratio:.2f} (goal: at most {GOAL_RATIO:g})")
    met = ratio <= GOAL_RATIO and peak["normalize"] < GOAL_BYTES
    if options.json:
        record = {"rows": options.rows, "ratio": ratio, "goals_met": met, "rounds": rounds}
        options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
