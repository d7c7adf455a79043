"""Raw tables: the CSV, Parquet and JSON-lines files that a card names.

CSV cells are text until they are checked, so that a word among numbers is reported with its row and
column instead of turning the whole column into text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from scaling_studies.artefacts.given import unwritable_sign, why_not_plain
from scaling_studies.errors import CardError, SourceError, TableError
from scaling_studies.runs import raw_csv, raw_json_lines

#: Rows of a Parquet file, of which few bytes may hold very many.
MOST_ROWS = 20_000_000
_PARQUET_ROWS = 1 << 18


@dataclass(frozen=True)
class RawTable:
    """A raw table that is read in pieces.

    Attributes
    ----------
    path
        The file.
    study, table
        Place named by errors.
    columns
        Names of its columns.
    """

    path: Path
    study: str
    table: str
    columns: tuple[str, ...]

    @classmethod
    def open(cls, path: Path, *, study: str, table: str) -> RawTable:
        """Read the names of the columns.

        Raises
        ------
        TableError
            When the file is not a table, or a column has no name or the name of another.
        """
        path = Path(path)
        place = {"study": study, "table": table}
        if path.suffix == ".csv":
            names = raw_csv.header(path, **place)
        elif path.suffix == ".parquet":
            with _parquet(path, **place) as file:
                if file.metadata.num_rows > MOST_ROWS:
                    raise TableError(
                        f"{path.name} has {file.metadata.num_rows:,} rows",
                        fix=f"keep those that are used: at most {MOST_ROWS:,} are read",
                        **place,
                    )
                names = file.schema_arrow.names
        elif path.suffix == ".jsonl":
            names = raw_json_lines.read(path, **place).column_names
        else:
            raise TableError(
                f"{path.name} is not a kind of table that is read",
                fix="give a .csv, .parquet or .jsonl file",
                **place,
            )
        if not names:
            raise TableError(f"{path.name} is empty", fix="add the rows", **place)
        if len(names) > raw_csv.MOST_COLUMNS:
            raise TableError(
                f"{path.name} has {len(names):,} columns",
                fix=f"keep those that are used: at most {raw_csv.MOST_COLUMNS:,} are read",
                **place,
            )
        for index, name in enumerate(names):
            if not name.strip():
                raise TableError(
                    f"column number {index + 1} of {path.name} has no name",
                    fix="name it or delete it",
                    **place,
                )
            if sign := unwritable_sign(name):
                raise TableError(
                    f"a column of {path.name} has the character {sign} in its name",
                    column=name,
                    fix="delete that character",
                    **place,
                )
            if name in names[:index]:
                raise TableError(
                    f"the column appears twice in {path.name}",
                    column=name,
                    fix="rename or delete one of them",
                    **place,
                )
        return cls(path, study, table, tuple(names))

    def pieces(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the rows in order; no piece is empty. JSON lines come as one piece.

        Raises
        ------
        TableError
            When the file is damaged.
        """
        wanted = list(self.columns if columns is None else columns)
        place = {"study": self.study, "table": self.table}
        if self.path.suffix == ".csv":
            yield from raw_csv.pieces(self.path, columns=wanted, **place)
        elif self.path.suffix == ".parquet":
            with _parquet(self.path, **place) as file:
                try:
                    for batch in file.iter_batches(_PARQUET_ROWS, columns=wanted):
                        yield pa.Table.from_batches([batch])
                except (pa.ArrowException, OSError) as error:
                    raise _damaged(self.path, error, **place) from None
        else:
            rows = raw_json_lines.read(self.path, **place).select(wanted)
            if rows.num_rows:
                yield rows

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return all rows; see `pieces`.

        Raises
        ------
        TableError
            When there are no rows or the file is damaged.
        """
        found = list(self.pieces(columns))
        if not found:
            place = {"study": self.study, "table": self.table}
            raise TableError(f"{self.path.name} has no rows", fix="add the rows", **place)
        return pa.concat_tables(found)


def locate(data_dir: Path, file: str, *, study: str, table: str, sha256: str | None = None) -> Path:
    """Return the path of a card's file inside the data folder.

    Parameters
    ----------
    data_dir, file
        The folder, and the file's name in the card.
    study, table
        Place named by errors.
    sha256
        Checksum that the file must have; not checked when None.

    Raises
    ------
    CardError
        When the name leads out of the folder.
    SourceError
        When there is no such file, or it is not the one that the checksum was taken of.
    """
    folder = Path(data_dir).resolve()
    place = {"study": study, "table": table}
    try:
        path = (folder / file).resolve()
    except (OSError, RuntimeError) as error:
        raise SourceError(
            f"{file} cannot be reached ({raw_csv.first_line(error)})",
            fix="put the file itself there, not a link",
            **place,
        ) from None
    if not path.is_relative_to(folder):
        raise CardError(
            f"{file!r} leads out of the folder of the tables",
            key=f"tables.{table}.file",
            fix="put the table into that folder and name it relative to it",
            **place,
        )
    if (reason := why_not_plain(path)) and path.exists():
        raise SourceError(f"{file} cannot be read: {reason}", fix="give a plain file", **place)
    if not path.is_file():
        raise SourceError(
            f"the file {file} is not there",
            fix="correct its name in the card, or retrieve the table",
            **place,
        )
    if sha256 is not None:
        with path.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if found != sha256:
            raise SourceError(
                f"{file} has the sha256 {found}, not the recorded {sha256}",
                fix="restore the file; where its change is meant, record the new sha256",
                **place,
            )
    return path


def _parquet(path: Path, *, study: str, table: str) -> Any:
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error, study=study, table=table) from None


def _damaged(path: Path, error: BaseException, *, study: str, table: str) -> TableError:
    return TableError(
        f"{path.name} cannot be read as Parquet ({raw_csv.first_line(error)})",
        study=study,
        table=table,
        fix="restore the file or save it again",
    )
