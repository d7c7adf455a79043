"""Turns one raw table into rows of the run table, part by part, and checks every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scaling_studies.errors import TableError
from scaling_studies.runs import cells
from scaling_studies.runs.cell_reader import CellReader, texts_differ
from scaling_studies.runs.checkpoints import SeenRows, occurrences, row_keys
from scaling_studies.runs.columns import COLUMNS, RUN_SCHEMA
from scaling_studies.runs.compute_columns import add_compute_columns
from scaling_studies.runs.joins import JoinedTable
from scaling_studies.runs.mapping import TableMapping
from scaling_studies.runs.measurements import Measured, measure
from scaling_studies.runs.problems import Problems


class TableNormalizer:
    """Normalises the parts of one raw table, in order.

    Parameters
    ----------
    mapping
        The table's entry in the card.
    raw_columns
        Column names of the raw table.
    joined
        The tables that the card joins to it.

    Raises
    ------
    TableError
        When a column that the card reads is missing, or is in two joined tables.
    """

    def __init__(
        self,
        mapping: TableMapping,
        raw_columns: Sequence[str],
        joined: Sequence[JoinedTable] = (),
    ) -> None:
        self.mapping = mapping
        self.problems = Problems(mapping.study, mapping.name)
        self._joined = tuple(joined)
        self._next_row = 1
        self._seen = SeenRows()
        self._check_raw_columns(raw_columns)

    def _check_raw_columns(self, raw_columns: Sequence[str]) -> None:
        mapping = self.mapping
        origin = dict.fromkeys(raw_columns, mapping.file)
        for join in self._joined:
            mapping.require(join.on, list(origin), f"the join with {join.file}")
            for name in join.columns.column_names:
                if name in origin:
                    raise TableError(
                        f"the column is in {origin[name]} and in {join.file}, which is joined",
                        column=name,
                        fix="join on it as well, or rename one of the two",
                        **mapping.place,
                    )
                origin[name] = join.file
        mapping.require(mapping.raw_columns(), list(origin), "the card")

    def normalize(self, raw: pa.Table) -> pa.Table:
        """Return the run-table rows of the next part of the raw table.

        Bad cells are noted in `problems`; the rows are of use only while there are none.

        Parameters
        ----------
        raw
            The next rows of the raw table, in order.
        """
        # Bad cells are noted with their place; a warning of numpy would say less.
        with np.errstate(all="ignore"):
            return self._normalize(raw)

    def _normalize(self, raw: pa.Table) -> pa.Table:
        for join in self._joined:
            raw = join.add_to(raw, self.problems, self._next_row)
        reader = CellReader(raw, self.problems, self._next_row)
        columns = self._columns(reader)
        excused = texts_differ(columns["status"], "ok", reader.rows)
        measured = [
            measure(reader, each, self.mapping, excused) for each in self.mapping.measurements
        ]
        self._add_row_keys(columns, measured, reader)
        self._next_row += reader.rows
        return _assemble(columns, measured, reader.rows)

    def finish(self) -> None:
        """Raise the first problem of the whole table, if there is any.

        Raises
        ------
        TableError
            Names study, table, row and column, and counts the other problems.
        """
        if self._next_row == 1:
            raise TableError(
                f"{self.mapping.file} has no rows", fix="add the rows", **self.mapping.place
            )
        repeats, originals = self._seen.repeated()
        if len(repeats):
            self.problems.add(
                np.ones(len(repeats), dtype=bool),
                lambda _: f"repeats row {originals[0]} (same run, step, metric and evaluation set)",
                column=self.mapping.raw_column("run_id"),
                fix="delete one of the rows, map the column that tells them apart, or set "
                "`allow: {duplicate_runs: true}` in the card",
                first_row=int(repeats[0]),
            )
        self.problems.raise_first()

    def _columns(self, reader: CellReader) -> dict[str, Any]:
        """Return the columns that do not belong to a measurement, by name."""
        mapping = self.mapping
        columns: dict[str, Any] = {
            "study": mapping.study,
            "table": mapping.name,
            "provenance": mapping.provenance,
            "provenance_group": mapping.provenance_group,
            "status": "ok",
            **mapping.constants,
        }
        for each in mapping.columns:
            columns[each.target.name] = reader.column(each)
            if each.target.name == "samples":
                columns.setdefault("sample_unit", each.unit.canonical)
        if not isinstance(columns["status"], str):
            columns["status"] = cells.replace(columns["status"], {"": "ok"})
        add_compute_columns(columns, mapping, reader)
        columns["run_id"] = self._run_ids(columns.get("run_id"), reader)
        columns["group_id"] = (
            reader.joined_labels(mapping.group) if mapping.group else columns["run_id"]
        )
        return columns

    def _run_ids(
        self, run_id: pa.DictionaryArray | str | None, reader: CellReader
    ) -> pa.DictionaryArray:
        if run_id is None:
            rows = np.arange(reader.first_row, reader.first_row + reader.rows)
            names = pc.binary_join_element_wise(
                pa.scalar(self.mapping.name), pa.array(rows).cast(pa.string()), ":"
            )
            return names.dictionary_encode()
        return cells.constant_text(run_id, reader.rows) if isinstance(run_id, str) else run_id

    def _add_row_keys(
        self, columns: dict[str, Any], measured: list[Measured], reader: CellReader
    ) -> None:
        """Add the column ``row_key`` and remember the rows, to find those that repeat others."""
        mapping, rows = self.mapping, reader.rows
        run_id, step = columns["run_id"], columns.get("step")
        if step is not None:
            step = np.array(np.broadcast_to(np.asarray(step, np.float64), rows))
        occurrence = None
        # Rows with bad cells cannot be told apart; they are reported for those cells.
        if mapping.names_runs and not self.problems.count:
            identity = [run_id] if step is None else [run_id, step]
            if mapping.duplicate_runs:
                labels = [label for m in measured for label in (m.metric, m.eval_set)]
                varying = [label for label in labels if isinstance(label, pa.Array)]
                occurrence = occurrences(identity + varying)
            else:
                numbers = np.arange(reader.first_row, reader.first_row + rows)
                if any(each.labels_vary for each in measured):
                    for each in measured:
                        labels = [_as_text(label, rows) for label in (each.metric, each.eval_set)]
                        self._seen.add(identity + labels, numbers)
                else:
                    self._seen.add(identity, numbers)
        columns["row_key"] = row_keys(run_id, step, occurrence)


def _assemble(columns: Mapping[str, Any], measured: list[Measured], rows: int) -> pa.Table:
    """Return the rows: row by row, and within a row in the order of the card's measurements."""
    many = len(measured)
    order = None
    if many > 1 or measured[0].kept is not None:
        order = np.arange(rows * many).reshape(many, rows).T.ravel()
        kept = [np.ones(rows, bool) if each.kept is None else each.kept for each in measured]
        order = order[np.concatenate(kept)[order]]
    arrays = []
    for field in RUN_SCHEMA:
        if COLUMNS[field.name].group == "measurement":
            parts = [_as_array(each.column(field.name), field, rows) for each in measured]
            array = parts[0] if many == 1 else _one_after_another(parts)
            arrays.append(array if order is None else array.take(pa.array(order)))
        else:
            array = _as_array(columns.get(field.name), field, rows)
            arrays.append(array if order is None else array.take(pa.array(order % rows)))
    return pa.Table.from_arrays(arrays, schema=RUN_SCHEMA)


def _one_after_another(parts: list[pa.Array]) -> pa.Array:
    whole = pa.chunked_array(parts)
    if pa.types.is_dictionary(whole.type):
        whole = whole.unify_dictionaries()
    return whole.combine_chunks()


def _as_text(label: pa.DictionaryArray | str | None, rows: int) -> pa.DictionaryArray:
    return label if isinstance(label, pa.Array) else cells.constant_text(label or "", rows)


def _as_array(value: Any, field: pa.Field, rows: int) -> pa.Array:
    """Return a column of the run table from an array, a constant, or None for null."""
    if isinstance(value, pa.Array):
        return value
    if value is None:
        return pa.nulls(rows, field.type)
    if isinstance(value, str):
        return cells.constant_text(value, rows)
    if isinstance(value, bool):
        return pa.array(np.full(rows, value))
    numbers = np.broadcast_to(np.asarray(value, dtype=np.float64), rows)
    return cells.from_numbers(numbers)
