"""Verify everything that a run has made against the checksums recorded when it was made.

A file under ``results/`` and a page lie next to their ``.sha256``; the images and the numbers of a
figure are listed in the figure's description. What a file was made from stands in its provenance,
so that a file that is gone is missed too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.artefacts import files, links
from scaling_studies.errors import ArtefactError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Folders that hold what a run makes.
FOLDERS = ("results", "reports")
#: Files in them that belong to the repository.
CARRIED = frozenset({"reports/README.md"})
#: Files that live until their readers are done.
SHORT_LIVED = "results/shards/"
DAMAGED = "is damaged: its bytes are not those that were written"


def verify(root: str | Path, wanted: Iterable[str] = ()) -> tuple[int, list[ArtefactError]]:
    """Verify all generated files.

    Parameters
    ----------
    root
        Working folder of the run.
    wanted
        Files that must be there, relative to `root`; what these were made from must be there too.

    Returns
    -------
    verified : int
        How many files are as they were written.
    problems : list of ArtefactError
        One for each file that is damaged, replaced, missing, without a recorded checksum or made
        from another file than lies there, sorted by path;
        each names the command that makes the file again.
    """
    root = Path(root)
    generated = {path.relative_to(root).as_posix() for path in _generated(root)}
    recorded = {name for name in generated if files.checksum_path(root / name).is_file()}
    problems: dict[str, ArtefactError] = {}
    needed: dict[str, str] = dict.fromkeys(wanted, "the report needs it")
    listed: dict[str, str] = {}
    records: dict[str, dict[str, Any]] = {}
    for name in sorted(recorded):
        try:
            description = _description(name, files.read_bytes(root / name))
        except ArtefactError as error:
            replaced = files.REPLACED in error.problem
            problems[name] = _problem(name, files.REPLACED if replaced else DAMAGED)
            continue
        if not files.written_path(root / name).is_file() and not name.startswith(SHORT_LIVED):
            problems[name] = _problem(name, "has no record of what was written here")
            continue
        records[name] = description.get("provenance", {})
        for made_from in records[name].get("inputs", {}):
            needed.setdefault(made_from, f"{name} was made from it")
        for figure_file, checksum in description.get("files", {}).items():
            listed[(Path(name).parent / figure_file).as_posix()] = checksum
    for name, record in records.items():
        if problem := _broken_link(root, name, record, problems):
            problems[name] = problem
    for name in sorted(listed.keys() - generated):
        needed.setdefault(name, "it belongs to a figure")
    # Descriptions of figures before the files that they list.
    for name in sorted(generated - recorded, key=lambda name: (not name.endswith(".json"), name)):
        if name in listed:
            if files.sha256_of(root / name) != listed[name]:
                problems[name] = _problem(name, DAMAGED)
        else:
            problems |= _unrecorded(root, name, generated, problems)
    for name in _left_checksums(root) - generated:
        needed.setdefault(name, "its checksum lies there still")
    for name in sorted(needed.keys() - generated):
        if Path(name).parts[0] in FOLDERS:
            problems[name] = _problem(name, f"is missing, and {needed[name]}", force=False)
    return len(generated - problems.keys()), [problems[name] for name in sorted(problems)]


def _left_checksums(root: Path) -> set[str]:
    """Files whose checksums lie there: a table that only pages read is missed by nothing else."""
    return {
        path.relative_to(root).as_posix().removesuffix(".sha256")
        for folder in FOLDERS
        for path in (root / folder).rglob("*.sha256")
        if not path.relative_to(root).as_posix().startswith(SHORT_LIVED)
    }


def _unrecorded(
    root: Path, name: str, generated: set[str], problems: dict[str, ArtefactError]
) -> dict[str, ArtefactError]:
    """Problem of a file without a checksum that no description lists."""
    # Where a figure's description is damaged or gone, the command that makes it makes this too.
    description = Path(name).with_suffix(".json").as_posix()
    if description in problems:
        return {}
    if description not in generated and files.checksum_path(root / description).is_file():
        what = f"is missing, and {name} belongs to it"
        return {description: _problem(description, what, force=False)}
    return {name: _problem(name, "has no recorded checksum")}


def _broken_link(
    root: Path, name: str, record: dict[str, Any], problems: dict[str, ArtefactError]
) -> ArtefactError | None:
    """What does not hold of an artefact's record; files that are named already break no link."""
    written_as = record.get("artefact", name)
    if written_as != name:
        return links.other_name(name, written_as)
    for made_from, checksum in record.get("inputs", {}).items():
        path = root / made_from
        known = made_from in problems or not path.is_file()
        if not known and links.file_checksum(path) != checksum:
            return links.other_input(name, made_from)
    return None


def _generated(root: Path) -> Iterator[Path]:
    """Generated files other than checksums and what a killed job left under a temporary name."""
    for folder in FOLDERS:
        for path in (root / folder).rglob("*"):
            name = path.relative_to(root).as_posix()
            if path.suffix == ".sha256" or path.name.startswith(".") or name in CARRIED:
                continue
            if path.is_file():
                yield path


def _description(name: str, content: bytes) -> dict[str, Any]:
    """Provenance of an artefact and the files of a figure, as far as the kind of file has them."""
    if name.endswith(".json"):
        return json.loads(content)
    if name.endswith(".parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        return {"provenance": files.provenance_of(pq.read_schema(pa.BufferReader(content)))}
    return {}


def _problem(name: str, what: str, *, force: bool = True) -> ArtefactError:
    command = f"snakemake --force {name}" if force else f"snakemake {name}"
    return ArtefactError(f"{name} {what}", fix=f"make it again with: {command}")
