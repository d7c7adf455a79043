"""The page of single claims of the literature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scaling_studies.pages import wording
from scaling_studies.pages.render import provenance_of, rendered
from scaling_studies.pages.tables import Row


def render_claims(
    claims: Sequence[Row],
    *,
    names: Mapping[str, str] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Write the page of claims: a table to filter and search, whole without a script.

    Parameters
    ----------
    claims
        Rows of the table of claims.
    names
        Name of each study that has a page.
    provenance
        Record of the table.

    Returns
    -------
    str
        A whole HTML document.
    """
    laws = [claim["verdict"] for claim in claims if claim["kind"] == "law"]
    return rendered(
        "claims.html.j2",
        root="..",
        here="claims",
        has_claims=True,
        names=dict(names or {}),
        claims=claims,
        counts={verdict: laws.count(verdict) for verdict in wording.CLAIM_VERDICTS},
        total=len(laws),
        further=len(claims) - len(laws),
        signs=wording.CLAIM_VERDICTS,
        provenance=provenance_of([(provenance["rule"], provenance)] if provenance else []),
    )
