"""Fact tables and where they come from: load, extract, refresh, check.

``python -m scaling_studies.sources.refresh refresh [--study X ...] [--check]`` extracts every
table that an
adapter makes from its pinned upstream files, and writes it (or, with ``--check``, compares it with
the committed one).
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scaling_studies.errors import ScalingStudiesError, SourceError, TableError
from scaling_studies.sources.files import Progress, SourceFile, default_cache, digest, fetch
from scaling_studies.sources.records import FactTable, StudySource, load, studies, with_table

__all__ = [
    "FactTable",
    "SourceFile",
    "StudySource",
    "default_cache",
    "default_mirror",
    "extract",
    "fetch",
    "load",
    "refresh",
    "studies",
    "verify",
]


def extract(
    source: StudySource,
    *,
    mirror: Path | None = None,
    cache: Path | None = None,
    offline: bool = False,
    progress: Progress | None = None,
) -> dict[str, bytes]:
    """Return the bytes of every table that an adapter makes, by file name.

    Parameters
    ----------
    source
        The study.
    mirror, cache, offline, progress
        As for :func:`scaling_studies.sources.files.fetch`; ``cache`` is :func:`default_cache` if
        None.

    Raises
    ------
    SourceError
        When an upstream file cannot be had or is not the pinned one.
    TableError
        When an upstream file does not hold what its adapter expects.
    """
    from scaling_studies import registry
    from scaling_studies.sources.fact_tables import to_csv_bytes

    made: dict[str, bytes] = {}
    recipes: dict[str, dict[str, Any]] = {}
    for table in source.tables:
        if table.adapter is None:
            continue
        try:
            if table.recipe not in recipes:
                adapter = registry.load("adapters", table.adapter)
                paths = {
                    file.path: fetch(
                        file,
                        mirror=mirror,
                        cache=cache or default_cache(),
                        offline=offline,
                        progress=progress,
                    )
                    for file in _inputs(source, table)
                }
                recipes[table.recipe] = adapter(paths, **table.options)
            frames = recipes[table.recipe]
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
            made[table.file] = to_csv_bytes(frame, table=table.file)
        except (TableError, SourceError) as error:
            place = {"study": source.study, "table": table.file} | error.place
            raise type(error)(error.problem, fix=error.fix, **place) from None
    return made


def refresh(
    study: str,
    *,
    data_dir: Path,
    mirror: Path | None = None,
    cache: Path | None = None,
    out_dir: Path | None = None,
    offline: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Extract a study's tables anew and write them.

    Parameters
    ----------
    study
        Study id.
    data_dir
        The folder of all studies' sources.
    mirror, cache, offline, progress
        As for :func:`scaling_studies.sources.files.fetch`.
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
    """
    source = load(study, data_dir=data_dir)
    made = extract(source, mirror=mirror, cache=cache, offline=offline, progress=progress)
    if out_dir is not None:
        _raise_first(_differences(source, made))
        return [_write(out_dir / file, content) for file, content in made.items()]
    carried = {table.file for table in source.tables if table.how == "extracted"}
    text = source.path.read_text(encoding="utf-8")
    for file, content in made.items():
        text = with_table(text, file, rows=_row_count(content), sha256=_sha256(content))
    written = [
        _write(source.path.with_name(file), content)
        for file, content in made.items()
        if file in carried
    ]
    _write(source.path, text.encode("utf-8"))
    return written


def verify(
    study: str,
    *,
    data_dir: Path,
    mirror: Path | None = None,
    cache: Path | None = None,
    offline: bool = False,
    progress: Progress | None = None,
    upstream: bool = True,
) -> None:
    """Check that a study's tables are what ``source.yaml`` says and what the adapters extract.

    Parameters
    ----------
    study
        Study id.
    data_dir
        The folder of all studies' sources.
    mirror, cache, offline, progress
        As for :func:`scaling_studies.sources.files.fetch`.
    upstream
        Also extract the tables from upstream and compare; without, only the carried files and
        their records are compared and nothing is fetched.

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
        path = source.path.with_name(table.file)
        try:
            committed[table.file] = path.read_bytes()
        except OSError as error:
            raise SourceError(
                f"cannot be read ({error.strerror})",
                study=study,
                table=table.file,
                fix=_mend(study, table),
            ) from None
    _raise_first(_differences(source, committed))
    if upstream:
        made = extract(source, mirror=mirror, cache=cache, offline=offline, progress=progress)
        _raise_first(_differences(source, made))


def default_mirror(root: Path) -> Path | None:
    """Return ``$SCALING_STUDIES_MIRROR``, else ``../shared/mirror`` seen from ``root``, or None."""
    named = os.environ.get("SCALING_STUDIES_MIRROR")
    mirror = Path(named) if named else root / ".." / "shared" / "mirror"
    return mirror if mirror.is_dir() else None


_REFRESH = "run `python -m scaling_studies.sources.refresh refresh --study {study}`"


def _differences(source: StudySource, contents: dict[str, bytes]) -> Iterator[SourceError]:
    """Yield an error for each content that is not what ``source.yaml`` records."""
    for table in source.tables:
        content = contents.get(table.file)
        if content is None:
            continue
        header = next(csv.reader([content.split(b"\n", 1)[0].decode("utf-8", "replace")]), [])
        rows, found = _row_count(content), _sha256(content)
        if header != list(table.columns):
            problem = f"has the columns {', '.join(header)}, not {', '.join(table.columns)}"
        elif rows != table.rows:
            problem = f"has {rows} rows, source.yaml says {table.rows}"
        elif found != table.sha256:
            problem = f"has sha256 {found}, source.yaml says {table.sha256}"
        else:
            continue
        yield SourceError(
            problem, study=source.study, table=table.file, fix=_mend(source.study, table)
        )


def _mend(study: str, table: FactTable) -> str:
    if table.adapter is None:
        return "restore the file; if the change is meant, record its rows and sha256 in source.yaml"
    return f"restore the file; if the change is meant, {_REFRESH.format(study=study)}"


def _raise_first(errors: Iterator[SourceError]) -> None:
    for error in errors:
        raise error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _row_count(content: bytes) -> int:
    return sum(1 for _ in csv.reader(content.decode("utf-8", "replace").splitlines())) - 1


def _inputs(source: StudySource, table: FactTable) -> list[SourceFile]:
    chosen = []
    for pattern in table.inputs:
        matching = [file for file in source.files if fnmatch.fnmatchcase(file.path, pattern)]
        if not matching:
            raise SourceError(
                f"no upstream file matches {pattern!r}",
                key="inputs",
                fix="list the file under upstream in source.yaml, or correct the pattern",
            )
        chosen.extend(file for file in matching if file not in chosen)
    return chosen


def _write(path: Path, content: bytes) -> Path:
    """Write a file under a temporary name and rename it; leave an unchanged file alone."""
    if path.is_file() and digest(path) == _sha256(content):
        return path
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise SourceError(
            f"cannot be written ({error.strerror})",
            table=path.name,
            fix="make room, or write to another folder",
        ) from None
    return path


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scaling_studies.sources.refresh")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "refresh", help="extract the fact tables from their pinned upstream files"
    )
    command.add_argument("--study", nargs="+", metavar="X", help="only these studies")
    command.add_argument("--check", action="store_true", help="compare, write nothing")
    command.add_argument("--data", type=Path, default=Path("data"), help="folder of the tables")
    command.add_argument("--mirror", type=Path, help="directory of upstream files, looked at first")
    command.add_argument("--cache", type=Path, help="directory of downloaded files")
    command.add_argument("--offline", action="store_true", help="do not use the network")
    options = parser.parse_args(arguments)
    if options.mirror is not None and not options.mirror.is_dir():
        parser.error(f"--mirror {options.mirror} is not a directory")
    mirror = options.mirror or default_mirror(options.data.resolve().parent)
    common = {
        "data_dir": options.data,
        "mirror": mirror,
        "cache": options.cache,
        "offline": options.offline,
        "progress": _report if sys.stderr.isatty() else None,
    }
    failures = 0
    for study in options.study or studies(options.data):
        try:
            if options.check:
                verify(study, **common)
                print(f"{study}: as recorded")
            else:
                written = refresh(study, **common)
                print(f"{study}: {', '.join(path.name for path in written) or 'nothing carried'}")
        except ScalingStudiesError as error:
            failures += 1
            print(error, file=sys.stderr)
    return 1 if failures else 0


def _report(source: SourceFile, received: int) -> None:
    print(
        f"\r{source.path}: {received:,} of {source.bytes:,} bytes",
        end="\n" if received >= source.bytes else "",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
