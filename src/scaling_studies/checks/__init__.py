"""Checks for the known mistakes of fitting: one module a check, found by file name.

A check is a module ``kinds/<name>.py`` with ``MEANING`` (one sentence), ``NOTHING`` (what
a study lacks that it has nothing to look at) and a function ``find(context)`` that yields a
`Finding` for everything it notices, also that all is well. There is no central list. What each
looks at and where its threshold comes from is in ``docs/checks.md``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scaling_studies import registry
from scaling_studies.checks.context import SEVERITIES, CheckContext, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaling_studies.cards.models.study import StudyCard

__all__ = ["SEVERITIES", "CheckContext", "Finding", "checked_part", "run"]

#: Words of a card's fit that no check reads: an edit of them judges nothing anew.
_PROSE = frozenset({"title", "label", "reading", "quantities", "headline", "held_out_comparison"})


def checked_part(card: StudyCard, others: Mapping[str, StudyCard]) -> dict[str, Any]:
    """What checks read of a study card.

    Parameters
    ----------
    card
        A valid study card.
    others
        Cards by study, for fits that read the run table of another study.

    Returns
    -------
    dict
        ``tables`` (what was measured), ``source_tables`` (the same of other studies whose rows
        are fitted, by study) and ``fits`` (everything but prose).
    """
    sources = {fit.source_study for fit in card.fits.values() if fit.source_study}
    return {
        "tables": _measurements(card),
        "source_tables": {
            study: _measurements(others[study]) for study in sorted(sources) if study in others
        },
        "fits": {
            name: fit.given(*(set(type(fit).model_fields) - _PROSE)).as_dict()
            for name, fit in card.fits.items()
        },
    }


def _measurements(card: StudyCard) -> dict[str, Any]:
    return {name: table.given("measurements").as_dict() for name, table in card.tables.items()}


def run(context: CheckContext) -> dict[str, Any]:
    """Run every check on a study.

    Parameters
    ----------
    context
        Card and artefacts of the study.

    Returns
    -------
    dict
        Ready for JSON: ``study``, ``counts`` (findings by severity), ``checks`` (name, meaning,
        and under ``nothing`` why it had nothing to look at, else None) and ``findings``, the
        gravest first.
    """
    checks, findings = [], []
    for name in registry.names("checks"):
        module = registry.load("checks", name)
        found = list(module.find(context))
        findings += found
        nothing = None if found else module.NOTHING
        checks.append({"name": name, "meaning": module.MEANING, "nothing": nothing})
    gravest_first = list(reversed(SEVERITIES))
    findings.sort(key=lambda finding: gravest_first.index(finding.severity))
    counts = {
        severity: sum(finding.severity == severity for finding in findings)
        for severity in gravest_first
    }
    return {
        "study": context.study,
        "counts": counts,
        "checks": checks,
        "findings": [asdict(finding) for finding in findings],
    }
