"""Write and read generated files: whole or not at all, same content same bytes, checked when read.

Every artefact under ``results/`` lies next to a ``<name>.sha256`` that holds its checksum. The
checksum also stands in a hidden ``.<name>.written``, so that an artefact that was replaced together
with its checksum is noticed. A reader that meets a file whose bytes are not those that were written
here names the file and the command that makes it again.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.artefacts import links
from scaling_studies.errors import UNWRITABLE_FIX, ArtefactError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

REPLACED = "was replaced, with its checksum: it is not the file that was written here"
PROVENANCE_KEY = b"scaling_studies.provenance"


def sha256_of(path: str | Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_bytes(
    path: str | Path, data: bytes, *, checksum: bool = True, written: bool = True
) -> None:
    """Write a file under a temporary name and rename it, so that no half-written file is ever seen.

    Parameters
    ----------
    path
        Where to write.
    data
        The whole content.
    checksum
        Also write ``<path>.sha256``; off for the images and numbers of a figure, whose checksums
        stand in the figure's description.
    written
        Also note what was written; off for files that live only until their readers are done.

    Raises
    ------
    ArtefactError
        When the disk is full or the folder cannot be written to.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
        if checksum:
            record_checksum(path, hashlib.sha256(data).hexdigest(), written=written)
    except OSError as error:
        raise ArtefactError(
            f"cannot write {path}: {error.strerror or error}",
            fix=UNWRITABLE_FIX,
        ) from error


def checksum_path(path: str | Path) -> Path:
    """Path of the file that holds the checksum of ``path``."""
    path = Path(path)
    return path.with_name(f"{path.name}.sha256")


def written_path(path: str | Path) -> Path:
    """Path of the file that holds the checksum of what was last written to ``path``."""
    path = Path(path)
    return path.with_name(f".{path.name}.written")


def record_checksum(path: str | Path, digest: str, *, written: bool = True) -> None:
    """Record the checksum of a file that lies there and is known to be right.

    What was written is noted of the workflow's own files alone, whose paths are relative.
    """
    if written and not Path(path).is_absolute():
        _replace(written_path(path), f"{digest}\n".encode())
    _replace(checksum_path(path), f"{digest}\n".encode())


def _replace(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_bytes(path: str | Path) -> bytes:
    """Read a file and check it against its recorded checksum.

    Raises
    ------
    ArtefactError
        When the file or its checksum is missing, they disagree, or others were written here.
    """
    path = Path(path)
    fix = f"make it again with: snakemake --force {path.as_posix()}"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtefactError(f"cannot read {path}: {error.strerror or error}", fix=fix) from error
    try:
        recorded = checksum_path(path).read_bytes()
    except OSError as error:
        raise ArtefactError(f"{path} has no recorded checksum beside it", fix=fix) from error
    if f"{hashlib.sha256(data).hexdigest()}\n".encode() != recorded:
        raise ArtefactError(
            f"{path} is damaged: its bytes are not those that were written", fix=fix
        )
    if is_replaced(path, recorded):
        raise ArtefactError(f"{path} {REPLACED}", fix=fix)
    return data


def is_replaced(path: str | Path, recorded: bytes) -> bool:
    """Whether another file was written here than the one of that recorded checksum."""
    try:
        return written_path(path).read_bytes() != recorded
    except OSError:
        return False


def write_checksum(path: str | Path) -> None:
    """Record the checksum of a file that was written by other means and is known to be right."""
    record_checksum(path, sha256_of(path))


def json_ready(value: Any) -> Any:
    """Turn numpy values, tuples and paths into what JSON holds; NaN and infinities into None."""
    if isinstance(value, dict):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    if hasattr(value, "tolist"):
        return json_ready(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return value.as_posix()
    return value


def write_json(path: str | Path, payload: dict[str, Any]) -> None:
    """Write a mapping as JSON, in its order, with floats at full precision."""
    if isinstance(payload.get("provenance"), dict) and payload["provenance"]:
        payload = payload | {"provenance": links.named(payload["provenance"], path)}
    text = json.dumps(json_ready(payload), indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes(path, f"{text}\n".encode())


def read_json(path: str | Path) -> dict[str, Any]:
    """Read a JSON artefact, checked against its checksum.

    Raises
    ------
    ArtefactError
        When the file is missing or damaged.
    """
    content = json.loads(read_bytes(path))
    links.check(path, content.get("provenance", {}))
    return content


def write_parquet(
    path: str | Path, table: pa.Table | pd.DataFrame, provenance: dict[str, Any] | None = None
) -> None:
    """Write a table as Parquet; the same table gives the same bytes.

    Parameters
    ----------
    path
        Where to write.
    table
        Table, or frame whose index is dropped.
    provenance
        Record kept in the schema metadata under ``scaling_studies.artefacts.provenance``.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not isinstance(table, pa.Table):
        table = pa.Table.from_pandas(table, preserve_index=False)
        table = table.replace_schema_metadata(None)
    if provenance is not None:
        record = json.dumps(json_ready(links.named(provenance, path)), sort_keys=True).encode()
        metadata = dict(table.schema.metadata or {}) | {PROVENANCE_KEY: record}
        table = table.replace_schema_metadata(metadata)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    write_bytes(path, sink.getvalue().to_pybytes(), written=provenance is not None)


def table_of(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Table of a schema from rows of plain values, without the time it takes to load pandas."""
    import pyarrow.json

    # Arrow's reader of JSON, as making an array from Python's values would load pandas.
    text = "\n".join(json.dumps(json_ready(row), allow_nan=False) for row in rows)
    options = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    source = pyarrow.BufferReader(text.encode())
    return pyarrow.json.read_json(source, parse_options=options) if rows else schema.empty_table()


def read_parquet_table(path: str | Path, columns: list[str] | None = None) -> pa.Table:
    """Read a Parquet artefact, or some of its columns, as a table checked against its checksum.

    Raises
    ------
    ArtefactError
        When the file is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(read_bytes(path)))
    links.check(path, provenance_of(file.schema_arrow))
    return file.read(columns)


def provenance_of(schema: pa.Schema) -> dict[str, Any]:
    """Provenance record of a table (empty when it has none)."""
    return json.loads((schema.metadata or {}).get(PROVENANCE_KEY, b"{}"))


def read_parquet(path: str | Path) -> pd.DataFrame:
    """Read a Parquet artefact as a frame, checked against its checksum.

    Raises
    ------
    ArtefactError
        When the file is missing or damaged.
    """
    return read_parquet_table(path).to_pandas()


def read_columns(path: str | Path) -> dict[str, np.ndarray]:
    """Read a Parquet artefact as arrays by column: numbers as float64, all else as objects.

    Neither this nor `read_rows` loads pandas, which takes longer than most jobs.

    Raises
    ------
    ArtefactError
        When the file is missing or damaged.
    """
    import numpy as np
    from pyarrow import types

    table = read_parquet_table(path)
    numeric = {
        field.name: types.is_floating(field.type) or types.is_integer(field.type)
        for field in table.schema
    }
    return {
        name: np.array(table.column(name).to_pylist(), dtype=np.float64 if number else object)
        for name, number in numeric.items()
    }


def read_rows(path: str | Path, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """Read a Parquet artefact, or some of its columns, as rows; not-a-number becomes None.

    Raises
    ------
    ArtefactError
        When the file is missing or damaged.
    """
    rows = read_parquet_table(path, columns).to_pylist()
    return [{key: value if value == value else None for key, value in row.items()} for row in rows]


def read_provenance(path: str | Path) -> dict[str, Any]:
    """Provenance record of a JSON or Parquet artefact (empty when it has none)."""
    if Path(path).suffix == ".json":
        return read_json(path).get("provenance", {})
    return provenance_of(read_parquet_table(path).schema)
