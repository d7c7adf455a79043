"""What a user would do today: SciPy from the classic 4,500 starts, and a published toolkit."""

from __future__ import annotations

import itertools
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

DELTA = 1e-3


def classic_starts(share: int = 1) -> np.ndarray:
    """Every ``share``-th of the 4,500 starts of Hoffmann et al. 2022: a, b, e, alpha, beta."""
    coefficient = np.arange(0.0, 30.0, 5.0)
    offset = np.arange(-1.0, 1.5, 0.5)
    exponent = np.arange(0.0, 2.5, 0.5)
    grid = itertools.product(coefficient, coefficient, offset, exponent, exponent)
    return np.array(list(grid))[::share]


class ClassicObjective:
    """Sum of Huber(1e-3) of log residuals in a = log A, b = log B, e = log E, alpha, beta."""

    def __init__(self, params: np.ndarray, tokens: np.ndarray, loss: np.ndarray, weights=None):
        self.log_n, self.log_d, self.log_loss = np.log(params), np.log(tokens), np.log(loss)
        self.weights = np.ones(len(loss)) if weights is None else weights

    def _terms(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        terms = np.stack(
            [x[0] - x[3] * self.log_n, x[1] - x[4] * self.log_d, np.full_like(self.log_n, x[2])]
        )
        top = terms.max(axis=0)
        total = top + np.log(np.exp(terms - top).sum(axis=0))
        return terms, total

    def value(self, x: np.ndarray) -> float:
        """Objective alone."""
        residual = self._terms(x)[1] - self.log_loss
        size = np.abs(residual)
        rows = np.where(size <= DELTA, 0.5 * residual**2, DELTA * (size - 0.5 * DELTA))
        return float((self.weights * rows).sum())

    def value_and_gradient(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Objective and analytic gradient."""
        terms, total = self._terms(x)
        residual = total - self.log_loss
        size = np.abs(residual)
        rows = np.where(size <= DELTA, 0.5 * residual**2, DELTA * (size - 0.5 * DELTA))
        slope = self.weights * np.clip(residual, -DELTA, DELTA)
        share = np.exp(terms - total) * slope
        gradient = np.array(
            [
                share[0].sum(),
                share[1].sum(),
                share[2].sum(),
                -(share[0] * self.log_n).sum(),
                -(share[1] * self.log_d).sum(),
            ]
        )
        return float((self.weights * rows).sum()), gradient


def to_parameters(x: np.ndarray) -> dict[str, float]:
    """Natural parameters of a classic vector."""
    a, b, e = np.exp(x[:3])
    return {"E": e, "A": a, "B": b, "alpha": x[3], "beta": x[4]}


def run_lbfgs(frame: dict[str, np.ndarray], gradient: bool, share: int) -> dict[str, object]:
    """SciPy's L-BFGS-B with its defaults from every start: best end, CPU time, share there."""
    objective = ClassicObjective(frame["params"], frame["tokens"], frame["loss"])
    starts = classic_starts(share)
    begin = time.process_time()
    ends = [
        minimize(
            objective.value_and_gradient if gradient else objective.value,
            start,
            jac=gradient or None,
            method="L-BFGS-B",
        )
        for start in starts
    ]
    seconds = time.process_time() - begin
    values = np.array([end.fun for end in ends])
    best = ends[int(np.nanargmin(values))]
    return {
        "seconds": seconds * 4500 / len(starts),
        "starts_run": len(starts),
        "objective": float(best.fun),
        "share": float(np.mean(values <= 0.00101827402 * (1 + 1e-6))),
        "parameters": to_parameters(best.x),
    }


def run_chinchilla(
    python: str, frame: dict[str, np.ndarray], share: int
) -> dict[str, object] | None:
    """The toolkit ``chinchilla`` in its own environment, with the same starts and objective."""
    script = Path(__file__).with_name("chinchilla_contender.py")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = {key: frame[key].tolist() for key in ("params", "tokens", "loss")}
        (folder / "runs.json").write_text(json.dumps(table), encoding="utf-8")
        done = subprocess.run(
            [python, str(script), str(folder), str(share)], capture_output=True, text=True
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no message"]
            print(f"chinchilla failed: {lines[-1]}")
            return None
        record = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    parameters = record["parameters"]
    x = np.array(
        [
            np.log(parameters["A"]),
            np.log(parameters["B"]),
            np.log(parameters["E"]),
            parameters["alpha"],
            parameters["beta"],
        ]
    )
    objective = ClassicObjective(frame["params"], frame["tokens"], frame["loss"])
    return {
        "seconds": record["seconds"] * 4500 / record["starts"],
        "starts_run": record["starts"],
        "objective": objective.value(x),
        "share": None,
        "parameters": parameters,
        "version": record["version"],
    }


def run_bfgs_bootstrap(
    frame: dict[str, np.ndarray], parameters: dict[str, float], weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """SciPy BFGS from one start for every row of resample weights: ends, objectives, seconds."""
    start = np.array(
        [
            np.log(parameters["A"]),
            np.log(parameters["B"]),
            np.log(parameters["E"]),
            parameters["alpha"],
            parameters["beta"],
        ]
    )
    ends, values = [], []
    begin = time.process_time()
    for row in weights:
        objective = ClassicObjective(frame["params"], frame["tokens"], frame["loss"], row)
        answer = minimize(objective.value, start, method="BFGS")
        ends.append(answer.x)
        values.append(answer.fun)
    return np.array(ends), np.array(values), time.process_time() - begin
