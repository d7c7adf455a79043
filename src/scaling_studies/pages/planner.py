"""The planner of the front page: what every law says at a budget, read off in the browser.

Nothing is fitted or minimised there. The page carries the compute-optimal allocations of the laws
over training compute, and its script interpolates between them; they lie eight to a decade.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import markupsafe

from scaling_studies.cards import colours
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.engine.allocation.accelerators import PEAKS
from scaling_studies.pages.tables import Row

#: Digits of the curves: more than anyone plans with, few enough for a phone.
DIGITS = 5
#: Columns of the allocation table that the script reads -> their names on the page.
CURVES = {
    "params_opt": "params",
    "params_opt_low": "low",
    "params_opt_high": "high",
    "loss_opt": "loss",
}
#: What sizes count, by column of the run table.
COUNTED = {
    "params_total": "all parameters",
    "params_non_embedding": "without embeddings",
    "params_active": "active parameters",
}


def planner_view(allocation: Sequence[Row], cards: Mapping[str, StudyCard]) -> dict[str, Any]:
    """Everything that the planner's part of the page needs.

    Parameters
    ----------
    allocation
        Rows of ``results/comparisons/allocation.parquet``.
    cards
        Study cards by study.

    Returns
    -------
    dict
        `laws`: how many there are; `data`: grid of compute, laws and accelerators, as JSON for
        the script; `chart`: a Vega-Lite description as JSON; `gpus`: their names.
    """
    rows_of: dict[tuple[str, str], list[Row]] = {}
    for row in allocation:
        rows_of.setdefault((row["study"], row["fit"]), []).append(row)
    grid = sorted({row["flops"] for row in allocation})
    laws = [_law(rows, cards[study], fit, rows_of) for (study, fit), rows in rows_of.items()]
    data = {"flops": [_short(value) for value in grid], "laws": laws, "gpus": PEAKS}
    return {
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
        **{name: [_short(row[column]) for row in rows] for column, name in CURVES.items()},
    }


def _short(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.{DIGITS}g}")


def _embedded(data: Any) -> markupsafe.Markup:
    """JSON that may stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return markupsafe.Markup(text.replace("&", "\\u0026").replace("<", "\\u003c"))
