"""Raw tables: CSV, Parquet and JSON-lines files as the card names them.

CSV cells are read as text first, so that a word among numbers can be reported with its row and
column instead of turning the whole column into text.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from scaling_studies.errors import CardError, SourceError, TableError

if TYPE_CHECKING:
    import pandas as pd


def table_files(card: Mapping[str, Any]) -> dict[str, str]:
    """Return the files a card names, with the table that names each first, in the card's order."""
    files: dict[str, str] = {}
    for name, entry in card["tables"].items():
        files.setdefault(entry["file"], name)
        for join in entry.get("join", ()):
            files.setdefault(join["file"], name)
    return files


def locate(data_dir: Path, file: str, *, study: str, table: str) -> Path:
    """Return the path of a card's file inside the data folder.

    Raises
    ------
    CardError
        When the name leads out of the folder.
    SourceError
        When there is no such file.
    """
    folder = Path(data_dir).resolve()
    path = (folder / file).resolve()
    place = {"study": study, "table": table, "key": "file"}
    if not path.is_relative_to(folder):
        raise CardError(
            f"{file!r} leads out of the data folder",
            fix="put the table into the data folder and name it relative to that folder",
            **place,
        )
    if not path.is_file():
        raise SourceError(
            f"{file} is not there", fix="check the name in the card, or retrieve the table", **place
        )
    return path


def read_raw(path: Path, *, study: str, table: str) -> pa.Table:
    """Read a raw table: CSV cells as text, Parquet and JSON lines with their own types.

    Raises
    ------
    TableError
        When the file cannot be read as what its name says, or has no rows or no usable header.
    """
    path = Path(path)
    readers = {".csv": _read_csv, ".parquet": _read_parquet, ".jsonl": _read_json_lines}
    try:
        read = readers[path.suffix]
    except KeyError:
        raise TableError(
            f"{path.name} is not a table this project reads",
            study=study,
            table=table,
            fix="give a .csv, .parquet or .jsonl file",
        ) from None
    try:
        raw = read(path, study=study, table=table)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error, study=study, table=table) from None
    if raw.num_rows == 0:
        raise TableError(f"{path.name} has no rows", study=study, table=table, fix="add the rows")
    return raw.combine_chunks()


def read_table(path: Path, *, study: str, table: str) -> pd.DataFrame:
    """Return `read_raw` as a pandas frame; CSV cells are strings, empty ones missing."""
    return read_raw(path, study=study, table=table).to_pandas()


def read_tables(card: Mapping[str, Any], data_dir: Path) -> dict[str, pd.DataFrame]:
    """Return the files that a card names as frames, by file name as written in the card."""
    study = card["study"]
    return {
        file: read_table(locate(data_dir, file, study=study, table=name), study=study, table=name)
        for file, name in table_files(card).items()
    }


def _unreadable(path: Path, error: BaseException, *, study: str, table: str) -> TableError:
    reason = " ".join(str(error).split())[:200]
    return TableError(
        f"{path.name} cannot be read ({reason})",
        study=study,
        table=table,
        fix=f"make it a valid {path.suffix[1:]} file in UTF-8, every row with the same columns",
    )


def csv_header(path: Path, *, study: str, table: str) -> list[str]:
    """Return the column names of a CSV file.

    Raises
    ------
    TableError
        When the file is empty or a name is missing or appears twice.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file), [])
    place = {"study": study, "table": table}
    if not names:
        raise TableError(f"{path.name} is empty", fix="add a header and the rows", **place)
    for index, name in enumerate(names, start=1):
        if not name.strip():
            raise TableError(
                f"column number {index} of {path.name} has no name", fix="name it", **place
            )
        if name in names[: index - 1]:
            raise TableError(
                "the column appears twice in the header", column=name, fix="rename one", **place
            )
    return names


def _read_csv(path: Path, *, study: str, table: str) -> pa.Table:
    from pyarrow import csv as arrow_csv

    names = csv_header(path, study=study, table=table)
    return arrow_csv.read_csv(
        path,
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


def _read_parquet(path: Path, *, study: str, table: str) -> pa.Table:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return file.read()


def _read_json_lines(path: Path, *, study: str, table: str) -> pa.Table:
    from pyarrow import json as arrow_json

    return arrow_json.read_json(path)
