"""The planner of the front page: what every law says at a budget, read off in the browser.

Nothing is fitted there. The page carries the compute-optimal allocations of the laws over training
compute, eight to a decade, between which its script interpolates, and the constants of the laws in
one form, from which it answers what else may be asked: tokens to be served, a ratio, few data.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import markupsafe

from scaling_studies.cards import colours
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.names import display_name
from scaling_studies.engine.allocation.accelerators import PEAKS
from scaling_studies.engine.allocation.counting import EMBEDDING
from scaling_studies.engine.uncertainty.distance import BINS, EDGES
from scaling_studies.pages.tables import Row

#: Digits of the curves: more than anyone plans with, few enough for a phone.
DIGITS = 5
#: Columns of the allocation table that the script reads -> their names on the page.
CURVES = {
    "params_opt": "params",
    "params_opt_low": "low",
    "params_opt_high": "high",
    "loss_opt": "loss",
    "new_run_low": "run_low",
    "new_run_high": "run_high",
}
#: Constants of a law as the script takes them, and of the one that says how data wear out.
FORM = ("E", "A", "B", "alpha", "beta", "power")
STARS = ("data_repeats", "size_repeats")
#: What a law's record is of: new runs of other studies in their stated 95 % intervals.
RECORD = {"kind": "new_run", "level": 0.95}
#: What sizes count, by column of the run table.
COUNTED = {
    "params_total": "all parameters",
    "params_non_embedding": "without embeddings",
    "params_active": "active parameters",
}
#: The same, of a law of the best size alone.
COUNTS = {
    "total": "all parameters",
    "non_embedding": "without embeddings",
    "active": "active parameters",
}
PER_TOKEN = "a sixth of the FLOP per token"


def planner_view(
    allocation: Sequence[Row],
    cards: Mapping[str, StudyCard],
    trade_offs: Sequence[Row] = (),
    coverage: Sequence[Row] = (),
    optima: Sequence[Row] = (),
) -> dict[str, Any]:
    """Everything that the planner's part of the page needs.

    Parameters
    ----------
    allocation
        Rows of ``results/comparisons/allocation.parquet``.
    cards
        Study cards by study.
    trade_offs, coverage, optima
        Rows of ``trade_offs.parquet``, ``coverage.parquet`` and ``optima.parquet`` in the same
        folder.

    Returns
    -------
    dict
        `laws`: how many there are; `data`: grid of compute, laws, accelerators, ends of the bins of
        distance and constants of repeated data, as JSON for the script; `chart`: a Vega-Lite
        description as JSON; `gpus`: their names; `repeats`: study and title of the fit that says
        how data wear out.
    """
    rows_of: dict[tuple[str, str], list[Row]] = {}
    for row in allocation:
        rows_of.setdefault((row["study"], row["fit"]), []).append(row)
    grid = sorted({row["flops"] for row in allocation})
    forms = {(row["study"], row["fit"]): row for row in trade_offs}
    alone = {(row["study"], row["fit"]): row for row in optima}
    laws = [
        _law(rows, cards[study], fit, rows_of)
        | _known(forms.get((study, fit)), coverage)
        | _alone(rows, alone.get((study, fit)))
        for (study, fit), rows in rows_of.items()
    ]
    lent = next((row for row in trade_offs if row["repeats_of"]), None)
    data = {
        "flops": [_short(value) for value in grid],
        "laws": laws,
        "gpus": PEAKS,
        "edges": list(EDGES[1:-1]),
        "stars": lent and [lent[name] for name in STARS],
        "measured": bool(coverage),
        "embedding": EMBEDDING,
    }
    return {
        "repeats": lent and _lender(lent["repeats_of"], cards),
        "laws": len(laws),
        "gpus": list(PEAKS),
        "data": _embedded(data),
        "chart": _embedded(chart()),
    }


def chart() -> dict[str, Any]:
    """Vega-Lite description of N* over C; the script fills in `curves` and `chosen`."""
    # It takes as long to load as a whole page, and only the first page has a chart.
    import altair

    compute = altair.X("flops:Q", title="Training compute C (FLOP)").scale(type="log", nice=False)
    size = altair.Y("params:Q", title="Compute-optimal parameters N*").scale(type="log")
    compute = compute.axis(tickCount=5, labelExpr=_powers(), grid=False)
    size = size.axis(tickCount=6, labelExpr=_powers())
    colour = altair.Color("colour:N").scale(None)
    tips = [
        altair.Tooltip("law:N", title="Law"),
        altair.Tooltip("says:N", title="N*"),
        altair.Tooltip("interval:N", title="95 % interval"),
        altair.Tooltip("reach:N", title="Runs reach"),
    ]
    dashes = altair.Scale(domain=["", "published"], range=[[], [5, 3]])
    lines = (
        altair.Chart(altair.NamedData(name="curves"))
        .mark_line(clip=True)
        .encode(
            x=compute,
            y=size,
            color=colour,
            detail=altair.Detail(["key:N", "stretch:Q"]),
            opacity=altair.Opacity("opacity:Q").scale(None),
            strokeDash=altair.StrokeDash("dash:N").scale(dashes).legend(None),
        )
    )
    chosen = altair.Chart(altair.NamedData(name="chosen"))
    rule = chosen.mark_rule(color="currentColor", opacity=0.6).encode(x="flops:Q")
    bars = chosen.mark_rule(strokeWidth=2).encode(x="flops:Q", y="low:Q", y2="high:Q", color=colour)
    points = chosen.mark_point(size=70, filled=True, opacity=1.0).encode(
        x="flops:Q", y="params:Q", color=colour, tooltip=tips
    )
    layers = altair.layer(lines, rule, bars, points).properties(width="container", height=340)
    plain = {"labelColor": "currentColor", "titleColor": "currentColor", "gridOpacity": 0.25}
    return (
        layers.properties(background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            **plain,
            gridColor="currentColor",
            domainColor="currentColor",
            tickColor="currentColor",
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
        )
        .to_dict()
    )


def bundle() -> str:
    """The script that draws the chart: Vega-Embed and what it needs, from the installed package."""
    # Only the rule that writes the file pays for loading it.
    import vl_convert

    return f"(() => {{{vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;')}}})();"


def _powers() -> str:
    """Expression that writes a tick as a power of ten."""
    digits = "⁰¹²³⁴⁵⁶⁷⁸⁹"
    power = "round(log(datum.value)/LN10)"
    tens = f"({power} < 10 ? '' : substring('{digits}', floor({power}/10), floor({power}/10)+1))"
    ones = f"substring('{digits}', {power} % 10, {power} % 10 + 1)"
    return f"abs(log(datum.value)/LN10 - {power}) < 0.001 ? '10' + {tens} + {ones} : ''"


def _law(
    rows: Sequence[Row], card: StudyCard, fit: str, others: Mapping[tuple[str, str], Any]
) -> dict[str, Any]:
    """One law: its names and its curves, in the order of the compute."""
    rows = sorted(rows, key=lambda row: row["flops"])
    inside = [row["flops"] for row in rows if not row["extrapolated"]]
    entry = card.fits[fit]
    several = sum(study == card.study for study, _ in others) > 1
    name = " · ".join(dict.fromkeys(filter(None, (card.name, card.short_name))))
    return {
        "key": f"{card.study}/{fit}",
        "study": card.study,
        "name": f"{name}, {entry.label or entry.title}" if several else name,
        "source": rows[0]["source"],
        "colour": colours.study_colour(card.study, card),
        "counts": COUNTED.get(str((entry.axes or {}).get("params")), "not stated"),
        "reach": [_short(inside[0]), _short(inside[-1])] if inside else None,
        **{name: [_short(row.get(column)) for row in rows] for column, name in CURVES.items()},
    }


def _known(form: Row | None, coverage: Sequence[Row]) -> dict[str, Any]:
    """Constants of a law, how far its runs go, and its record on other studies by distance."""
    if form is None:
        return {"form": None, "record": None}
    reach = [_short(form["flops_low"]), _short(form["flops_high"])]
    found: dict[str, Any] = {} if None in reach else {"reach": reach}
    own = [
        row
        for row in coverage
        if row["law"] == form["law"]
        and row["study"] != form["study"]
        and all(row[name] == value for name, value in RECORD.items())
    ]
    record = []
    for name in BINS:
        rows = [row for row in own if row["distance_bin"] == name]
        counts = [sum(row[column] for row in rows) for column in ("n", "covered")]
        record.append([*counts, len({row["study"] for row in rows})] if rows else None)
    return found | {"form": [form[name] for name in FORM], "record": record}


def _alone(rows: Sequence[Row], line: Row | None) -> dict[str, Any]:
    """What a law of the best size alone counts, its reach, and its data, which 6ND may not give."""
    if line is None:
        return {}
    per_token = line["gives"] == "flops_per_token"
    counts = PER_TOKEN if per_token else COUNTS.get(line["params_count"], "not stated")
    reach = [_short(line[name]) for name in ("flops_low", "flops_high")]
    found: dict[str, Any] = {"counts": counts, "reach": None if None in reach else reach}
    if line["tokens_of"]:
        rows = sorted(rows, key=lambda row: row["flops"])
        found["tokens"] = [_short(row["tokens_opt"]) for row in rows]
    return found


def _lender(of: str, cards: Mapping[str, StudyCard]) -> tuple[str, str]:
    study = of.partition("/")[0]
    return study, display_name(cards[study]) if study in cards else study


def _short(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.{DIGITS}g}")


def _embedded(data: Any) -> markupsafe.Markup:
    """JSON that may stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return markupsafe.Markup(text.replace("&", "\\u0026").replace("<", "\\u003c"))
