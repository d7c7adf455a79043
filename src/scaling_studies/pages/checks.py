"""Findings of the checks as a study's page and the index show them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from scaling_studies.pages.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Severity -> sign, heading and explanation; a severity is never told by colour alone.
SEVERITIES = {
    "fail": ("✗", "Fails", "The number is not what it claims to be, as far as these rows tell."),
    "warning": ("!", "Warnings", "Taken at its face, the number may mislead."),
    "info": ("·", "Looked at", "Nothing amiss, or a fact to know."),
}


def checks_view(
    record: Mapping[str, Any] | None, fits: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What a study's page shows of its checks.

    Parameters
    ----------
    record
        Findings of the study; see `scaling_studies.checks.run.run`.
    fits
        Fit artefacts, for titles.

    Returns
    -------
    dict
        ``groups``, the gravest first, each with its findings check by check; ``nothing``: checks
        that had nothing to look at, and why; ``counts``: one line.
    """
    if record is None:
        return {"groups": [], "nothing": [], "counts": ""}
    meanings = {check["name"]: check["meaning"] for check in record["checks"]}
    groups = []
    for severity, (sign, words, explanation) in SEVERITIES.items():
        found = [item for item in record["findings"] if item["severity"] == severity]
        shown = [
            {
                "name": name,
                "meaning": meanings[name],
                "findings": [
                    {
                        "fit": item["fit"],
                        "title": fits[item["fit"]]["title"] if item["fit"] else "",
                        "text": item["text"],
                    }
                    for item in items
                ],
            }
            for name, items in groupby(found, key=lambda item: item["check"])
        ]
        if shown:
            groups.append(
                {
                    "severity": severity,
                    "sign": sign,
                    "words": words,
                    "explanation": explanation,
                    "count": len(found),
                    "checks": shown,
                }
            )
    return {
        "groups": groups,
        "nothing": [
            {"name": check["name"], "why": check["nothing"]}
            for check in record["checks"]
            if check["nothing"]
        ],
        "counts": count_view(record["counts"])["text"],
    }


def count_view(counts: Mapping[str, int] | None) -> dict[str, Any]:
    """How many findings are grave, in words and as a number to sort by.

    Parameters
    ----------
    counts
        Findings by severity; None for a study that was not checked.
    """
    if counts is None:
        return {"text": "", "order": -1}
    fails, warnings = counts["fail"], counts["warning"]
    words = [
        count_of(amount, noun)
        for amount, noun in ((fails, "fail"), (warnings, "warning"))
        if amount
    ]
    return {"text": ", ".join(words) or "no warnings", "order": 1000 * fails + warnings}
