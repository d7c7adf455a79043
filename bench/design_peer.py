"""Designs of `simple-scaling-laws` 0.2 for bench/design.py: tables on standard input, runs out.

Its own advice is followed: `suggest_runs` after a fit of its separable law, and its isoFLOP grid of
the same cost where the runs so far determine no optimum. Runs in the environment of the peer.
"""

from __future__ import annotations

import json
import sys
import warnings

import numpy as np
import polars as pl
from simple_scaling_laws import fit
from simple_scaling_laws.cost import cost_model
from simple_scaling_laws.design import isoflop_grid, suggest_runs

#: Runs that each candidate budget would pay for, and most runs of a design.
SHARES, MOST = (80.0, 40.0, 20.0, 10.0), 20
PARAMS, TOKENS = "model_size__n_params", "dataset_size__n_tokens"


def design(asked: dict, cost: object) -> tuple[list[float], list[float]]:
    """One design within the budget and the largest size."""
    budget, largest = asked["budget"], asked["max_params"] or np.inf
    runs = pl.DataFrame(
        {
            "training_run_id": [f"r{number}" for number in range(len(asked["loss"]))],
            PARAMS: asked["params"],
            TOKENS: asked["tokens"],
            "test_loss__ce": asked["loss"],
        }
    )
    try:
        model = fit(runs, law="separable-power", n_draws=100, seed=0)
        candidates = [budget / share for share in SHARES]
        chosen = suggest_runs(
            model, [asked["at_flops"]], cost, n=MOST, candidate_budgets=candidates, per_cost=False
        )
        spent = [budget / MOST] * len(chosen) if chosen.is_empty() else chosen["cost"].to_list()
        sizes = np.array(chosen[PARAMS].to_list())
    except Exception:
        # The peer refuses in several ways; each means that its grid comes first.
        parts = budget / 6.0 / sum(3.0 ** -np.arange(4.0)) * 3.0 ** -np.arange(4.0)
        plan = isoflop_grid(parts.tolist(), cost, 20.0, 5, centre_replicates=2)
        sizes = np.repeat(plan[PARAMS].to_numpy(), plan["runs"].to_numpy())
        spent = np.repeat(plan["cost"].to_numpy(), plan["runs"].to_numpy()).tolist()
    found: tuple[list[float], list[float]] = ([], [])
    left = budget
    # Its choices in order, again from the first one, until the budget is spent or 20 runs are made.
    for number in range(MOST):
        flops = min(spent[number % len(sizes)], left)
        if flops < 1e-3 * budget:
            break
        params = min(float(sizes[number % len(sizes)]), largest)
        found[0].append(params)
        found[1].append(flops / 6.0 / params)
        left -= flops
    return found


def main() -> int:
    """Read what is asked and write the designs."""
    warnings.simplefilter("ignore")
    cost = cost_model("power", k=6.0, a=1.0, b=1.0)
    json.dump([design(asked, cost) for asked in json.load(sys.stdin)], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
