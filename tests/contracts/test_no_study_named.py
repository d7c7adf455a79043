"""A new study needs no edit elsewhere: its id stands in its card, its data and nowhere else."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IDS = [path.stem for path in (ROOT / "config/studies").glob("*.yaml")]


def test_neither_code_nor_the_comparisons_name_a_study():
    files = [
        ROOT / "Snakefile",
        ROOT / "config/comparisons.yaml",
        *(path for path in (ROOT / "workflow").rglob("*") if path.is_file()),
        *(path for path in (ROOT / "src").rglob("*") if path.suffix in (".py", ".html", ".css")),
    ]
    named = {
        f"{path.relative_to(ROOT)}: {study}"
        for path in files
        if "__pycache__" not in path.parts
        for study in IDS
        if study in path.read_text(encoding="utf-8", errors="replace")
    }
    assert named == set()
