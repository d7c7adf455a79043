"""Are rows of one run drawn together? If not, intervals are too narrow.

Source: Cameron, Gelbach and Miller 2008 on the bootstrap with few clusters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.checks.spread import headline_quantities
from scaling_studies.fits.uncertainty import GROUP_NAMES
from scaling_studies.words import count_of, number, span

MEANING = "Are rows that share a run or a budget resampled together?"
NOTHING = "no fit is resampled by drawing its rows"

#: Groups below which a bootstrap over groups has too few different draws to rely on. Cameron,
#: Gelbach and Miller (2008) call five to thirty few; the lower end is flagged.
FEWEST_GROUPS = 10


class Drawn(NamedTuple):
    """How the rows of a fit are drawn: ``"cluster"`` (whole groups) or ``"pairs"`` (rows)."""

    fit: str
    kind: str
    rows: int
    groups: int


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on how rows are drawn."""
    drawn = [_drawn(context, fit) for fit in context.refits if _draws_rows(context, fit)]
    one_by_one = [item for item in drawn if item.kind == "pairs"]
    apart = [item for item in one_by_one if item.groups < item.rows]
    for of_one_group in (False, True):
        alike = [item for item in apart if (item.groups == 1) == of_one_group]
        if alike:
            yield _drawn_apart(context, alike)
    together = [item for item in drawn if item.kind == "cluster"]
    for item in together:
        if item.groups < FEWEST_GROUPS:
            yield warning(
                f"Its {item.rows:,} rows are {item.groups} independent groups; so few are drawn "
                "with too little variety, and intervals tend to be too narrow.",
                item.fit,
                "groups",
                float(item.groups),
            )
    enough = [item for item in together if item.groups >= FEWEST_GROUPS]
    if enough:
        yield info(
            f"Rows of one group are drawn together in {count_of(len(enough), 'fit')}: "
            f"{span([item.rows for item in enough])} rows in "
            f"{span([item.groups for item in enough])} groups."
        )
    alone = len(one_by_one) - len(apart)
    if alone:
        yield info(
            f"Every row is a group of its own in {count_of(alone, 'fit')}, and no test finds rows "
            "of one budget, size, run or family that miss the law together."
        )
    yield from _found(context)
    yield from _both_ways(context)


def _found(context: CheckContext) -> Iterator[Finding]:
    """Rows that a test finds to be dependent, and what could be done about it."""
    for fit in context.refits:
        known = context.intervals[fit]
        test = known.dependence
        if test is None:
            continue
        label = GROUP_NAMES.get(test["label"], test["label"])
        text = (
            f"Rows of one {label} ({test['groups']} groups) miss the law together: intra-class "
            f"correlation {number(test['correlation'], 2)}, variance of the parameters "
            f"{number(test['inflation'], 2)} times that of independent rows (permutation test, "
            f"p = {number(test['probability'], 2)}). "
        )
        if not known.groups:
            yield warning(
                text + "They are too few to be redrawn, and the intervals are lower bounds.",
                fit,
                "inflation",
                test["inflation"],
            )
            continue
        how = "are drawn together" if known.kind == "cluster" else "have a part drawn together"
        wider = len(known.as_stated)
        yield info(
            f"{text}They {how}; intervals of {count_of(wider, 'quantity', 'quantities')} differ by "
            "more than a quarter from those of independent rows.",
            fit,
            "inflation",
            test["inflation"],
        )


def _draws_rows(context: CheckContext, fit: str) -> bool:
    """Whether the rows of a fit are drawn; rows that are reduced are drawn before that."""
    known = context.intervals[fit]
    return (
        bool(known.resamples)
        and known.kind in ("cluster", "pairs")
        and context.entry(fit).reduce is None
    )


def _drawn(context: CheckContext, fit: str) -> Drawn:
    known, rows = context.intervals[fit], len(context.fitted[fit]["role"])
    groups = known.group_count or context.groups(fit, context.entry(fit).resample.groups)
    return Drawn(fit, known.kind, rows, groups)


def _drawn_apart(context: CheckContext, alike: list[Drawn]) -> Finding:
    """Fits whose dependent rows are drawn one by one, said once for equal circumstances."""
    rows = span([item.rows for item in alike])
    titles = context.titles(item.fit for item in alike)
    if alike[0].groups == 1:
        text = (
            f"All {rows} rows of a fit belong to one group and are drawn one by one ({titles}): "
            "the intervals are lower bounds."
        )
    else:
        ratio = max(math.sqrt(item.rows / item.groups) for item in alike)
        text = (
            f"{rows} rows of {span([item.groups for item in alike])} groups are drawn one by one "
            f"({titles}); if the rows of a group repeat each other, intervals are up to "
            f"{number(ratio, 2)} times too narrow."
        )
    return warning(text, alike[0].fit if len(alike) == 1 else None)


def _both_ways(context: CheckContext) -> Iterator[Finding]:
    """The same fit resampled by rows and by groups: both widths."""
    for rows, groups in permutations(context.refits, 2):
        kinds = [context.intervals[fit].kind for fit in (rows, groups)]
        if kinds != ["pairs", "cluster"] or not context.same_problem(rows, groups):
            continue
        for name in headline_quantities(context, [rows, groups]):
            narrow, wide = (context.interval(fit, name) for fit in (rows, groups))
            if narrow and wide:
                ratio = wide.width / narrow.width
                yield info(
                    f"The interval of {context.called(rows, name)} is {number(ratio, 2)} times as "
                    "wide when whole groups are drawn as when rows are.",
                    rows,
                    name,
                    ratio,
                )
