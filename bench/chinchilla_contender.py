"""Run the toolkit ``chinchilla``; called by bench/contenders.py with that environment's Python."""

from __future__ import annotations

import functools
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from chinchilla import Chinchilla
from chinchilla._metrics import log_huber


def main() -> None:
    """Read runs.json in a folder, fit, write answer.json."""
    folder, share = Path(sys.argv[1]), int(sys.argv[2])
    table = json.loads((folder / "runs.json").read_text(encoding="utf-8"))
    # The classic grid; a coarser one keeps its range when only a share of it is asked for.
    sides = (6, 6, 5, 5, 5) if share == 1 else (3, 3, 2, 3, 3)
    ranges = ((0, 25), (0, 25), (-1, 1), (0, 2), (0, 2))
    a, b, e, alpha, beta = (
        np.linspace(low, high, side) for (low, high), side in zip(ranges, sides, strict=True)
    )
    toolkit = Chinchilla(
        str(folder / "project"),
        param_grid={"e": e, "a": a, "b": b, "alpha": alpha, "beta": beta},
        loss_fn=functools.partial(log_huber, delta=1e-3),
        log_level=50,
    )
    for n, d, loss in zip(table["params"], table["tokens"], table["loss"], strict=True):
        toolkit.append(N=n, D=d, loss=loss, C=6.0 * n * d)
    begin = time.perf_counter()
    toolkit.fit(parallel=True)
    seconds = time.perf_counter() - begin
    answer = {
        "seconds": seconds,
        "starts": int(np.prod(sides)),
        "version": version("chinchilla"),
        "parameters": {
            name: float(getattr(toolkit, name)) for name in ("E", "A", "B", "alpha", "beta")
        },
    }
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
