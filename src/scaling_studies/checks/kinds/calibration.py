"""How often intervals hold the truth in simulated tables of the fit's own design.

Source: `make calibrate`, which takes simulated tables the way of the jobs.
"""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, fail, info
from scaling_studies.words import count_of, percent

MEANING = (
    "In simulated tables of the fit's own design, noise and groups, how often do its 95 % "
    "intervals hold the truth?"
)
NOTHING = "no fit of the study was calibrated"

#: Share of the tables below which an interval of 95 % is none.
LEAST = 0.9


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from the measured coverage of the study's fits."""
    good = []
    for fit in context.refits:
        rows = [row for row in context.coverage if row["fit"] == fit]
        good += [row for row in rows if row["held"] >= LEAST]
        seldom = [row for row in rows if row["held"] < LEAST]
        if seldom:
            worst = min(seldom, key=lambda row: row["held"])
            yield fail(
                f"In {count_of(int(worst['tables']), 'simulated table')} of this design the 95 % "
                f"interval of {worst['quantity']} held the truth in {percent(worst['held'])} only"
                + (
                    f", and those of {len(seldom) - 1} more in less than 90 %."
                    if seldom[1:]
                    else "."
                )
                + " It is too narrow.",
                fit,
                worst["quantity"],
                worst["held"],
            )
    if good:
        held = [row["held"] for row in good]
        tables = min(int(row["tables"]) for row in good)
        fits = len({row["fit"] for row in good})
        yield info(
            f"In {count_of(tables, 'simulated table')} of each design the 95 % intervals of "
            f"{count_of(len(good), 'quantity', 'quantities')} of {count_of(fits, 'fit')} held "
            f"{percent(sum(held) / len(held))} in the mean, {percent(min(held))} the least.",
            quantity="coverage",
            value=min(held),
        )
