"""Simulated studies that go the way of real ones, from runs to the context of the checks."""

from __future__ import annotations

import functools
import json
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from card_entries import fit_entry

from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.models.table import Measurement, TableEntry
from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.part import checked_part
from scaling_studies.fits.refit import fit_study
from scaling_studies.fits.resampling import draw_resamples, resample_study
from scaling_studies.verdicts.table import verdict_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STUDY = "simulated_2020"
TRUTH = {"E": 1.7, "A": 400.0, "B": 1500.0, "alpha": 0.34, "beta": 0.36}
AXES = {"params": "params_total", "tokens": "tokens"}
REFIT: dict[str, Any] = {
    "title": "Refit",
    "law": "additive",
    "axes": AXES,
    "response": {"metric": "loss"},
    "resample": {"kind": "pairs"},
}
EVALUATED: dict[str, Any] = REFIT | {"title": "As published", "estimator": "evaluate"}


def simulated_runs(
    params: tuple[float, float] = (2e7, 2e10), noise: float = 0.004, **columns: Any
) -> pd.DataFrame:
    """Runs of twelve sizes with five amounts of data each, in the form of a run table."""
    sizes = np.repeat(np.geomspace(*params, 12), 5)
    tokens = sizes * np.tile([5.0, 10.0, 20.0, 40.0, 160.0], 12)
    scatter = np.exp(np.random.default_rng(3).normal(0.0, noise, len(sizes)))
    law = TRUTH["E"] + TRUTH["A"] * sizes ** -TRUTH["alpha"] + TRUTH["B"] * tokens ** -TRUTH["beta"]
    keys = [f"run_{place:02d}" for place in range(len(sizes))]
    return pd.DataFrame(
        {
            "table": "runs",
            "run_id": keys,
            "row_key": keys,
            "group_id": keys,
            "provenance": "measured",
            "params_total": sizes,
            "params_convention": "total",
            "tokens": tokens,
            "flops": 6.0 * sizes * tokens,
            "flops_6nd": 6.0 * sizes * tokens,
            "flops_convention": "6ND_total",
            "dataset": "made",
            "metric": "loss",
            "eval_set": "made",
            "value": law * scatter,
            "value_low": np.nan,
            "value_high": np.nan,
            "value_std": np.nan,
            "status": "ok",
        }
        | columns
    )


def made_card(fits: dict[str, dict[str, Any]], **units: str) -> StudyCard:
    """A card with fits and with tables whose measured loss has these units."""
    return StudyCard.model_construct(
        study=STUDY,
        tables={
            name: TableEntry.model_construct(
                measurements=(
                    Measurement.model_validate({"metric": "loss", "unit": unit, "from": "loss"}),
                )
            )
            for name, unit in units.items()
        },
        fits={name: FitEntry.model_validate(fit) for name, fit in fits.items()},
    )


def checked_study(
    runs: pd.DataFrame | None = None, resamples: int = 40, **entries: dict[str, Any]
) -> CheckContext:
    """Fit, resample and judge the entries of a card, as the workflow does.

    Parameters
    ----------
    runs
        Run table; `simulated_runs` when absent.
    resamples
        How many.
    **entries
        Fits of the card, by name.
    """
    runs = simulated_runs() if runs is None else runs
    fits, points, intervals = {}, {}, {}
    for name, entry in entries.items():
        rows = None if entry.get("estimator") == "printed" else runs
        text = json.dumps(entry, sort_keys=True)
        made = _fit_and_resample(name, text, pickle.dumps(rows), resamples)
        fits[name], points[name], intervals[name] = pickle.loads(made)
    card = made_card(entries, runs="nats_per_token")
    verdicts = verdict_rows(STUDY, card.fits, fits, intervals)
    columns = {name: arrays(frame) for name, frame in points.items()}
    return CheckContext(STUDY, checked_part(card, {}), fits, intervals, columns, verdicts)


@functools.cache
def _fit_and_resample(name: str, entry_text: str, rows: bytes, resamples: int) -> bytes:
    """Artefact, points and intervals of a fit; many tests ask for the same, and change them."""
    entry = json.loads(entry_text)
    artefact, points = fit_study(STUDY, name, fit_entry(entry), pickle.loads(rows), {})
    intervals = artefact.uncertainty
    if fit_entry(entry).is_resampled:
        draws = draw_resamples(
            STUDY, name, fit_entry(entry), artefact, points, numbers=range(resamples), seed=1
        )
        _, intervals = resample_study(STUDY, name, fit_entry(entry), artefact, points, {}, draws)
    return pickle.dumps((artefact, points, intervals))


def arrays(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Columns of a frame, as the job reads them from its artefact."""
    return {name: frame[name].to_numpy() for name in frame}


def found(check: Callable[[CheckContext], Iterator[Finding]], context: CheckContext) -> dict:
    """Findings by severity, as texts with the fit they concern."""
    result: dict[str, list[tuple[str | None, str]]] = {"fail": [], "warning": [], "info": []}
    for finding in check(context):
        result[finding.severity].append((finding.fit, finding.text))
    return result
