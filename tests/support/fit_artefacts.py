"""Fit artefacts of a made-up fit, for tests of what reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Interval, Uncertainty

LAW = {"E": 1.8172, "A": 477.8, "B": 2143.4, "alpha": 0.34731, "beta": 0.36717}


def artefact(**changes: Any) -> FitArtefact:
    """A refit of the additive law, with changes."""
    content = {
        "study": "s",
        "fit": "f",
        "title": "A fit",
        "law": "additive",
        "formula": "L = ...",
        "estimator": "parametric",
        "objective": {"name": "huber_log", "delta": 1e-3},
        "n": 240,
        "n_held_out": 1,
        "parameters": LAW,
        "fixed": {},
        "objective_value": 1.0,
        "quantities": LAW | {"a_opt": 0.5139},
        "headline": ["alpha", "a_opt"],
    }
    return FitArtefact(**content | changes)


def uncertainty(level: float = 0.95, **intervals: Interval) -> Uncertainty:
    """What is known of its uncertainty: some intervals."""
    return Uncertainty("s", "f", "pairs", None, 100, level, 1.0, intervals)


def runs() -> pd.DataFrame:
    """Eight runs with a loss and an error each, as a run table; the last one diverged."""
    params = np.geomspace(1e6, 1e9, 8)
    keys = [f"r{place}" for place in range(8)]
    losses = pd.DataFrame(
        {
            "table": "runs",
            "run_id": keys,
            "row_key": keys,
            "group_id": np.repeat(["a", "b", "c", "d"], 2),
            "params_total": params,
            "tokens": 20.0 * params,
            "metric": "loss",
            "eval_set": "c4",
            "value": 1.5 + 40.0 * params**-0.3 + 0.01 * np.sin(np.arange(8.0)),
            "value_low": np.nan,
            "value_high": np.nan,
            "value_std": 0.1,
            "status": ["ok"] * 7 + ["diverged"],
        }
    )
    errors = losses.assign(metric="error", eval_set="mean", value=losses["value"] ** 2 / 20)
    return pd.concat([losses, errors], ignore_index=True)
