"""Universes of Chinchilla's points: one batched solve against SciPy from one start each.

Every universe of the card's fit (objective, rows, exponents) is solved by `choices.universes`; of
a sample of them SciPy's BFGS minimises the same objective, once each: as it is called most often,
with its own differences, from E = 1.7, A = B = 400, α = β = 0.35; and, the best that can be made of
it, with the exact gradient from the optimum of all points. CPU seconds in one process, and the
ratio a universe.

Writes ``results/bench/choices.json``.

Usage: ``python bench/choices.py [--sample 60]``
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402
from scipy.optimize import minimize  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import chinchilla  # noqa: E402

from scaling_studies.choices.rows import outlier_choices, row_choices  # noqa: E402
from scaling_studies.choices.universes import universes  # noqa: E402
from scaling_studies.engine.objectives import get_objective  # noqa: E402


def of_one(universe, points, masks, *, exact: bool) -> tuple[float, float]:
    """CPU seconds and end of SciPy on one universe."""
    rows = points[masks[universe["outliers"], universe["rows"]]]
    log_n, log_d = np.log(rows["params"].to_numpy()), np.log(rows["tokens"].to_numpy())
    observed = np.log(rows["observed"].to_numpy())
    name, _, constant = universe["objective"].partition("(delta=")
    objective = get_objective(name, float(constant.rstrip(")") or 1e-3))
    tied, logs = universe["exponents"] == "tied", objective.residual == "log"

    def value_of(vector):
        e, a, b, alpha = vector[:4]
        beta = alpha if tied else vector[4]
        value = np.exp(e) + np.exp(a - alpha * log_n) + np.exp(b - beta * log_d)
        with np.errstate(all="ignore"):
            residual = np.log(value) - observed if logs else value - np.exp(observed)
            return objective.loss(residual)[0].sum()

    def loss(vector):
        e, a, b, alpha = vector[:4]
        beta = alpha if tied else vector[4]
        terms = np.array([np.full(len(log_n), e), a - alpha * log_n, b - beta * log_d])
        value = np.logaddexp(np.logaddexp(terms[0], terms[1]), terms[2])
        if logs:
            value, slope = value - observed, np.exp(terms - value)
        else:
            slope = np.exp(terms)
            value = np.exp(value) - np.exp(observed)
        each, by_value, _ = objective.loss(value)
        parts = (by_value * slope).sum(axis=1)
        by_alpha = -(by_value * slope[1] * log_n).sum()
        by_beta = -(by_value * slope[2] * log_d).sum()
        ends = [by_alpha + by_beta] if tied else [by_alpha, by_beta]
        return each.sum(), np.array([*parts, *ends])

    start = [0.5973, 6.1692, 7.6701, 0.3473, 0.3672] if exact else [0.53, 6.0, 6.0, 0.35, 0.35]
    asked = loss if exact else lambda vector: value_of(vector)
    begin = time.process_time()
    end = minimize(asked, start[: 4 + (not tied)], jac=exact, method="BFGS")
    return time.process_time() - begin, float(end.fun)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=60)
    sample = parser.parse_args().sample
    entry, points = chinchilla.entry(), chinchilla.points()
    universes(entry, points.iloc[::20].reset_index(drop=True))  # imports are no part of it
    begin = time.process_time()
    found = universes(entry, points)
    batched = time.process_time() - begin
    masks = {
        (outliers, rows): one & other
        for outliers, one in outlier_choices(points).items()
        for rows, other in row_choices(points).items()
    }
    chosen = found.iloc[:: max(1, len(found) // sample)]
    ours = chosen["objective_value"].to_numpy()
    answer = {
        "universes": len(found),
        "seconds": batched,
        "seconds_for_2000": 2000 * batched / len(found),
        "scipy_sample": len(chosen),
    }
    for name, exact in (("scipy_usual", False), ("scipy_best", True)):
        singly = [of_one(each, points, masks, exact=exact) for _, each in chosen.iterrows()]
        seconds, ends = np.array(singly).T
        answer[name] = {
            "seconds_each": float(seconds.mean()),
            "ratio": float(seconds.mean() * len(found) / batched),
            "ends_higher": float(np.mean(ends > ours * (1 + 1e-6))),
            "ends_lower": float(np.mean(ends < ours * (1 - 1e-6))),
        }
    path = ROOT / "results/bench/choices.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(answer, indent=1))


if __name__ == "__main__":
    main()
