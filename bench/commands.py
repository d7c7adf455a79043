"""CPU seconds of the commands on a table of 100 runs, beside the least that anyone needs for it.

That least is Python started, pandas and SciPy loaded, the table read and five constants fitted
by SciPy's BFGS from one start. Both are started anew each time and take turns; the least of the
rounds counts, and the ratio, as a busy machine slows both.

Usage: ``python bench/commands.py [--rounds 5] [--json results/bench/commands.json]``
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
COMMAND = "import sys; from scaling_studies.cli.main import main; sys.exit(main())"
LEAST = """
import numpy as np, pandas as pd
from scipy.optimize import minimize
runs = pd.read_csv("runs.csv")
n, d, loss = (runs[name].to_numpy() for name in ("params", "tokens", "loss"))
def objective(x):
    law = np.exp(x[0]) + np.exp(x[1] - x[3] * np.log(n)) + np.exp(x[2] - x[4] * np.log(d))
    size = np.abs(np.log(law / loss))
    return np.where(size <= 1e-3, size**2 / 2, 1e-3 * (size - 5e-4)).sum()
print(minimize(objective, [0.6, 6.0, 7.0, 0.3, 0.3], method="BFGS").x)
"""
COMMANDS = {
    "--version": ["--version"],
    "fit": ["fit", "runs.csv", "--json"],
    "predict": ["predict", "runs.csv", "--params", "7e9", "--tokens", "2e12", "--json"],
    "allocate": ["allocate", "runs.csv", "--flops", "1e22", "--json"],
    "rank": ["rank", "runs.csv", "--json"],
    "compare": ["compare", "runs.csv", "other.csv", "--json"],
    "design": ["design", "runs.csv", "--budget", "1e21", "--json"],
}


def make_tables(folder: Path) -> None:
    """A hundred runs of a known law, ten sizes by ten amounts of data, and the same with less."""
    draw = np.random.default_rng(0)
    params, tokens = np.meshgrid(np.geomspace(1e7, 1e9, 10), np.geomspace(2e8, 2e10, 10))
    params, tokens = params.ravel(), tokens.ravel()
    loss = 1.9 + 350 * params**-0.34 + 1200 * tokens**-0.31
    loss = np.round(loss * (1 + 0.0015 * draw.standard_normal(100)), 4)
    frame = pd.DataFrame({"params": params, "tokens": tokens, "loss": loss})
    frame.to_csv(folder / "runs.csv", index=False)
    frame.assign(tokens=0.8 * tokens).to_csv(folder / "other.csv", index=False)


def cpu_seconds(code: str, words: list[str], folder: Path, threads: bool = True) -> float:
    """CPU seconds of a new process, its imports included."""
    settings = dict.fromkeys(THREADS, "1") if threads else {}
    environment = {key: value for key, value in os.environ.items() if key not in THREADS}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env=environment | settings,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Measure all commands and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    seconds = dict.fromkeys(("least", *COMMANDS), np.inf)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_tables(folder)
        for _ in range(options.rounds):
            seconds["least"] = min(seconds["least"], cpu_seconds(LEAST, [], folder))
            for command, words in COMMANDS.items():
                # The commands choose the number of threads themselves.
                spent = cpu_seconds(COMMAND, words, folder, threads=False)
                seconds[command] = min(seconds[command], spent)
    for command, spent in seconds.items():
        print(
            f"{command:>10}: {spent:5.2f} s of CPU, {spent / seconds['least']:.2f} times the least"
        )
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        record = {"rounds": options.rounds, "seconds": seconds}
        options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
