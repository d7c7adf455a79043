"""Are rows of one run drawn together? If not, intervals are too narrow.

Source: Cameron, Gelbach and Miller 2008 on the bootstrap with few clusters.
"""

from __future__ import annotations

import math
from collections import defaultdict
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.spread import headline_quantities
from scaling_studies.checks.words import fits as how_many
from scaling_studies.checks.words import span
from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANING = "Are rows that share a run or a budget resampled together?"
NOTHING = "no fit is resampled by drawing its rows"

#: Groups below which a bootstrap over groups has too few different draws to rely on. Cameron,
#: Gelbach and Miller (2008) call five to thirty few; the lower end is flagged.
FEWEST_GROUPS = 10

_finding = partial(Finding, "dependent_rows")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on how rows are drawn."""
    together, alone, apart = [], [], []
    for fit in context.refits:
        known, entry = context.intervals.get(fit, {}), context.entry(fit)
        # Rows that were reduced before fitting are drawn before the reduction.
        if not known.get("resamples") or "reduce" in entry:
            continue
        rows, groups = len(context.fitted(fit)), context.groups(fit)
        own = entry.get("resample", {}).get("groups")
        if own:
            groups = int(context.fitted(fit)[own].nunique())
        if known["kind"] == "cluster":
            together.append((fit, rows, groups))
        elif known["kind"] == "pairs":
            (apart if groups < rows else alone).append((fit, rows, groups))
    yield from _drawn_alone(context, apart)
    for fit, rows, groups in together:
        if groups < FEWEST_GROUPS:
            yield _finding(
                fit,
                "warning",
                f"Its {rows} rows are {groups} independent groups; so few are drawn with too "
                "little variety, and intervals tend to be too narrow.",
                "groups",
                float(groups),
            )
    enough = [(rows, groups) for _, rows, groups in together if groups >= FEWEST_GROUPS]
    if enough:
        yield _finding(
            None,
            "info",
            f"Rows of one group are drawn together in {how_many(len(enough))}: "
            f"{span([rows for rows, _ in enough])} rows in {span([item for _, item in enough])} "
            "groups.",
        )
    if alone:
        yield _finding(None, "info", f"Every row is a group of its own in {how_many(len(alone))}.")
    yield from _both_ways(context)


def _drawn_alone(context: CheckContext, apart: list[tuple[str, int, int]]) -> Iterator[Finding]:
    """Fits whose dependent rows are drawn one by one, said once for equal circumstances."""
    alike = defaultdict(list)
    for fit, rows, groups in apart:
        alike[groups == 1].append((fit, rows, groups))
    for one_group, members in alike.items():
        rows = span([item[1] for item in members])
        if one_group:
            text = (
                f"All {rows} rows of a fit belong to one group and are drawn one by one "
                f"({context.titles(item[0] for item in members)}): the intervals are lower bounds."
            )
        else:
            ratio = max(math.sqrt(item[1] / item[2]) for item in members)
            text = (
                f"{rows} rows of {span([item[2] for item in members])} groups are drawn one by one "
                f"({context.titles(item[0] for item in members)}); if the rows of a group repeat "
                f"each other, intervals are up to {number(ratio, 2)} times too narrow."
            )
        yield _finding(members[0][0] if len(members) == 1 else None, "warning", text)


def _both_ways(context: CheckContext) -> Iterator[Finding]:
    """The same fit resampled by rows and by groups: both widths."""
    for one, other in combinations(context.refits, 2):
        kinds = {context.intervals.get(fit, {}).get("kind"): fit for fit in (one, other)}
        if set(kinds) != {"pairs", "cluster"} or not context.same_problem(one, other):
            continue
        for name in headline_quantities(context, [one, other]):
            pairs, groups = (context.interval(kinds[kind], name) for kind in ("pairs", "cluster"))
            if pairs and groups:
                ratio = (groups["high"] - groups["low"]) / (pairs["high"] - pairs["low"])
                yield _finding(
                    kinds["pairs"],
                    "info",
                    f"The interval of {name} is {number(ratio, 2)} times as wide when whole groups "
                    "are drawn as when rows are.",
                    name,
                    ratio,
                )
