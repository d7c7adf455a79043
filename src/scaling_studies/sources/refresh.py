"""Fact tables made from their pinned upstream files: extract, refresh, verify.

``python -m scaling_studies.sources.refresh [--study X ...] [--check]`` extracts every table that
an adapter makes, and writes it (or, with ``--check``, compares it with the committed one).
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import hashlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_studies import registry
from scaling_studies.artefacts.files import write_bytes
from scaling_studies.cards.models.source import FactTable
from scaling_studies.errors import ScalingStudiesError, SourceError, TableError
from scaling_studies.sources.files import SourceFile, Upstream, default_cache, default_mirror
from scaling_studies.sources.records import StudySource, load, studies, with_table

if TYPE_CHECKING:
    import pandas as pd

#: What refresh writes into the data folder.
CARRIED = ("extracted", "simulated")


def extract(source: StudySource, upstream: Upstream) -> dict[str, bytes]:
    """Return the bytes of every table that an adapter makes, by file name.

    Raises
    ------
    SourceError
        When an upstream file cannot be had or is not the pinned one.
    TableError
        When an upstream file does not hold what its adapter expects.
    """
    # Adapters and numbers need pandas, which a look at the records does not.
    from scaling_studies.sources.fact_tables import to_csv_bytes

    made: dict[str, bytes] = {}
    extracted: dict[str, dict[str, pd.DataFrame]] = {}
    for table in source.tables:
        if table.adapter is None:
            continue
        # Tables with the same recipe come from one run of the adapter.
        try:
            recipe = repr((table.adapter, table.options, inputs(source, table)))
            if recipe not in extracted:
                adapter = registry.load("adapters", table.adapter)
                paths = {file.path: upstream.fetch(file) for file in inputs(source, table)}
                extracted[recipe] = adapter(paths, **table.options)
            frame = _described(extracted[recipe], table)
            made[table.file] = to_csv_bytes(frame, table=table.file)
        except ScalingStudiesError as error:
            place = {"study": source.study, "table": table.file} | error.place
            raise type(error)(error.problem, fix=error.fix, **place) from None
    return made


def inputs(source: StudySource, table: FactTable) -> list[SourceFile]:
    """Return the upstream files that a table's adapter is given; none of a simulated table.

    Raises
    ------
    SourceError
        When a pattern of the record matches no file.
    """
    chosen: dict[str, SourceFile] = {}
    for pattern in () if table.how == "simulated" else table.inputs:
        matching = [file for file in source.files if fnmatch.fnmatchcase(file.path, pattern)]
        if not matching:
            raise SourceError(
                f"no upstream file matches {pattern!r}",
                key="inputs",
                fix="list the file under upstream in source.yaml, or correct the pattern",
            )
        chosen |= {file.path: file for file in matching}
    return list(chosen.values())


def refresh(
    study: str, *, data_dir: Path, upstream: Upstream, out_dir: Path | None = None
) -> list[Path]:
    """Extract a study's tables anew and write them.

    Parameters
    ----------
    out_dir
        Where to write the tables. If None, the carried tables are written beside ``source.yaml``
        and its ``rows`` and ``sha256`` lines are brought up to date, comments and order kept;
        retrieved tables are left out.

    Returns
    -------
    list of pathlib.Path
        The tables written, in the order of ``source.yaml``.

    Raises
    ------
    SourceError
        As :func:`extract`; and with ``out_dir`` when a table is not the recorded one.
    TableError
        As :func:`extract`.
    ArtefactError
        When a table cannot be written.
    """
    source = load(study, data_dir=data_dir)
    made = extract(source, upstream)
    if out_dir is not None:
        _compare(source, made)
        return [_write(out_dir / file, content) for file, content in made.items()]
    text = source.path.read_text(encoding="utf-8")
    for file, content in made.items():
        text = with_table(text, file, rows=_rows(content), sha256=_sha256(content))
    carried = {table.file for table in source.tables if table.how in CARRIED}
    written = [
        _write(source.path.with_name(file), content)
        for file, content in made.items()
        if file in carried
    ]
    _write(source.path, text.encode("utf-8"))
    return written


def verify(study: str, *, data_dir: Path, upstream: Upstream | None) -> None:
    """Check that a study's tables are what ``source.yaml`` says and what the adapters extract.

    Parameters
    ----------
    upstream
        Where upstream files are taken from; if None, only the carried files and their records are
        compared and nothing is fetched.

    Raises
    ------
    SourceError
        Naming the first table that differs.
    TableError
        As :func:`extract`.
    """
    source = load(study, data_dir=data_dir)
    committed = {}
    for table in source.tables:
        if table.how == "retrieved":
            continue
        try:
            committed[table.file] = source.path.with_name(table.file).read_bytes()
        except OSError as error:
            raise _differs(source, table, f"cannot be read ({error.strerror})") from None
    _compare(source, committed)
    if upstream is not None:
        _compare(source, extract(source, upstream))


def _described(frames: dict[str, pd.DataFrame], table: FactTable) -> pd.DataFrame:
    """Return the table's frame, or say what the adapter makes instead."""
    if table.name not in frames:
        raise TableError(
            f"the adapter {table.adapter} makes {', '.join(sorted(frames))} only",
            table=table.file,
            fix="name one of these tables in source.yaml",
        )
    frame = frames[table.name]
    if list(frame.columns) != list(table.columns):
        raise TableError(
            f"the adapter makes the columns {', '.join(frame.columns)}",
            table=table.file,
            fix="describe exactly these columns in source.yaml, in this order",
        )
    return frame


def _compare(source: StudySource, contents: dict[str, bytes]) -> None:
    """Raise the error of the first content that is not what ``source.yaml`` records."""
    for table in source.tables:
        if (content := contents.get(table.file)) is None:
            continue
        header = next(csv.reader([content.split(b"\n", 1)[0].decode("utf-8", "replace")]), [])
        rows, sha256 = _rows(content), _sha256(content)
        if header != list(table.columns):
            columns = ", ".join(table.columns)
            raise _differs(source, table, f"has the columns {', '.join(header)}, not {columns}")
        if rows != table.rows:
            raise _differs(source, table, f"has {rows} rows, source.yaml says {table.rows}")
        if sha256 != table.sha256:
            raise _differs(source, table, f"has sha256 {sha256}, source.yaml says {table.sha256}")


def _differs(source: StudySource, table: FactTable, problem: str) -> SourceError:
    meant = (
        "record its rows and sha256 in source.yaml"
        if table.adapter is None
        else f"run `python -m scaling_studies.sources.refresh --study {source.study}`"
    )
    fix = f"restore the file; if the change is meant, {meant}"
    return SourceError(problem, study=source.study, table=table.file, fix=fix)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _rows(content: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8", "replace")))) - 1


def _write(path: Path, content: bytes) -> Path:
    """Write a file, but leave one alone that has not changed."""
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content, checksum=False)
    return path


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scaling_studies.sources.refresh",
        description="Extract the fact tables from their pinned upstream files.",
    )
    parser.add_argument("--study", nargs="+", metavar="X", help="only these studies")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the tables")
    parser.add_argument("--mirror", type=Path, help="directory of upstream files, looked at first")
    parser.add_argument("--cache", type=Path, help="directory of downloaded files")
    parser.add_argument("--offline", action="store_true", help="do not use the network")
    options = parser.parse_args(arguments)
    if options.mirror is not None and not options.mirror.is_dir():
        parser.error(f"--mirror {options.mirror} is not a directory")
    upstream = Upstream(
        mirror=options.mirror or default_mirror(options.data.resolve().parent),
        cache=options.cache or default_cache(),
        offline=options.offline,
        progress=sys.stderr.isatty(),
    )
    failures = 0
    for study in options.study or studies(options.data):
        try:
            if options.check:
                verify(study, data_dir=options.data, upstream=upstream)
                print(f"{study}: as recorded")
            else:
                written = refresh(study, data_dir=options.data, upstream=upstream)
                print(f"{study}: {', '.join(path.name for path in written) or 'nothing carried'}")
        except ScalingStudiesError as error:
            failures += 1
            print(error, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
