"""How often intervals hold the truth in simulated tables of the fit's own design.

Source: `make calibrate`, which takes simulated tables the way of the jobs.
"""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, fail, info, warning
from scaling_studies.fits.uncertainty import Uncertainty
from scaling_studies.words import count_of, joined, percent, span

MEANING = (
    "In simulated tables of the fit's own design, noise and groups, how often do its 95 % "
    "intervals hold the truth?"
)
NOTHING = "no fit of the study was calibrated"

#: Share of the tables below which an interval of 95 % is none.
LEAST = 0.9
#: Share below which the page says what an interval is worth: the count of 300 tables scatters by
#: less.
ENOUGH = 0.92
#: Degrees of freedom up to which they are named as what makes intervals narrow.
FEW = 5


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from the measured coverage of the study's fits."""
    good = []
    for fit in context.refits:
        rows = [row for row in context.coverage if row["fit"] == fit]
        good += [row for row in rows if row["held"] >= LEAST]
        why = _why_narrow(context.intervals[fit])
        narrow = [row for row in rows if LEAST <= row["held"] < ENOUGH]
        if narrow:
            called = joined([context.called(fit, row["quantity"]) for row in narrow])
            yield warning(
                f"In {count_of(int(narrow[0]['tables']), 'simulated table')} of this design the "
                f"95 % intervals of {called} held the truth "
                f"in {span([100 * row['held'] for row in narrow], 3)} %: take them as intervals of "
                f"that level.{why}",
                fit,
                narrow[0]["quantity"],
                min(row["held"] for row in narrow),
            )
        seldom = [row for row in rows if row["held"] < LEAST]
        if seldom:
            worst = min(seldom, key=lambda row: row["held"])
            called = context.called(fit, worst["quantity"])
            yield fail(
                f"In {count_of(int(worst['tables']), 'simulated table')} of this design the 95 % "
                f"interval of {called} held the truth in {percent(worst['held'])} only"
                + (
                    f", and those of {len(seldom) - 1} more in less than 90 %."
                    if seldom[1:]
                    else "."
                )
                + f" It is too narrow.{why}",
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


def _why_narrow(known: Uncertainty) -> str:
    """Why the intervals of a fit tend to be narrow; empty where the design does not say."""
    if known.group_count and known.kind == "cluster":
        return (
            f" {known.group_count} groups of unequal weight are drawn, and intervals from so few "
            "tend to be narrow (Cameron, Gelbach and Miller 2008)."
        )
    if known.freedom is not None and 1 <= known.freedom <= FEW:
        left = count_of(known.freedom, "degree of freedom is", "degrees of freedom are")
        return (
            f" {left} left to tell the scatter from: Student's t allows for that, but is exact "
            "for laws alone whose parameters enter linearly."
        )
    return ""
