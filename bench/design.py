"""How much compute does an answer cost? Designs of runs on simulated truths.

Five scenarios, 40 truths each: (1) 12 runs so far, 4 sizes at 10, 30 and 100 tokens per parameter;
(2) the same with heavy-tailed noise; (3) 6 runs, all at 20 tokens per parameter; (4) the truth is
the law of over-training or the coupled law, the design and the fit assume the additive one;
(5) no run may be larger than 3 times the largest so far. New runs cost 10 times the runs so far;
wanted are the compute-optimal size and the lowest loss at 10 times that budget. Noise is 0.4 %.

Every design of a scenario costs the same. After it the additive law is fitted to all runs by least
squares of log loss, and the 95 % interval follows by the delta method with a t quantile.

Writes ``results/bench/design.json``; ``bench/page.py`` makes the page.

Usage: ``python bench/design.py [--truths 40] [--scenarios 1,2,3,4,5] [--peer PYTHON]``
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402

from scaling_studies.engine.planning.design import design  # noqa: E402
from scaling_studies.engine.planning.posterior import log_lowest, log_optimum  # noqa: E402
from scaling_studies.engine.planning.shared_shape import Rows, fit_shared  # noqa: E402
from scaling_studies.errors import FitError  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
NOISE = 0.004
#: Compute at which truths are described, and the factor between what was spent and what is left.
REFERENCE, FACTOR = 1e21, 10.0
#: Widest interval that is told from none at all: a factor of a million.
OPEN = float(np.log(1e6))
TARGETS = {"size": log_optimum, "loss": log_lowest}

Runs = tuple[np.ndarray, np.ndarray]


class Truth:
    """A law with noise, runs so far, and what is allowed."""

    def __init__(self, scenario: int, number: int) -> None:
        self.rng = np.random.Generator(np.random.Philox(key=[scenario, number]))
        rng = self.rng
        self.key = (scenario, number)
        self.heavy = scenario == 2
        offset, reducible = rng.uniform(1.5, 2.2), rng.uniform(0.25, 0.6)
        alpha, beta = rng.uniform(0.25, 0.45, 2)
        ratio = np.exp(rng.uniform(np.log(5.0), np.log(200.0)))
        log_n, log_d = 0.5 * np.log(REFERENCE / 6.0 / ratio) + np.array([0.0, np.log(ratio)])
        kind = "additive" if scenario != 4 else ("overtrained", "coupled")[number % 2]
        self.loss = law(kind, offset, reducible, alpha, beta, log_n, log_d)
        sizes, ratios = (6, (20.0,)) if scenario == 3 else (4, (10.0, 30.0, 100.0))
        params = np.repeat(np.geomspace(2e7, 4e8, sizes), len(ratios))
        self.prior = params, params * np.tile(ratios, sizes)
        spent = float((6.0 * self.prior[0] * self.prior[1]).sum())
        self.budget = FACTOR * spent
        self.at_flops = 10.0 * self.budget
        self.max_params = 3.0 * params.max() if scenario == 5 else None
        self.measured = self.measure(self.prior, "prior")
        axis = np.linspace(np.log(1e6), np.log(self.at_flops / 6e7), 20_001)
        along = self.loss(axis, np.log(self.at_flops / 6.0) - axis)
        self.answers = {"size": float(axis[along.argmin()]), "loss": float(np.log(along.min()))}

    def measure(self, runs: Runs, arm: str) -> np.ndarray:
        """Losses of runs, with noise of their own."""
        key = [self.key[0] * 1000 + self.key[1], sum(map(ord, arm))]
        rng = np.random.Generator(np.random.Philox(key=key))
        size = len(runs[0])
        draw = rng.standard_t(3, size) / np.sqrt(3.0) if self.heavy else rng.normal(size=size)
        return self.loss(np.log(runs[0]), np.log(runs[1])) * np.exp(NOISE * draw)


def law(
    kind: str,
    offset: float,
    reducible: float,
    alpha: float,
    beta: float,
    log_n: float,
    log_d: float,
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Loss as a function of log size and log data, with its optimum at a given place."""
    size_share = beta / (alpha + beta)

    def terms(n: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # At the optimum alpha times the size term equals beta times the data term.
        size = reducible * size_share * np.exp(-alpha * (n - log_n))
        return size, reducible * (1.0 - size_share) * np.exp(-beta * (d - log_d))

    def additive(n: np.ndarray, d: np.ndarray) -> np.ndarray:
        return offset + sum(terms(n, d))

    def overtrained(n: np.ndarray, d: np.ndarray) -> np.ndarray:
        power = 0.5 * (alpha + beta) / 2.0
        moved = 0.5 * (alpha + beta) / 2.0 * (d - n - log_d + log_n)
        return offset + reducible * np.cosh(moved) * np.exp(-power * (n + d - log_n - log_d))

    def coupled(n: np.ndarray, d: np.ndarray) -> np.ndarray:
        # Kaplan's form: the terms add inside a power, and there is no offset apart from it.
        size, data = terms(n, d)
        return offset + (size**1.5 + data**1.5) ** (1.0 / 1.5)

    return {"additive": additive, "overtrained": overtrained, "coupled": coupled}[kind]


def grid(truth: Truth) -> Runs:
    """Four budgets, a factor of three apart, with five sizes each around 20 tokens a parameter."""
    flops = np.repeat(truth.budget / 5.0 * 3.0 ** -np.arange(4.0) / sum(3.0 ** -np.arange(4.0)), 5)
    params = np.sqrt(flops / 120.0) * np.tile(np.geomspace(0.25, 4.0, 5), 4)
    if truth.max_params is not None:
        top = np.minimum(np.sqrt(flops / 120.0) * 4.0, truth.max_params)
        params = top * np.tile(np.geomspace(1.0 / 16.0, 1.0, 5), 4)
    return params, flops / 6.0 / params


def ladder(truth: Truth) -> Runs:
    """Runs at 20 tokens a parameter, a factor of two in compute apart."""
    flops = truth.budget * 2.0 ** -np.arange(1.0, 9.0) / (1.0 - 2.0**-8)
    if truth.max_params is not None:
        most = 120.0 * truth.max_params**2
        count = min(int(truth.budget / most), 12)
        flops = np.concatenate([np.full(count, most), most * 2.0 ** -np.arange(1.0, 9.0)])
    params = np.sqrt(flops / 120.0)
    return params, 20.0 * params


def at_random(truth: Truth) -> Runs:
    """Runs anywhere in the box of sizes and ratios, until the budget is spent or 20 are made."""
    rng, left, chosen = truth.rng, truth.budget, []
    while len(chosen) < 20 and left > 0.01 * truth.budget:
        flops = min(truth.budget * np.exp(rng.uniform(np.log(0.003), np.log(0.3))), left)
        if len(chosen) == 19:
            flops = left
        params = np.sqrt(flops / 6.0 / np.exp(rng.uniform(np.log(2.0), np.log(500.0))))
        params = min(params, truth.max_params or np.inf)
        chosen.append((params, flops / 6.0 / params))
        left -= flops
    sizes, data = np.array(chosen).T
    return sizes, data


def ours(share: float, target: str) -> Callable[[Truth], Runs]:
    """Our design for a share of the budget."""

    def make(truth: Truth) -> Runs:
        frame = {"params": truth.prior[0], "tokens": truth.prior[1], "loss": truth.measured}
        answer = design(
            frame,
            share * truth.budget,
            target,
            at_flops=truth.at_flops,
            max_params=truth.max_params,
        )
        return (
            np.array([run.params for run in answer.runs]),
            np.array([run.tokens for run in answer.runs]),
        )

    return make


ARMS: dict[str, Callable[[Truth], Runs]] = {
    "isoFLOP grid": grid,
    "ladder at 20 tokens a parameter": ladder,
    "random in the box": at_random,
    "ours": ours(1.0, "optimum"),
    "ours, half the compute": ours(0.5, "optimum"),
    "ours, for the loss": ours(1.0, "loss"),
    "ours, for the loss, half the compute": ours(0.5, "loss"),
}
PEER = "simple-scaling-laws 0.2"


def peer_designs(python: str, truths: list[Truth]) -> list[Runs]:
    """Designs of the peer, made in its own environment."""
    asked = [
        {
            "params": truth.prior[0].tolist(),
            "tokens": truth.prior[1].tolist(),
            "loss": truth.measured.tolist(),
            "budget": truth.budget,
            "at_flops": truth.at_flops,
            "max_params": truth.max_params,
        }
        for truth in truths
    ]
    script = Path(__file__).with_name("design_peer.py")
    done = subprocess.run(
        [python, script], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    return [(np.array(a), np.array(b)) for a, b in json.loads(done.stdout)]


def judge(truth: Truth, new: Runs, arm: str) -> dict[str, dict[str, float]]:
    """Width, error and coverage of both targets after a design."""
    sizes, data = (np.concatenate(pair) for pair in zip(truth.prior, new, strict=True))
    loss = np.concatenate([truth.measured, truth.measure(new, arm)])
    logs = np.log(np.stack([sizes, data]))
    none = {"width": OPEN, "error": OPEN, "covered": 1.0, "estimate": float("nan")}
    try:
        found = fit_shared(Rows(logs, loss, np.zeros(len(loss), int), np.zeros((1, 2, 0))))
    except FitError:
        return {name: dict(none) for name in TARGETS}
    point = np.concatenate([found.parameters[:3], np.log(found.exponents)])[None]
    jacobian = found.jacobian * np.r_[1.0, 1.0, 1.0, found.exponents]
    moved = (jacobian**2).sum(axis=0) > 0
    freedom = len(loss) - int(moved.sum())
    variance = float(found.residuals @ found.residuals) / freedom
    product, steps = float(np.log(truth.at_flops / 6.0)), 1e-5 * np.eye(5)
    answers = {}
    for name, target in TARGETS.items():
        around = [target(point + s * steps, found.centre, product) for s in (1.0, -1.0)]
        gradient = ((around[0] - around[1]) / 2e-5)[moved]
        value = float(target(point, found.centre, product)[0])
        kept = jacobian[:, moved]
        scale = np.sqrt((kept**2).sum(axis=0))
        if np.linalg.cond(kept / scale) > 1e7:
            answers[name] = dict(none)
            continue
        solved = np.linalg.lstsq((kept / scale).T, gradient / scale, rcond=None)[0]
        half = t_quantile(freedom) * float(np.sqrt(variance * (solved @ solved)))
        error = abs(value - truth.answers[name])
        answers[name] = {
            "width": min(2.0 * half, OPEN),
            "error": min(error, OPEN),
            "covered": float(error <= half),
        }
    return answers


def t_quantile(freedom: int) -> float:
    """97.5 % point of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


def summary(results: dict[str, list[dict[str, dict[str, float]]]]) -> dict[str, dict]:
    """Medians over truths by target and arm; the best arm of a truth has the narrowest interval."""
    record: dict[str, dict] = {}
    full = [arm for arm in results if "half" not in arm]
    for target in TARGETS:
        widths = {arm: np.array([one[target]["width"] for one in results[arm]]) for arm in results}
        rivals = [
            arm
            for arm in full
            if ("for the loss" in arm) == (target == "loss") or "ours" not in arm
        ]
        best = np.argmin(np.stack([widths[arm] for arm in rivals]), axis=0)
        record[target] = {
            arm: {
                "median_width": float(np.median(widths[arm])),
                "median_error": float(np.median([one[target]["error"] for one in results[arm]])),
                "coverage": float(np.mean([one[target]["covered"] for one in results[arm]])),
                "best": float(np.mean(best == rivals.index(arm))) if arm in rivals else None,
                "median_ratio_to_grid": float(np.median(widths[arm] / widths["isoFLOP grid"])),
                "flops": float(np.median([one["flops"] for one in results[arm]])),
                "runs": float(np.median([one["runs"] for one in results[arm]])),
            }
            for arm in results
        }
    return record


def run(scenario: int, count: int, peer: str | None) -> dict[str, dict]:
    """All arms on the truths of one scenario."""
    truths = [Truth(scenario, number) for number in range(count)]
    designs = {arm: [make(truth) for truth in truths] for arm, make in ARMS.items()}
    if peer:
        designs[PEER] = peer_designs(peer, truths)
    results = {
        arm: [
            judge(truth, new, arm)
            | {"flops": float((6.0 * new[0] * new[1]).sum() / truth.budget), "runs": len(new[0])}
            for truth, new in zip(truths, made, strict=True)
        ]
        for arm, made in designs.items()
    }
    return summary(results)


def main() -> int:
    """Run the scenarios and write the record."""
    parser = argparse.ArgumentParser(description="Compute that an answer costs, by design.")
    parser.add_argument("--truths", type=int, default=40)
    parser.add_argument("--scenarios", default="1,2,3,4,5")
    parser.add_argument("--peer", help="Python of the environment with the peer")
    arguments = parser.parse_args()
    path = ROOT / "results" / "bench" / "design.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for scenario in map(int, arguments.scenarios.split(",")):
        record[str(scenario)] = {
            "truths": arguments.truths,
            **run(scenario, arguments.truths, arguments.peer),
        }
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        for target in TARGETS:
            for arm, row in record[str(scenario)][target].items():
                print(
                    scenario,
                    target,
                    arm,
                    {k: v if v is None else round(v, 3) for k, v in row.items()},
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
