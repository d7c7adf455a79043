"""Exports with a column a run, and tables with a row a metric, as a row a checkpoint."""

from __future__ import annotations

import re

import pandas as pd

RUN, STEP = "run", "step"
_REPEATED = re.compile(r"__(MIN|MAX)$")
_GROUPED = re.compile(r"\s*([\w./-]+)\s*[:=]\s*(.+?)\s*")
_STEPS = {"step", "_step", "global_step", "iteration", "iter"}
_KEYS = {"key", "metric", "metric_name", "tag", "metric_key"}
_VALUES = {"value", "metric_value", "val"}
_TIMES = {"timestamp", "wall_time", "wall time", "time", "created_at", "is_nan"}


def from_chart(cells: pd.DataFrame) -> pd.DataFrame | None:
    """Rows of a chart export: a column of steps, and ``<run> - <metric>`` for each run.

    ``__MIN`` and ``__MAX`` beside a column repeat it. A run that is a group says what it was
    grouped by (``n_params: 15000000 - val/loss``), which becomes a column. None when the table is
    no such export.
    """
    first, *others = map(str, cells.columns)
    measured: dict[str, dict[str, str]] = {}
    for name in others:
        if _REPEATED.search(name):
            continue
        run, dash, metric = name.rpartition(" - ")
        if not dash:
            return None
        if not metric.startswith("_") and metric not in (RUN, STEP):
            measured.setdefault(run, {})[name] = metric
    if not measured:
        return None
    axis = STEP if _is_step(first) else first
    parts = []
    for run, names in measured.items():
        part = cells[[first, *names]].rename(columns={first: axis, **names})
        # A run that was not logged at a step has no row there.
        part = part[(part[list(names.values())] != "").any(axis=1)]
        label, grouped = _group(run)
        part.insert(0, RUN, label)
        parts.append(part.assign(**grouped))
    return pd.concat(parts, ignore_index=True).fillna("")


def _is_step(name: str) -> bool:
    """Whether a column counts steps, under any folder: ``trainer/global_step``."""
    return name.strip().lower().rpartition("/")[2] in _STEPS


def _group(run: str) -> tuple[str, dict[str, str]]:
    """Name of a run or group, and what it was grouped by."""
    pairs = [_GROUPED.fullmatch(part) for part in run.split(",")]
    found = {pair[1]: pair[2] for pair in pairs if pair}
    if len(found) != len(pairs):
        return run, {}
    named = found.pop("Group", None) or found.pop("group", None)
    # Groups of one name that differ in something else are told apart by all of it.
    return run if found or named is None else named, found


def from_long(cells: pd.DataFrame) -> pd.DataFrame | None:
    """Rows of a table that has a row a run, step and metric; None when it is no such table."""
    lower = {str(name).strip().lower(): str(name) for name in cells.columns}
    key = next((lower[name] for name in lower if name in _KEYS), None)
    value = next((lower[name] for name in lower if name in _VALUES), None)
    if key is None or value is None:
        return None
    others = [
        str(name)
        for name in cells.columns
        if name not in (key, value) and str(name).strip().lower() not in _TIMES
    ]
    if not others or cells[key].nunique() < 2:
        return None
    last = cells.drop_duplicates([*others, key], keep="last")
    wide = last.pivot_table(value, index=others, columns=key, aggfunc="last", sort=False)
    wide = wide.reset_index()
    wide.columns = pd.Index([str(name) for name in wide.columns])
    # What was logged without a step, such as a setting, belongs to every step of its run.
    step = next((name for name in others if _is_step(name)), None)
    runs = [name for name in others if name != step]
    if step is not None and runs:
        measured = [name for name in wide.columns if name not in others]
        once = [name for name in measured if (wide.groupby(runs)[name].count() <= 1).all()]
        if len(once) < len(measured):
            wide[once] = wide.groupby(runs)[once].transform("first")
            several = [name for name in measured if name not in once]
            wide = wide[wide[several].notna().any(axis=1)]
    return wide.fillna("").astype(str).reset_index(drop=True)
