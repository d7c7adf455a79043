"""Source records: ``data/<study>/source.yaml`` read, checked and kept up to date."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scaling_studies.cards.explain import problems_of
from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.errors import SourceError
from scaling_studies.sources.files import SourceFile


@dataclass(frozen=True)
class FactTable:
    """One fact table as its ``source.yaml`` describes it.

    Attributes
    ----------
    file
        File name beside ``source.yaml``.
    how
        ``"extracted"``, ``"transcribed"`` or ``"retrieved"`` (made by an adapter, not carried).
    rows, sha256
        What the file must be.
    columns
        Column name to unit, in the order of the file.
    adapter, options, inputs
        How an adapter makes it; ``adapter`` is None for a transcribed table.
    """

    file: str
    how: str
    rows: int
    sha256: str
    columns: dict[str, str]
    adapter: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ("*",)

    @property
    def name(self) -> str:
        """The file name without ``.csv``; an adapter calls the table so."""
        return self.file.removesuffix(".csv")

    @property
    def recipe(self) -> str:
        """The extraction that makes the table; tables with the same recipe come from one run."""
        return json.dumps([self.adapter, self.options, self.inputs], sort_keys=True)


@dataclass(frozen=True)
class StudySource:
    """A study's ``source.yaml``, checked.

    Attributes
    ----------
    study
        Study id.
    path
        The ``source.yaml``.
    files
        Pinned upstream files.
    tables
        The fact tables.
    record
        The whole file as plain values (citation, licence, oddities, descriptions).
    """

    study: str
    path: Path
    files: tuple[SourceFile, ...]
    tables: tuple[FactTable, ...]
    record: dict[str, Any]


def studies(data_dir: Path) -> list[str]:
    """Return the ids of all studies that have a ``source.yaml``, sorted."""
    return sorted(path.parent.name for path in data_dir.glob("*/source.yaml"))


def load(study: str, *, data_dir: Path) -> StudySource:
    """Return a study's source record.

    Parameters
    ----------
    study
        Study id.
    data_dir
        The folder that holds ``<study>/source.yaml``.

    Raises
    ------
    SourceError
        When the file is missing, is not YAML, or breaks its model.
    """
    path = data_dir / study / "source.yaml"
    record = _read_yaml(path, study)
    _validate(record, study)
    if record["study"] != study:
        raise SourceError(
            f"says study {record['study']!r}",
            study=study,
            table=path.name,
            key="study",
            fix="name the study as its folder is named",
        )
    tables = tuple(_fact_table(entry) for entry in record["tables"])
    return StudySource(study, path, tuple(_source_files(record, path)), tables, record)


def _fact_table(entry: dict[str, Any]) -> FactTable:
    return FactTable(
        file=entry["file"],
        how=entry["how"],
        rows=entry["rows"],
        sha256=entry["sha256"],
        columns={name: column["unit"] for name, column in entry["columns"].items()},
        adapter=entry.get("adapter"),
        options=entry.get("options", {}),
        inputs=tuple(entry.get("inputs", ("*",))),
    )


def _source_files(record: dict[str, Any], path: Path) -> Iterator[SourceFile]:
    for block in record.get("upstream", []):
        files = block["files"] if "files" in block else _read_listing(path, block["listing"])
        for entry in files:
            yield SourceFile(
                study=record["study"],
                repository=block["repository"],
                commit=block["commit"],
                path=entry["path"],
                bytes=int(entry["bytes"]),
                sha256=entry["sha256"],
            )


def _read_listing(path: Path, name: str) -> list[dict[str, str]]:
    listing = path.with_name(name)
    place = {"study": path.parent.name, "table": name}
    fix = "restore the file; its columns are path, bytes, sha256"
    try:
        with listing.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror})", fix=fix, **place) from None
    for number, row in enumerate(rows, start=1):
        if set(row) != {"path", "bytes", "sha256"} or not str(row["bytes"]).isdigit():
            raise SourceError("is not a path, a size and a sha256", row=number, fix=fix, **place)
    return rows


def _read_yaml(path: Path, study: str) -> Any:
    import yaml

    place = {"study": study, "table": path.name}
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_loader())
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror})",
            fix="give the folder data/<study>/source.yaml; data/README.md says what it holds",
            **place,
        ) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        raise SourceError(
            f"is not valid YAML ({getattr(error, 'problem', None) or error})",
            row=None if line is None else f"{line + 1}",
            fix="correct that line",
            **place,
        ) from None


@cache
def _loader() -> type:
    """Return a YAML loader that leaves dates as text and refuses a key given twice."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = loader.construct_object(key_node)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return loader.construct_mapping(node, deep=True)

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    Loader.yaml_implicit_resolvers = {
        first: [(tag, expression) for tag, expression in pairs if not tag.endswith(":timestamp")]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _validate(record: Any, study: str) -> None:
    try:
        SourceRecord.model_validate(record)
    except ValidationError as error:
        first = problems_of(error, SourceRecord)[0]
        key = ".".join(map(str, first.path)) or None
        raise SourceError(
            first.problem, study=study, table="source.yaml", key=key, fix=first.fix
        ) from None


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
