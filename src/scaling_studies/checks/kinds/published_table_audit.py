"""Whether printed numbers follow from each other."""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.verdicts.judge import COMES_BACK

MEANING = "Do numbers printed in one place follow from those printed in another?"
NOTHING = "no printed number is held against other printed ones"


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from verdicts that rest on printed numbers alone."""
    rows = [row for row in context.verdicts if row["evidence"] == "arithmetic" and row["counted"]]
    for row in rows:
        if row["verdict"] == "does_not_come_back":
            called = context.called(row["fit"], row["quantity"])
            yield warning(f"{called}: {row['reason']}", row["fit"], row["quantity"], row["refit"])
    follow = sum(row["verdict"] in COMES_BACK for row in rows)
    if follow:
        yield info(
            f"{follow} printed {'number follows' if follow == 1 else 'numbers follow'} from other "
            "printed ones.",
            value=float(follow),
        )
