"""A simulated table that looks like the Chinchilla points."""

from __future__ import annotations

import numpy as np
import pytest

TRUTH = {"E": 1.8172, "A": 477.8, "B": 2143.4, "alpha": 0.34731, "beta": 0.36717}


def simulated_runs(seed: int, size: int = 120, noise: float = 0.01) -> dict[str, np.ndarray]:
    """Runs on isoFLOP-like budgets with log-normal noise."""
    rng = np.random.default_rng(seed)
    flops = rng.choice([6e18, 1e19, 3e19, 6e19, 1e20, 3e20, 6e20, 1e21, 3e21], size)
    params = 10.0 ** (rng.uniform(-0.8, 0.8, size) + 0.5 * np.log10(flops / 1e20) + 9.0)
    tokens = flops / (6.0 * params)
    loss = TRUTH["E"] + TRUTH["A"] * params ** -TRUTH["alpha"]
    loss = (loss + TRUTH["B"] * tokens ** -TRUTH["beta"]) * np.exp(noise * rng.normal(size=size))
    return {"params": params, "tokens": tokens, "loss": loss, "flops": flops}


@pytest.fixture(scope="session")
def runs() -> dict[str, np.ndarray]:
    """One such table of 120 rows."""
    return simulated_runs(0)


@pytest.fixture(scope="session")
def truth() -> dict[str, float]:
    """Its truth."""
    return dict(TRUTH)
