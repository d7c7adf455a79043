"""What a report says of the project that it was made with: version, commit, licence, documents."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

#: Documents that the front page leads to, where they are there.
DOCUMENTS = {
    "Overview": "README.md",
    "Adding a study": "docs/adding-a-study.md",
    "Your own runs": "docs/your-runs.md",
    "Laws": "docs/laws.md",
    "Checks": "docs/checks.md",
}


def about_project(folder: str | Path) -> dict[str, Any]:
    """Title, authors, year, version and licence of a project, its commit, and its documents.

    Parameters
    ----------
    folder
        Folder of the project. What it does not say is left out: without git there is no commit.

    Returns
    -------
    dict
        Ready for JSON. The date is that of the commit, so that equal work gives equal bytes.
    """
    folder = Path(folder)
    found: dict[str, Any] = {}
    citation = folder / "CITATION.cff"
    if citation.is_file():
        said = yaml.safe_load(citation.read_text(encoding="utf-8"))
        found |= {
            "title": said["title"],
            "authors": ", ".join(author["name"] for author in said["authors"]),
            "year": str(said["date-released"])[:4],
            "version": said["version"],
            "licence": said["license"],
        }
    found["documents"] = [
        (words, path) for words, path in DOCUMENTS.items() if (folder / path).is_file()
    ]
    return found | _commit(folder)


def _commit(folder: Path) -> dict[str, str]:
    # A repository around the project is not the project's own.
    if not (folder / ".git").exists():
        return {}
    try:
        said = subprocess.run(
            ["git", "log", "-1", "--format=%h %cs"],
            cwd=folder, capture_output=True, text=True, timeout=10, check=True,
        ).stdout.split()  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"commit": said[0], "date": said[1]} if len(said) == 2 else {}
