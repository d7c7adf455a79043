"""Fit artefacts of a made-up fit, for tests of what reads them."""

from __future__ import annotations

from typing import Any

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
