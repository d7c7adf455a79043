"""What a file is that is no table of runs, and how to make a table of it."""

from __future__ import annotations

import io
import re
import shlex
import zipfile
from pathlib import Path

from scaling_studies.errors import TableError, one_line
from scaling_studies.reading.unpacking import EXCEL, begins_as_another

#: Forms that pandas reads, which are not read here -> its function.
_READERS = {
    "a pickle of Python": "read_pickle",
    "a file of HDF5": "read_hdf",
    "a file of Feather": "read_feather",
    "a file of ORC": "read_orc",
    "a file of Stata": "read_stata",
}
_SAVE = "open it with the program that wrote it, and save the table as CSV"
_TABLE_OF_SQL = re.compile(rb"CREATE TABLE\s+[\"'`\[]?(\w+)")
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|table|head|body|div)\b", re.I)
_XML = re.compile(r"\s*<\?xml\b", re.I)
#: A line of a log, which names its numbers where it writes them.
_LOGGED_LOSS = re.compile(r"\bloss\s*[:=]?\s*[-+]?\d", re.I)
_LOGGED_STEP = re.compile(r"\b(?:steps?|iter(?:ation)?s?|epochs?|tokens)\s*[:=]?\s*\d", re.I)
#: Lines of a text that are looked at.
_LOOKED_AT = 20


def refuse_bytes(content: bytes, path: Path) -> None:
    """Stop at the content of a file of another form than those that are read.

    Raises
    ------
    TableError
        Says what the file is, and how a table is made of it.
    """
    what = begins_as_another(content)
    csv = str(path.with_suffix(".csv"))
    if what is None and not content.startswith(EXCEL):
        return
    if what is None:
        _refuse_archive(content, path)
    elif reader := _READERS.get(what):
        trusted = "; only if you trust it, as it may run code" if "pickle" in what else ""
        raise _no_table(
            path, what, f"in Python, pandas.{reader}({str(path)!r}).to_csv({csv!r}){trusted}"
        )
    elif "SQLite" in what:
        found = _TABLE_OF_SQL.search(content)
        query = f"SELECT * FROM {found[1].decode() if found else 'TABLE'}"
        command = f"sqlite3 -header -csv {shlex.quote(str(path))} {shlex.quote(query)}"
        raise _no_table(path, what, f"write its table: {command} > {shlex.quote(csv)}")
    elif "numpy" in what:
        raise _no_table(
            path, what, f"in Python, pandas.DataFrame(numpy.load({str(path)!r})).to_csv({csv!r})"
        )
    elif "tar" in what:
        raise _no_table(
            path, what, f"unpack it with tar xf {shlex.quote(str(path))} and give the table in it"
        )
    else:
        raise _no_table(path, what, _SAVE)


def refuse_text(text: str, path: Path) -> None:
    """Stop at a page or a log, whose lines are no rows of a table.

    Raises
    ------
    TableError
        Says what the file is, and how a table is made of it.
    """
    if _HTML.match(text[:4096]):
        csv = str(path.with_suffix(".csv"))
        raise _no_table(
            path,
            "a page in HTML",
            "open it in a spreadsheet and save it as CSV, or in Python "
            f"pandas.read_html({str(path)!r})[0].to_csv({csv!r}, index=False)",
        )
    if _XML.match(text[:4096]):
        raise _no_table(path, "a file of XML", _SAVE)
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:_LOOKED_AT]
    logged = [line for line in lines if _LOGGED_LOSS.search(line) and _LOGGED_STEP.search(line)]
    if len(logged) > 1 and 2 * len(logged) > len(lines):
        if lines[0].startswith(("- ", "---")):
            raise _no_table(path, "a list in YAML", "write it as JSON, or as CSV with a row a run")
        raise _no_table(
            path,
            "a log as text",
            "write a table with a row a run, whose first line is run,params,tokens,loss",
        )


def _refuse_archive(content: bytes, path: Path) -> None:
    """Stop at an archive that is no workbook of Excel; a damaged one is left to what reads it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [item.filename for item in archive.infolist() if not item.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return
    csv = str(path.with_suffix(".csv"))
    shown = ", ".join(one_line(name, 40) for name in names[:5]) + (", ..." if names[5:] else "")
    if any(name.startswith("xl/") for name in names):
        return
    if names and all(name.endswith(".npy") for name in names):
        raise _no_table(
            path,
            f"a file of numpy arrays ({shown})",
            f"in Python, pandas.DataFrame(dict(numpy.load({str(path)!r}))).to_csv({csv!r})",
        )
    if any(name.endswith("data.pkl") for name in names):
        raise _no_table(path, "a checkpoint of PyTorch", "write a CSV with a row a run")
    if "content.xml" in names or any(name.startswith("word/") for name in names):
        raise _no_table(path, "a document of an office program", "save it as .xlsx or CSV")
    raise _no_table(
        path,
        f"a zip archive ({shown})",
        f"unpack it with unzip {shlex.quote(str(path))} and give "
        + (shlex.quote(names[0]) if len(names) == 1 else "the folder or one file of it"),
    )


def _no_table(path: Path, what: str, fix: str) -> TableError:
    return TableError(
        f"{path.name} is {what}, and a table is CSV, TSV, JSON, JSON lines, Excel (.xlsx) or "
        "Parquet",
        table=path.name,
        fix=fix,
    )
