"""docs/laws.md is what the registry says."""

from __future__ import annotations

from pathlib import Path

from scaling_studies.cli.law_table import law_table


def test_documentation_of_the_laws_is_in_sync():
    page = Path(__file__).parents[3] / "docs" / "laws.md"
    fix = "run: python -m scaling_studies.cli.law_table docs/laws.md"
    assert page.read_text(encoding="utf-8") == law_table(), fix
