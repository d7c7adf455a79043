"""The page of allocation: what each law says to train, for which purpose."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from scaling_studies.comparisons.trade_offs import PURPOSES
from scaling_studies.pages.planner import COUNTED, COUNTS
from scaling_studies.pages.render import provenance_of, rendered
from scaling_studies.pages.tables import Row

#: Training compute that the page lists, FLOP; the table holds each decade.
LISTED = (1e20, 1e22, 1e24, 1e26)
#: Training compute of the first sentence.
FIRST = 1e22
#: Factor beyond the runs of a law from which a plan of it is drawn faint.
FAR = 100.0
HEADINGS = {
    "compute_optimal": "The lowest loss for a training budget",
    "serving": "The same loss, trained and served with the least compute",
    "over_trained": "More data than is compute-optimal",
    "unique_data": "Few distinct data",
    "target_loss": "The least compute for a loss",
}
#: Purpose that says the size by itself, the same one under every law.
GIVEN = "over_trained"
#: What a law of the best size alone gives.
GIVES = {"params": "parameters", "tokens": "tokens", "flops_per_token": "FLOP per token"}
#: Kinds of figures that the page shows.
FIGURES = ("optimal_params", "tokens_per_parameter", "plans")


def render_allocation(
    laws: Sequence[Row],
    plans: Sequence[Row],
    optima: Sequence[Row] = (),
    figures: Sequence[Mapping[str, Any]] = (),
    *,
    names: Mapping[str, str],
    fits: Mapping[str, Mapping[str, str]],
    sizes: Mapping[str, Mapping[str, str]] | None = None,
    has_claims: bool = False,
    provenance: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Write the page of allocation.

    Parameters
    ----------
    laws, plans, optima
        Rows of ``results/comparisons/trade_offs.parquet``, ``plans.parquet`` and
        ``optima.parquet``.
    figures
        Descriptions of the figures over all studies; those of allocation are shown.
    names, fits
        Name of each study, and title by study and fit.
    sizes
        Column of sizes by study and fit: what N counts.
    has_claims
        Whether there is a page of claims.
    provenance
        Records of the tables.
    """
    listed = {purpose: [row for row in plans if _is_listed(row, purpose)] for purpose in PURPOSES}
    return rendered(
        "allocation.html.j2",
        root="..",
        here="allocation",
        has_claims=has_claims,
        laws=laws,
        optima=optima,
        gives=GIVES,
        counts=COUNTS,
        plans={purpose: rows for purpose, rows in listed.items() if rows},
        headings=HEADINGS,
        amounts=PURPOSES,
        spans=_spans(plans),
        first=FIRST,
        far=FAR,
        names=names,
        fits=fits,
        counted={
            (study, fit): COUNTED.get(column, "not stated")
            for study, columns in (sizes or {}).items()
            for fit, column in columns.items()
        },
        figures=[figure for figure in figures if figure["kind"] in FIGURES],
        provenance=provenance_of([(record["rule"], record) for record in provenance]),
    )


def _at(row: Row) -> float:
    return float(row["asked"])


def _is_listed(row: Row, purpose: str) -> bool:
    if row["purpose"] != purpose:
        return False
    return row["asked"] is None or any(math.isclose(_at(row), one, rel_tol=1e-6) for one in LISTED)


def _spans(plans: Sequence[Row]) -> list[tuple[str, float | None, list[Row]]]:
    """Smallest and largest plan at the compute of the first sentence, by purpose and amount."""
    found: dict[tuple[str, float | None], list[Row]] = {}
    for row in plans:
        if row["purpose"] == GIVEN:
            continue
        if row["asked"] is not None and math.isclose(_at(row), FIRST, rel_tol=1e-6):
            found.setdefault((row["purpose"], row["amount"]), []).append(row)
    return [
        (purpose, amount, [min(rows, key=_size), max(rows, key=_size)])
        for (purpose, amount), rows in found.items()
    ]


def _size(row: Row) -> float:
    return float(row["params"])
