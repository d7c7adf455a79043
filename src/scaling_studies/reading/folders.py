"""Folders with a file or a folder a run."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from scaling_studies.errors import TableError
from scaling_studies.reading.files import ENDINGS, PACKED, Raw, read_file, stem_of

RUN, STEP = "run", "step"
_DEEPEST = 4
#: Most tables of a folder; one with more is no folder of runs.
MOST_FILES = 50_000
_TAGGED = re.compile(r"(?:run[-_])?(?P<run>.+?)[-_]tag[-_](?P<tag>.+)")
_CHECKPOINT = re.compile(r"(?:checkpoint|ckpt|step|global_step)[-_]?(\d+)")
_BEFORE, _AFTER = r"(?:^|[_\-. /,])", r"(?=$|[_\-. /,])"
_NUMBER = r"[=_-]?(\d+(?:\.\d+)?(?:e[+-]?\d+)?[kmbtKMBT]?)"
#: What names of runs say of them: column -> words before a number.
_IN_NAMES = {
    "params": r"N|(?i:n?_?params?|parameters|model[_-]?size)",
    "target_tokens": r"D|(?i:n?_?tokens?)",
    "flops_budget": r"C|(?i:flops?|compute)",
    "seed": r"(?i:seed)",
    "lr": r"(?i:lr|learning[_-]rate)",
}


def read_folder(path: Path) -> Raw:
    """Put the files of a folder together: one a run, or one folder a run.

    Parameters
    ----------
    path
        Folder. Files named ``run-<run>-tag-<metric>.csv`` hold one metric each; the last of
        several ``checkpoint-<step>`` of a run is read. Links are not followed: they could lead out
        of the folder.

    Raises
    ------
    TableError
        It holds no file that is read, or one is damaged.
    """
    try:
        files = _last_checkpoints(path, _files(path, 0))
    except OSError as error:
        place = Path(error.filename) if isinstance(error.filename, str) else path
        raise TableError(
            f"the folder {path.name or path} cannot be read, as {place} gives: "
            f"{error.strerror or error}",
            table=path.name or str(path),
            fix="give a folder with one CSV or JSON file a run, all of which may be read",
        ) from None
    if len(files) >= MOST_FILES:
        raise TableError(
            f"the folder {path.name or path} holds {MOST_FILES:,} tables and more",
            table=path.name or str(path),
            fix="give a folder with one CSV or JSON file a run, and nothing else",
        )
    if not files:
        raise TableError(
            f"the folder {path.name} holds no .csv file and no other table",
            table=path.name,
            fix="give a folder with one CSV or JSON file a run",
        )
    tables = {file: read_file(file) for file in files}
    tags = {file: _TAGGED.fullmatch(stem_of(file)) for file in files}
    if all(tags.values()) and all(_is_scalar(raw.cells) for raw in tables.values()):
        cells = _tagged({tag: tables[file].cells for file, tag in tags.items() if tag})
    else:
        cells = _by_run(path, tables)
    notes = [f"{file.name}: {note}" for file, raw in tables.items() for note in raw.notes]
    if len(notes) > 3:
        notes = [*notes[:3], f"and {len(notes) - 3} more notes of this kind."]
    cells, said = with_names_read(cells)
    return Raw("folder", path, cells, notes + said)


def _files(folder: Path, depth: int) -> list[Path]:
    found: list[Path] = []
    for item in sorted(folder.iterdir()):
        if item.is_symlink() or item.name.startswith("."):
            continue
        if item.is_dir() and depth < _DEEPEST:
            found += _files(item, depth + 1)
        elif _is_table(item.name.lower()):
            found.append(item)
        if len(found) >= MOST_FILES:
            break
    return found[:MOST_FILES]


def _is_table(name: str) -> bool:
    name = next((name.removesuffix(ending) for ending in PACKED if name.endswith(ending)), name)
    return name.endswith(ENDINGS) and name not in ("requirements.txt", "readme.txt")


def _last_checkpoints(root: Path, files: list[Path]) -> list[Path]:
    """Of several checkpoints of a run, the last one."""
    last: dict[tuple[Path, str], tuple[int, Path]] = {}
    kept = []
    for file in files:
        step = _CHECKPOINT.fullmatch(file.parent.name) if file.parent != root else None
        if step is None:
            kept.append(file)
            continue
        key = (file.parent.parent, file.name)
        last[key] = max(last.get(key, (-1, file)), (int(step[1]), file))
    for (folder, name), (_, file) in last.items():
        if folder / name not in kept:
            kept.append(file)
    return sorted(kept)


def _run_of(root: Path, file: Path) -> str:
    """Name of a run: its folder, or its file where many lie in one folder."""
    place = file.relative_to(root)
    folders = [part for part in place.parts[:-1] if not _CHECKPOINT.fullmatch(part)]
    return "/".join(folders) if folders else stem_of(file)


def _by_run(root: Path, tables: dict[Path, Raw]) -> pd.DataFrame:
    stems: dict[Path, set[str]] = {}
    for file in tables:
        stems.setdefault(file.parent, set()).add(stem_of(file))
    in_folders = all(file.parent != root for file in tables)
    alike = in_folders and len({frozenset(names) for names in stems.values()}) == 1
    if not alike or len(stems) == 1:
        named = {
            file: "/".join([*file.relative_to(root).parts[:-1], stem_of(file)]) for file in tables
        }
        parts = [_named(raw.cells, named[file]) for file, raw in tables.items()]
        return _stacked(parts)
    merged: dict[str, list[pd.DataFrame]] = {}
    for file, raw in tables.items():
        merged.setdefault(_run_of(root, file), []).append(raw.cells)
    return _stacked([_named(_merged(parts), run) for run, parts in merged.items()])


def _merged(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Files of one run: what has one row is said of every row of the others."""
    longest = max(parts, key=len)
    result = longest.reset_index(drop=True)
    for part in parts:
        if part is longest or len(part) != 1:
            continue
        for name in part.columns:
            if name not in result:
                result[name] = part[name].iloc[0]
    return result


def _named(cells: pd.DataFrame, run: str) -> pd.DataFrame:
    if RUN in cells or "run_id" in cells or "run_name" in cells:
        return cells
    cells = cells.copy()
    cells.insert(0, RUN, run)
    return cells


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True).fillna("").astype(str)


def _is_scalar(cells: pd.DataFrame) -> bool:
    return {"Step", "Value"} <= {*cells.columns}


def _tagged(tables: dict[re.Match[str], pd.DataFrame]) -> pd.DataFrame:
    """Put scalar files of one metric each together: a row a run and step."""
    metrics: dict[str, dict[str, pd.Series]] = {}
    for match, cells in tables.items():
        values = cells.drop_duplicates("Step", keep="last").set_index("Step")["Value"]
        metrics.setdefault(match["run"], {})[match["tag"]] = values
    parts = []
    for run, each in metrics.items():
        part = pd.concat(each, axis=1).rename_axis(STEP).reset_index()
        part.insert(0, RUN, run)
        parts.append(part)
    return _stacked(parts)


def with_names_read(cells: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Add what the names of all runs say of their size, data, compute, seed and learning rate."""
    column = next((name for name in (RUN, "run_id", "run_name") if name in cells), None)
    if column is None:
        return cells, []
    names = cells[column].drop_duplicates()
    found = {}
    for what, words in _IN_NAMES.items():
        values = names.str.extract(f"{_BEFORE}(?:{words}){_NUMBER}{_AFTER}")[0]
        if values.notna().all() and what not in cells:
            found[what] = dict(zip(names, values, strict=True))
    if not found:
        return cells, []
    cells = cells.assign(**{what: cells[column].map(values) for what, values in found.items()})
    return cells, [f"Names of the runs say {', '.join(found)}."]
