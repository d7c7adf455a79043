"""Source records: ``data/<study>/source.yaml`` read, checked and kept up to date."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scaling_studies.artefacts.files import sha256_of
from scaling_studies.cards.load import validated
from scaling_studies.cards.models.source import FactTable, SourceRecord
from scaling_studies.cards.plain_yaml import read_yaml
from scaling_studies.errors import CardError, SourceError
from scaling_studies.sources.files import SourceFile


@dataclass(frozen=True)
class StudySource:
    """A study's ``source.yaml``, checked.

    Attributes
    ----------
    path
        The ``source.yaml``.
    record
        What it says.
    files
        Pinned upstream files, those of listings included.
    """

    path: Path
    record: SourceRecord
    files: tuple[SourceFile, ...]

    @property
    def study(self) -> str:
        """Study id."""
        return self.record.study

    @property
    def tables(self) -> tuple[FactTable, ...]:
        """The fact tables."""
        return self.record.tables


def studies(data_dir: Path) -> list[str]:
    """Return the ids of all studies that have a ``source.yaml``, sorted."""
    return sorted(path.parent.name for path in data_dir.glob("*/source.yaml"))


def load(study: str, *, data_dir: Path) -> StudySource:
    """Return a study's source record.

    Raises
    ------
    SourceError
        When the file is missing, is not YAML, or breaks its model.
    """
    path = data_dir / study / "source.yaml"
    if not path.is_file():
        raise SourceError(
            "cannot be read, there is no such file",
            study=study,
            table=path.name,
            fix="give the folder data/<study>/source.yaml; data/README.md says what it holds",
        )
    try:
        record = validated(SourceRecord, read_yaml(path))
    except CardError as error:
        place = error.place | {"study": study, "table": path.name}
        raise SourceError(error.problem, fix=error.fix, **place) from None
    if record.study != study:
        raise SourceError(
            f"says study {record.study!r}",
            study=study,
            table=path.name,
            key="study",
            fix="name the study as its folder is named",
        )
    return StudySource(path, record, tuple(_source_files(record, path)))


def check_carried(data_dir: Path, file: str, *, study: str, table: str) -> None:
    """Refuse a fact table that is not the one its source record tells of.

    Parameters
    ----------
    data_dir, file
        Folder of the tables, and the file's path in it. A file without a ``source.yaml`` beside it,
        or that this does not list, is somebody's own and not checked.
    study, table
        Place named by errors.

    Raises
    ------
    SourceError
        When the file has another sha256, or the record cannot be read.
    """
    path = Path(data_dir) / file
    record = path.with_name("source.yaml")
    if not record.is_file():
        return
    state = record.stat()
    try:
        recorded = _recorded(record, state.st_mtime_ns, state.st_size).get(path.name)
    except CardError as error:
        place = error.place | {"study": study, "table": table}
        raise SourceError(f"{record}: {error.problem}", fix=error.fix, **place) from None
    found = sha256_of(path)
    if recorded is not None and found != recorded:
        raise SourceError(
            f"{path} is not the table that {record} tells of: its sha256 is not the recorded one",
            fix=f"restore it, for example by `git checkout -- {path}`; where its change is "
            f"meant, write `sha256: {found}` into its entry in {record}",
            study=study,
            table=table,
        )


@cache
def _recorded(record: Path, *state: int) -> dict[str, str]:
    """Checksums of the tables of a source record in that state (time and size)."""
    return {table.file: table.sha256 for table in validated(SourceRecord, read_yaml(record)).tables}


def _source_files(record: SourceRecord, path: Path) -> Iterator[SourceFile]:
    for block in record.upstream or ():
        pinned = {"study": record.study, "repository": block.repository, "commit": block.commit}
        for file in block.files or ():
            yield SourceFile(path=file.path, bytes=file.bytes, sha256=file.sha256, **pinned)
        if block.listing is not None:
            for row in _listing(path.with_name(block.listing)):
                yield SourceFile(
                    path=row["path"], bytes=int(row["bytes"]), sha256=row["sha256"], **pinned
                )


def _listing(path: Path) -> list[dict[str, str]]:
    study, fix = path.parent.name, "restore the file; its columns are path, bytes, sha256"
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise SourceError(problem, study=study, table=path.name, fix=fix) from None
    for number, row in enumerate(rows, start=1):
        if set(row) != {"path", "bytes", "sha256"} or not str(row["bytes"]).isdigit():
            problem = "is not a path, a size and a sha256"
            raise SourceError(problem, study=study, table=path.name, row=number, fix=fix)
    return rows


def with_table(text: str, file: str, *, rows: int, sha256: str) -> str:
    """Return a source.yaml with the rows and sha256 of one table replaced, all else as it was."""
    start = re.search(rf"^  - file: {re.escape(file)}\s*$", text, flags=re.MULTILINE)
    if start is None:
        raise SourceError(
            "its entry does not begin with a line `  - file: ...`",
            table=file,
            fix="write the entry in that form, so that refresh can bring it up to date",
        )
    following = re.search(r"^(  - |\S)", text[start.end() :], flags=re.MULTILINE)
    end = start.end() + following.start() if following else len(text)
    entry = text[start.end() : end]
    for key, value in (("rows", rows), ("sha256", sha256)):
        entry, count = re.subn(rf"(?m)^(    {key}: )\S+$", rf"\g<1>{value}", entry)
        if count != 1:
            raise SourceError(
                f"its entry has no line `    {key}: ...`",
                table=file,
                key=key,
                fix="write it on a line of its own, so that refresh can bring it up to date",
            )
    return text[: start.end()] + entry + text[end:]
