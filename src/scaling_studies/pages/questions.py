"""The pages of two questions across studies: what choices do, and how far laws may be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scaling_studies.choices.summary import MOST
from scaling_studies.engine.uncertainty.distance import ANY_LAW, BINS
from scaling_studies.forecasts.board import ALL, LEARNED, TODAY
from scaling_studies.forecasts.contenders import LARGEST_AGAIN, LAST_TWO, STACKED, contender_title
from scaling_studies.pages.render import provenance_of, rendered
from scaling_studies.pages.tables import Row

#: Pages by file name, with their names.
PAGES = {
    "choices.html": "Choices",
    "agreement.html": "Agreement",
    "extrapolation.html": "Extrapolation",
    "allocation.html": "Allocation",
}
#: Shares of new runs between which a stated 95 % interval counts as held, up to a distance of 100.
HELD = (0.90, 0.98)


def render_choices(
    rows: Sequence[Row],
    *,
    names: Mapping[str, str],
    fits: Mapping[str, Mapping[str, str]],
    figures: Sequence[Mapping[str, Any]] = (),
    has_claims: bool = False,
    provenance: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Write the page that holds sampling against choice.

    Parameters
    ----------
    rows
        Rows of ``results/comparisons/choices.parquet``.
    names, fits
        Name of each study, and title by study and fit.
    figures
        Descriptions of the figures over all studies; those of this page are shown.
    has_claims
        Whether there is a page of claims.
    provenance
        Records of the tables.
    """
    tried = [row for row in rows if row["usable"] and row["inside"] is not None]
    return rendered(
        "choices.html.j2",
        root="..",
        here="choices",
        has_claims=has_claims,
        rows=rows,
        names=names,
        fits=fits,
        figures=[figure for figure in figures if figure["page"] == "choices"],
        tried=len(tried),
        stands=sum(row["inside"] >= MOST for row in tried),
        most=MOST,
        combinations=sum({(row["study"], row["fit"]): row["universes"] for row in rows}.values()),
        provenance=provenance_of([(record["rule"], record) for record in provenance]),
    )


def render_extrapolation(
    intervals: Sequence[Row],
    board: Sequence[Row],
    *,
    figures: Sequence[Mapping[str, Any]] = (),
    has_claims: bool = False,
    provenance: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Write the page of forecasts: intervals by distance, and the board of laws.

    Parameters
    ----------
    intervals, board
        Rows of ``results/comparisons/intervals.parquet`` and ``board.parquet``.
    figures, has_claims, provenance
        As in :func:`render_choices`.
    """
    by = {(row["law"], row["distance_bin"], row["method"]): row for row in intervals}
    lines = [
        (law, bin_, by.get((law, bin_, TODAY)), by[law, bin_, LEARNED])
        for law in sorted({row["law"] for row in intervals}, key=_order)
        for bin_ in BINS
        if (law, bin_, LEARNED) in by
    ]
    every = ANY_LAW if any(row["law"] == ANY_LAW for row in intervals) else STACKED
    best = [(bin_, by[every, bin_, LEARNED]) for bin_ in BINS if (every, bin_, LEARNED) in by]
    ranked = [row for row in board if row["distance_bin"] == ALL and row["rank"] is not None]
    ranked.sort(key=lambda row: (row["rank"], row["law"]))
    laws = [row for row in ranked if row["in_sample_rank"] is not None and row["law"] != STACKED]
    return rendered(
        "extrapolation.html.j2",
        root="..",
        here="extrapolation",
        has_claims=has_claims,
        lines=lines,
        contender_title=contender_title,
        figures=[figure for figure in figures if figure["page"] == "extrapolation"],
        best=best,
        held=HELD,
        worse=[
            (bin_, row, by[every, bin_, TODAY])
            for bin_, row in best
            if (every, bin_, TODAY) in by and row["score"] > by[every, bin_, TODAY]["score"]
        ],
        outside=[(bin_, row) for bin_, row in best if not HELD[0] <= row["covered"] <= HELD[1]],
        board=[row for row in board if row["distance_bin"] != ALL],
        ranked=ranked,
        stacking_wins=bool(ranked) and ranked[0]["law"] == STACKED,
        describes_best=min(laws, key=lambda row: row["in_sample_rank"]) if laws else None,
        predicts_best=laws[0] if laws else None,
        provenance=provenance_of([(record["rule"], record) for record in provenance]),
    )


def _order(law: str) -> tuple[bool, bool, str]:
    """The combination first, naive peers last."""
    return law in (LARGEST_AGAIN, LAST_TWO), law not in (ANY_LAW, STACKED), law
