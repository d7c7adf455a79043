"""Fits of the project's own cards, made in a test without the workflow."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_studies.cards import load
from scaling_studies.cards.resolve import resolve_fit
from scaling_studies.fits.chains import in_order_of_chains
from scaling_studies.fits.refit import fit_study
from scaling_studies.fits.resampling import draw_resamples, resample_study
from scaling_studies.runs.normalize import read_run_table

if TYPE_CHECKING:
    import pandas as pd

    from scaling_studies.cards.models.fit import ResolvedFit
    from scaling_studies.cards.models.study import StudyCard
    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.uncertainty import Uncertainty

ROOT = Path(__file__).resolve().parents[2]


@cache
def card_of(study: str) -> StudyCard:
    """Card of a study of the project."""
    return load.load_card(ROOT / "config" / "studies" / f"{study}.yaml")


@cache
def runs_of(study: str) -> pd.DataFrame:
    """Run table of a study of the project."""
    table = read_run_table(study, card_of(study).tables, ROOT / "data")
    return table.to_pandas()


@cache
def fit_of(study: str, fit_id: str) -> tuple[ResolvedFit, FitArtefact, pd.DataFrame]:
    """Entry, artefact and points of a fit of a card, and of those that it is chained to."""
    card = card_of(study)
    entry = resolve_fit(card, fit_id)
    needed = {chain.fit: resolve_fit(card, chain.fit) for chain in entry.chain.values()}
    chained = {name: fit_of(study, name)[1].parameters for name in in_order_of_chains(needed)}
    runs = None if entry.estimator == "printed" else runs_of(entry.source_study or study)
    artefact, points = fit_study(study, fit_id, entry, runs, chained)
    return entry, artefact, points


@cache
def resampled(study: str, fit_id: str, resamples: int) -> tuple[pd.DataFrame, Uncertainty]:
    """Resamples of a fit of a card that draws the rows of its points, and their summary."""
    entry, artefact, points = fit_of(study, fit_id)
    draws = draw_resamples(study, fit_id, entry, artefact, points, numbers=range(resamples), seed=0)
    return resample_study(study, fit_id, entry, artefact, points, {}, draws)
