"""Whether printed numbers follow from each other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.verdicts.judge import OWN_REFIT
from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MEANING = "Do numbers printed in one place follow from those printed in another?"
NOTHING = "no printed number is held against other printed ones"

_finding = partial(Finding, "published_table_audit")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings from verdicts that rest on printed numbers alone."""
    follow = 0
    sources = {fit for fit in context.evaluated if context.column(fit, "provenance") == ["printed"]}
    sources |= set(context.printed)
    for row in context.verdicts.to_dict("records"):
        if row["fit"] not in sources or row["confirmation"] == OWN_REFIT:
            continue
        if row["verdict"] == "reproduced":
            follow += 1
        elif row["verdict"] == "not_reproduced":
            yield _finding(
                row["fit"],
                "warning",
                f"{row['quantity']}: other printed numbers give {number(row['refit'], 4)}, printed "
                f"is {number(row['published'], 4)}. {_reason(context, row)}".rstrip(),
                row["quantity"],
                row["refit"],
            )
    if follow:
        yield _finding(
            None,
            "info",
            f"{follow} printed {'number follows' if follow == 1 else 'numbers follow'} from other "
            "printed ones.",
            None,
            float(follow),
        )


def _reason(context: CheckContext, row: Mapping[str, Any]) -> str:
    """What the card says of a printed number that does not follow."""
    for target in context.entry(row["fit"]).get("targets", []):
        if target["quantity"] == row["quantity"] and target["value"] == row["published"]:
            return target.get("reason", "")
    return ""
