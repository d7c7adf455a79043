"""Do the intervals cover the truth? Simulated tables like the Chinchilla one.

Every table has the design of the 240 points, losses of the law fitted to them, and noise:

- ``independent``: Gaussian log residuals with the (robust) spread of the real ones, row by row;
  the pairs bootstrap must cover;
- ``heavy_tailed``: log residuals drawn from those of the real fit, outliers included; the pairs
  bootstrap must cover at least as often as it says, and is known to be somewhat cautious here;
- ``clustered``: each FLOP budget and size class shares a part of its noise; the cluster
  bootstrap must cover, and the pairs bootstrap, which takes rows for independent, must fail.

Writes ``results/bench/calibration.json``; ``bench/page.py`` makes the page.

Usage: ``python bench/calibrate.py [--tables 1000] [--resamples 400] [--jobs 2]``
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from functools import partial
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402
from engine import ROOT, chinchilla_points  # noqa: E402

import scaling_studies as ss  # noqa: E402
from scaling_studies.engine.uncertainty.bands import LEVEL, percentile_interval  # noqa: E402

#: Clusters of the second experiment: enough of them, so that whole ones can be resampled.
CLUSTERS = 60
NOISE = ("independent", "heavy_tailed", "clustered")
QUANTITIES = ("a_opt", "alpha", "beta", "E")


def make_world() -> dict[str, object]:
    """Design, truth and residuals: those of the fit to the real points."""
    frame = chinchilla_points()
    fit = ss.fit("additive", frame)
    residual = -fit.residuals()
    flops = 6.0 * frame["params"] * frame["tokens"]
    # Rows that neighbour each other in compute and then in size make a cluster of four.
    order = np.lexsort((np.log(frame["params"]), np.round(np.log10(flops) * 2.0)))
    clusters = np.empty(fit.n, dtype=int)
    clusters[order] = np.arange(fit.n) * CLUSTERS // fit.n
    return {
        "frame": frame,
        "truth": {name: fit.quantity(name) for name in QUANTITIES},
        "loss": fit.fitted(),
        # A Huber fit aims at the centre of the noise, which therefore has to be zero.
        "residual": residual - np.median(residual),
        "clusters": clusters,
    }


def simulate(world: dict[str, object], table: int, noise_kind: str) -> dict[str, np.ndarray]:
    """One simulated table."""
    key = [20_240_415 + NOISE.index(noise_kind), table]
    rng = np.random.Generator(np.random.Philox(key=key))
    residual, clusters = world["residual"], world["clusters"]
    spread = 1.4826 * np.median(np.abs(residual))
    if noise_kind == "independent":
        noise = spread * rng.normal(size=len(residual))
    elif noise_kind == "clustered":
        shared = rng.normal(size=CLUSTERS)[clusters]
        noise = spread * (np.sqrt(0.8) * shared + np.sqrt(0.2) * rng.normal(size=len(residual)))
    else:
        noise = rng.choice(residual, size=len(residual))
    return {**world["frame"], "loss": world["loss"] * np.exp(noise)}


def run_table(world, resamples: int, noise: str, table: int) -> dict[str, dict[str, bool]]:
    """Whether each interval of one simulated table covers the truth."""
    fit = ss.fit("additive", simulate(world, table, noise), confirm=False)
    groups = {"pairs": None}
    if noise == "clustered":
        groups["cluster"] = world["clusters"]
    covered = {}
    for kind, labels in groups.items():
        boot = ss.bootstrap(fit, resamples, seed=table, groups=labels)
        covered[kind] = {}
        for name in QUANTITIES:
            # The function that makes the intervals of every job.
            low, high = percentile_interval(boot.quantity(name), LEVEL).ends
            covered[kind][name] = bool(low <= world["truth"][name] <= high)
    return covered


def run(tables: int, resamples: int, jobs: int) -> dict[str, object]:
    """All experiments."""
    world = make_world()
    record: dict[str, object] = {"tables": tables, "resamples": resamples, "level": LEVEL}
    for name in NOISE:
        task = partial(run_table, world, resamples, name)
        with multiprocessing.Pool(jobs) as pool:
            rows = pool.map(task, range(tables), chunksize=10)
        record[name] = {
            kind: {
                quantity: float(np.mean([row[kind][quantity] for row in rows]))
                for quantity in QUANTITIES
            }
            for kind in rows[0]
        }
        print(name, record[name], flush=True)
    independent = record["independent"]["pairs"]["a_opt"]
    cluster = record["clustered"]["cluster"]["a_opt"]
    pairs = record["clustered"]["pairs"]["a_opt"]
    heavy = record["heavy_tailed"]["pairs"]["a_opt"]
    record["calibrated"] = bool(
        0.93 <= independent <= 0.97 and 0.93 <= cluster <= 0.97 and heavy >= 0.93
    )
    record["pairs_fail_on_clusters"] = bool(pairs < 0.90)
    return record


def main() -> int:
    """Run and write the record; exit status 1 when an interval is not calibrated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    path = ROOT / "results" / "bench" / "calibration.json"
    parser.add_argument("--json", type=Path, default=path)
    options = parser.parse_args()
    record = run(options.tables, options.resamples, options.jobs)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0 if record["calibrated"] and record["pairs_fail_on_clusters"] else 1


if __name__ == "__main__":
    sys.exit(main())
