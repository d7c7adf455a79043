"""All checks on a study."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from scaling_studies import registry
from scaling_studies.checks.context import SEVERITIES, CheckContext


def run(context: CheckContext) -> dict[str, Any]:
    """Run every check on a study.

    Returns
    -------
    dict
        Ready for JSON: ``study``, ``counts`` (findings by severity), ``checks`` (name, meaning,
        and under ``nothing`` why it had nothing to look at, else None) and ``findings``, the
        gravest first.
    """
    gravest_first = SEVERITIES[::-1]
    checks, findings = [], []
    for name in registry.names("checks"):
        check = registry.load("checks", name)
        noticed = [{"check": name, **asdict(finding)} for finding in check.find(context)]
        findings += noticed
        nothing = None if noticed else check.NOTHING
        checks.append({"name": name, "meaning": check.MEANING, "nothing": nothing})
    findings.sort(key=lambda finding: gravest_first.index(finding["severity"]))
    severities = [finding["severity"] for finding in findings]
    return {
        "study": context.study,
        "counts": {severity: severities.count(severity) for severity in gravest_first},
        "checks": checks,
        "findings": findings,
    }
