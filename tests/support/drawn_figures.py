"""Entries of figures of every kind, and what they are drawn from."""

from __future__ import annotations

from pathlib import Path

from simulated_artefacts import CARD, STUDY

from scaling_studies import figures
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.study import StudyCard

COMPARISONS = {
    "agreement_forest",
    "choice_ranges",
    "cross_predictions",
    "error_by_distance",
    "exponents_forest",
    "held_out_errors",
    "ladder",
    "noise_floor",
    "parabola_bias",
    "plans",
    "run_map",
    "specification_curve",
    "verdict_matrix",
}
#: Kind -> fits and options of the entry it is tested with.
ENTRIES = {
    "agreement_forest": ([], {}),
    "asymptote_profile": (["refit"], {}),
    "choice_ranges": ([], {}),
    "cross_predictions": ([], {}),
    "error_by_distance": ([], {}),
    "exponents_forest": ([], {}),
    "held_out_errors": ([], {}),
    "ladder": ([], {}),
    "learning_curves": (["curve_1.4b"], {}),
    "lines": (
        ["refit", "printed"],
        {"x": "flops", "panels": "fit", "series": "tokens_per_parameter", "annotate": 2},
    ),
    "loss_surface": (["refit", "printed"], {}),
    "noise_floor": ([], {}),
    "optimal_params": (["refit", "printed"], {}),
    "parameter_intervals": (["refit", "printed"], {"quantities": ["alpha", "beta"]}),
    "parabola_bias": ([], {}),
    "plans": ([], {"purpose": "over_trained"}),
    "printed_audit": (["refit"], {}),
    "resample_pairs": (["refit"], {"scale": {"A": "log", "B": "log"}}),
    "residuals": (["refit", "printed"], {}),
    "run_map": ([], {}),
    "served_sizes": (["refit"], {"sizes": [1e8, 1e9]}),
    "simulated_frontier": (["printed"], {}),
    "specification_curve": ([], {"quantity": "tokens_per_parameter"}),
    "tokens_per_parameter": (["refit", "printed"], {}),
    "verdict_matrix": ([], {}),
}


def entry_of(kind: str, **changes: object) -> FigureEntry:
    fits, options = ENTRIES.get(kind, ([], {}))
    entry = {
        "kind": kind,
        "title": "An answer in plain words",
        "subtitle": "What is plotted, with its unit",
        "caption": "What to see.",
        "alt": "What is there.",
        "options": options,
    }
    return FigureEntry.rebuilt(entry | ({"fits": fits} if fits else {}) | changes)


def inputs_of(results: Path) -> figures.Inputs:
    """Artefacts of the simulated study, as its job hands them over."""
    fits, resamples = results / "fits" / STUDY, results / "resamples" / STUDY
    return figures.Inputs(
        fits=sorted(fits.glob("*.json")),
        points=sorted(fits.glob("*.points.parquet")),
        resamples=sorted(resamples.glob("*.parquet")),
        intervals=sorted(resamples.glob("*.json")),
    )


def tables_of(results: Path) -> figures.Inputs:
    """Tables over all studies, as their job hands them over."""
    return figures.Inputs(
        tables={
            path.stem: path for path in (*results.glob("*.parquet"), *results.glob("*/*.parquet"))
        }
    )


def context_of(results: Path, kind: str, **changes: object) -> figures.FigureContext:
    entry = entry_of(kind, **changes)
    if kind in COMPARISONS:
        return figures.load(
            None, "figure", entry, tables_of(results), {STUDY: StudyCard.rebuilt(CARD)}
        )
    return figures.load(
        STUDY, "figure", entry, inputs_of(results), {STUDY: StudyCard.rebuilt(CARD)}
    )


def saved(context: figures.FigureContext, folder: Path) -> dict[str, bytes]:
    figure, frame = figures.draw(context)
    figures.save(figure, frame, context.meta(), folder / "figure")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
