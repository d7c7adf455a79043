"""Speed of the fit engine against what a user would do, as ratios within one run.

Sections: fits of the 240 Chinchilla points, 4,000 bootstrap refits, growth with rows and
resamples, cold start. Writes ``results/bench/engine.json``; ``bench/page.py`` makes the page.

Usage: ``python bench/engine.py [--contender PYTHON] [--share 1] [--resamples 4000] [--quick]``
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

# One thread each for the numerical libraries, as in the workflow's jobs; before they load.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402
from contenders import run_bfgs_bootstrap, run_chinchilla, run_lbfgs  # noqa: E402

import scaling_studies as ss  # noqa: E402
from scaling_studies.engine.allocation.allocate import tokens_per_parameter  # noqa: E402
from scaling_studies.engine.uncertainty.blocks import block_size  # noqa: E402
from scaling_studies.engine.uncertainty.draws import row_counts  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
CERTIFIED = 0.00101827402


def chinchilla_points() -> dict[str, np.ndarray]:
    """The 240 points of the replication."""
    import pandas as pd

    table = pd.read_csv(ROOT / "data" / "hoffmann_2022" / "points.csv")
    table = table[table["loss"] < np.sort(table["loss"])[-5]]
    params, flops = table["params"].to_numpy(), table["training_flops"].to_numpy()
    return {"params": params, "tokens": flops / (6 * params), "loss": table["loss"].to_numpy()}


def timed(function, repeats: int, clock=time.process_time) -> tuple[float, object]:
    """Least seconds of several calls, and the last result.

    CPU seconds by default: every contender in this process runs on one thread, and so a busy
    machine does not decide the ratios.
    """
    best, result = np.inf, None
    for _ in range(repeats):
        begin = clock()
        result = function()
        best = min(best, clock() - begin)
    return best, result


def bench_fits(frame: dict[str, np.ndarray], share: int, contender: str | None) -> list[dict]:
    """Objective, tokens per parameter at 5.88e23 FLOP and time of each way to fit."""
    law = ss.get_law("additive")
    ss.fit(law, frame)
    seconds, fit = timed(lambda: ss.fit(law, frame), 7)
    bare, _ = timed(lambda: ss.fit(law, frame, confirm=False), 7)
    rows = [
        {
            "name": "scaling_studies.fit (search, second optimiser, evidence)",
            "seconds": seconds,
            "objective": fit.objective_value,
            "share": fit.evidence.share_at_optimum,
            "parameters": fit.parameters,
        },
        {
            "name": "scaling_studies.fit(confirm=False)",
            "seconds": bare,
            "objective": fit.objective_value,
            "share": fit.evidence.share_at_optimum,
            "parameters": fit.parameters,
        },
        {"name": "(b) SciPy L-BFGS-B, 4,500 starts, analytic gradient"}
        | run_lbfgs(frame, True, share),
        {"name": "(a) SciPy L-BFGS-B, 4,500 starts, finite differences"}
        | run_lbfgs(frame, False, share),
    ]
    if contender:
        answer = run_chinchilla(contender, frame, share)
        if answer:
            rows.append({"name": f"(c) chinchilla {answer['version']}, 4,500 starts"} | answer)
    for row in rows:
        row["tokens_per_parameter"] = float(
            tokens_per_parameter(law, row["parameters"], 5.88e23)[0]
        )
        row["slower"] = row["seconds"] / seconds
        row["certified"] = bool(row["objective"] <= CERTIFIED)
    return rows


def bench_bootstrap(frame: dict[str, np.ndarray], resamples: int, compared: int) -> dict:
    """Refits of one bootstrap, and the same resamples by SciPy BFGS from the optimum."""
    fit = ss.fit("additive", frame)
    ss.bootstrap(fit, 64)
    seconds, ours = timed(lambda: ss.bootstrap(fit, resamples), 3)
    threaded, _ = timed(lambda: ss.bootstrap(fit, resamples, threads=2), 3, time.perf_counter)
    weights = np.stack([row_counts(0, number, fit.n) for number in range(compared)])
    ends, values, theirs = run_bfgs_bootstrap(frame, fit.parameters, weights)
    worse = values / ours.objective_value[:compared] - 1.0
    intervals = {}
    for column, name in ((3, "alpha"), (4, "beta")):
        low, high = np.quantile(ours.parameters[name][:compared], [0.025, 0.975])
        there = np.quantile(ends[:, column], [0.025, 0.975])
        intervals[name] = {"ours": [low, high], "scipy": there.tolist()}
    return {
        "resamples": resamples,
        "seconds": seconds,
        "seconds_two_threads": threaded,
        "converged": ours.converged,
        "scipy_resamples_run": compared,
        "scipy_seconds": theirs * resamples / compared,
        "ratio": theirs * resamples / compared / seconds,
        "scipy_ends_higher_by_1e-6": float(np.mean(worse > 1e-6)),
        "ours_ends_higher_by_1e-6": float(np.mean(worse < -1e-6)),
        "intervals": intervals,
    }


def simulated(rows: int) -> dict[str, np.ndarray]:
    """A simulated table of any size."""
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7.5, 10.5, rows), 10 ** rng.uniform(9, 12, rows)
    loss = 1.8172 + 477.8 * params**-0.34731 + 2143.4 * tokens**-0.36717
    return {"params": params, "tokens": tokens, "loss": loss * np.exp(0.02 * rng.normal(size=rows))}


def bench_growth(quick: bool) -> dict:
    """Seconds a refit against rows, and seconds against resamples."""
    by_rows = []
    for rows in (240, 1000, 10_000, 100_000) + (() if quick else (1_000_000,)):
        frame = simulated(rows)
        # Whole blocks: part of one costs as much as all of it.
        resamples = max(block_size(rows), 2)
        fit_seconds, fit = timed(lambda f=frame: ss.fit("additive", f, "squared_log"), 1)
        seconds, _ = timed(lambda f=fit, r=resamples: ss.bootstrap(f, r), 1)
        by_rows.append({"rows": rows, "fit": fit_seconds, "refit": seconds / resamples})
    fit = ss.fit("additive", chinchilla_points())
    by_resamples = []
    for resamples in (100, 1000, 10_000) + (() if quick else (100_000,)):
        seconds, _ = timed(lambda r=resamples: ss.bootstrap(fit, r), 1)
        by_resamples.append({"resamples": resamples, "seconds": seconds})
    return {"rows": by_rows, "resamples": by_resamples}


def bench_memory(rows: int, resamples: int) -> dict:
    """Peak memory of one process that fits and resamples a large table."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--memory", str(rows), str(resamples)],
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        "rows": rows,
        "resamples": resamples,
        "bytes": int(done.stdout.split()[-1]),
        "seconds": time.perf_counter() - begin,
    }


def run_memory(rows: int, resamples: int) -> None:
    """Body of the measured process."""
    fit = ss.fit("additive", simulated(rows), "squared_log", confirm=False)
    boot = ss.bootstrap(fit, resamples)
    assert boot.converged == 1.0
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


COLD = """
import pandas as pd
import scaling_studies as ss
table = pd.read_csv({path!r})
table["tokens"] = table["training_flops"] / (6 * table["params"])
print(ss.fit("additive", table).objective_value)
"""


def bench_cold_start() -> dict:
    """Wall-clock seconds of a new Python that reads a table and fits it, best of three."""
    path = str(ROOT / "data" / "hoffmann_2022" / "points.csv")
    seconds, _ = timed(
        lambda: subprocess.run(
            [sys.executable, "-c", COLD.format(path=path)], check=True, capture_output=True
        ),
        3,
        time.perf_counter,
    )
    return {"seconds": seconds}


def machine() -> dict[str, str]:
    """Processor and versions."""
    import scipy

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return {
        "processor": f"{model}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }


def main() -> int:
    """Run all sections and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", help="Python of an environment with chinchilla installed")
    parser.add_argument("--share", type=int, default=1, help="run every n-th of the 4,500 starts")
    parser.add_argument("--resamples", type=int, default=4000)
    parser.add_argument("--compared", type=int, default=1000, help="resamples also run by SciPy")
    parser.add_argument("--quick", action="store_true", help="leave out the largest sizes")
    parser.add_argument("--json", type=Path, default=ROOT / "results" / "bench" / "engine.json")
    parser.add_argument("--memory", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        run_memory(*options.memory)
        return 0
    frame = chinchilla_points()
    record = {"machine": machine()}
    record["fits"] = bench_fits(frame, options.share, options.contender)
    for row in record["fits"]:
        print(
            f"{row['name']:<62} {row['seconds']:9.3f} s  {row['objective']:.11f}  "
            f"{row['tokens_per_parameter']:6.2f}  x{row['slower']:.0f}",
            flush=True,
        )
    record["bootstrap"] = bench_bootstrap(frame, options.resamples, options.compared)
    print({k: v for k, v in record["bootstrap"].items() if k != "intervals"}, flush=True)
    record["growth"] = bench_growth(options.quick)
    record["memory"] = bench_memory(100_000 if options.quick else 1_000_000, 3)
    record["cold_start"] = bench_cold_start()
    print(record["growth"], record["memory"], record["cold_start"])
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
