"""Turns one raw table into rows of the run table, part by part, and checks every cell."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scaling_studies import cells, units
from scaling_studies.checkpoints import SeenRows, occurrences, row_keys
from scaling_studies.errors import CardError, TableError
from scaling_studies.joins import JoinedTable
from scaling_studies.problems import Problems, and_more
from scaling_studies.runs import COLUMNS, RUN_SCHEMA, Column

_SIGN_RULES = {"positive": "more than zero", "not_negative": "zero or more"}
_DERIVED_FROM = {
    "tokens_from_6nd": ("tokens", ("flops", "params_*")),
    "flops_from_6nd": ("flops", ("tokens", "params_*")),
    "epochs_from_unique": ("epochs", ("tokens", "unique_tokens")),
}
# N of 6ND where the compute convention does not say which: what takes part in the computation.
_PARAMS_OF_COMPUTE = ("params_active", "params_total", "params_non_embedding")
_PARAMS_OF_CONVENTION = {
    "6ND_total": "params_total",
    "6ND_non_embedding": "params_non_embedding",
    "6ND_active": "params_active",
}


@dataclass(frozen=True)
class _Measurement:
    """A measurement of the card, with its unit looked up."""

    metric: str | None
    metric_column: str | None
    eval_set: str | None
    eval_set_column: str | None
    unit: units.Unit
    value: str
    low: str | None
    high: str | None
    std: str | None
    optional: bool

    @property
    def labels_vary(self) -> bool:
        return self.metric_column is not None or self.eval_set_column is not None


class TableNormalizer:
    """Normalises the parts of one raw table, in order.

    Parameters
    ----------
    card
        The validated study card.
    name
        The card's table.
    raw_columns
        Column names of the raw table.
    joined
        The tables that the card joins to it.

    Raises
    ------
    CardError
        When the card maps a column that the run table does not have, or a rule lacks its inputs.
    TableError
        When a column is missing or a unit does not exist.
    """

    def __init__(
        self,
        card: Mapping[str, Any],
        name: str,
        raw_columns: Sequence[str],
        joined: Sequence[JoinedTable] = (),
    ) -> None:
        self.study = card["study"]
        self.name = name
        self.entry = card["tables"][name]
        self.joined = tuple(joined)
        self.problems = Problems(self.study, name)
        self._columns = self.entry["columns"]
        self._constants = self.entry.get("constants", {})
        self._allow = self.entry.get("allow", {})
        self._row = 1
        self._seen = SeenRows()
        self._worst_flops: tuple[float, int, str] | None = None
        self._check_mapping()
        self._check_raw_columns(raw_columns)
        self._units = {
            target: units.unit(
                COLUMNS[target].quantity, entry.get("unit"), column=entry["from"], **self._place
            )
            for target, entry in self._columns.items()
            if "from" in entry and COLUMNS[target].kind == "number"
        }
        self._measurements = [self._measurement(entry) for entry in self.entry["measurements"]]
        self._check_labels()

    @property
    def _place(self) -> dict[str, str]:
        return {"study": self.study, "table": self.name}

    @property
    def named_runs(self) -> bool:
        """Whether the card says which run a row belongs to."""
        return "run_id" in self._columns or "run_id" in self._constants

    @property
    def needs_whole_table(self) -> bool:
        """Whether the table cannot be normalised part by part."""
        return bool(self.entry.get("averages")) or bool(
            self._allow.get("duplicate_runs") and self.named_runs
        )

    # Checks of the mapping, before any row is read.

    def _check_mapping(self) -> None:
        for kind in ("columns", "constants"):
            for target in self.entry.get(kind, {}):
                key = f"tables.{self.name}.{kind}.{target}"
                if target not in COLUMNS:
                    settable = [name for name, column in COLUMNS.items() if column.settable]
                    raise CardError(
                        f"{target!r} is not a column of the run table",
                        study=self.study,
                        key=key,
                        fix=_suggest(target, settable),
                    )
                if not COLUMNS[target].settable:
                    raise CardError(
                        f"the column {target} is filled by the project",
                        study=self.study,
                        key=key,
                        fix="delete this entry",
                    )
        both = [target for target in self._constants if target in self._columns]
        if both:
            raise CardError(
                f"{both[0]} is both a column and a constant",
                study=self.study,
                key=f"tables.{self.name}.constants.{both[0]}",
                fix="delete one of them",
            )
        for target, value in self._constants.items():
            self._check_constant(COLUMNS[target], value)
        for target, entry in self._columns.items():
            if "derive" in entry:
                self._check_derivation(target, entry["derive"])

    def _check_constant(self, column: Column, value: Any) -> None:
        key = f"tables.{self.name}.constants.{column.name}"
        wanted = {"text": str, "key": str, "number": (int, float), "flag": bool}[column.kind]
        if not isinstance(value, wanted) or (column.kind == "number" and isinstance(value, bool)):
            raise CardError(
                f"{value!r} is not a {column.kind}",
                study=self.study,
                key=key,
                fix=f"write a {column.kind}"
                + (
                    " (numbers such as 1e9 need a point and a sign: 1.0e+9)"
                    if column.kind == "number"
                    else " in quotes"
                ),
            )
        if column.values and value not in column.values:
            raise CardError(
                f"{value!r} is not a value of {column.name}",
                study=self.study,
                key=key,
                fix=f"write one of: {', '.join(column.values)}",
            )
        if column.kind == "number" and not _sign_kept(np.array([float(value)]), column.sign)[0]:
            raise CardError(
                f"{value!r} is not {_SIGN_RULES.get(column.sign, 'finite')}",
                study=self.study,
                key=key,
                fix="correct the constant",
            )

    def _check_derivation(self, target: str, rule: str) -> None:
        makes, needs = _DERIVED_FROM[rule]
        key = f"tables.{self.name}.columns.{target}.derive"
        if target != makes:
            raise CardError(
                f"{rule} gives {makes}, not {target}",
                study=self.study,
                key=key,
                fix=f"derive {makes} by it",
            )
        given = {*self._columns, *self._constants}
        for need in needs:
            options = _PARAMS_OF_COMPUTE if need == "params_*" else (need,)
            if given.isdisjoint(options):
                raise CardError(
                    f"{rule} needs {' or '.join(options)}",
                    study=self.study,
                    key=key,
                    fix=f"map {options[0]} to a column of the table",
                )

    def _check_raw_columns(self, raw_columns: Sequence[str]) -> None:
        present = list(raw_columns)
        for join in self.joined:
            self._require(join.on, present, f"the key of the join with {join.file}")
            for name in join.columns.column_names:
                if name in present:
                    raise TableError(
                        f"the column is in {self.entry['file']} and in the joined {join.file}",
                        column=name,
                        fix="join on it as well, or rename one of the two",
                        **self._place,
                    )
            present += join.columns.column_names
        self._require(self.raw_columns(), present, "the card")

    def raw_columns(self) -> list[str]:
        """Return the raw columns that the card reads, without the keys of joins."""
        names = [entry["from"] for entry in self._columns.values() if "from" in entry]
        for entry in self.entry["measurements"]:
            names += [entry[part] for part in ("from", "low", "high", "std") if part in entry]
            labels = (entry.get("metric"), entry.get("eval_set"))
            names += [label["column"] for label in labels if isinstance(label, Mapping)]
        names += self.entry.get("group", ())
        return list(dict.fromkeys(names))

    def _require(self, names: Sequence[str], present: list[str], reader: str) -> None:
        missing = [name for name in names if name not in present]
        if missing:
            raise TableError(
                f"{self.entry['file']} has no such column, but {reader} reads it"
                + and_more(len(missing) - 1),
                column=missing[0],
                fix=_suggest(missing[0], present),
                **self._place,
            )

    def _measurement(self, entry: Mapping[str, Any]) -> _Measurement:
        metric, eval_set = entry["metric"], entry.get("eval_set")
        return _Measurement(
            metric=None if isinstance(metric, Mapping) else metric,
            metric_column=metric["column"] if isinstance(metric, Mapping) else None,
            eval_set=None if isinstance(eval_set, Mapping) else eval_set,
            eval_set_column=eval_set["column"] if isinstance(eval_set, Mapping) else None,
            unit=units.unit("value", entry["unit"], column=entry["from"], **self._place),
            value=entry["from"],
            low=entry.get("low"),
            high=entry.get("high"),
            std=entry.get("std"),
            optional=entry.get("optional", False),
        )

    def _check_labels(self) -> None:
        fixed = [(m.metric, m.eval_set) for m in self._measurements if not m.labels_vary]
        for index, label in enumerate(fixed):
            if label in fixed[:index]:
                raise CardError(
                    f"two measurements are called {label[0]!r} on {label[1] or 'no set'}",
                    study=self.study,
                    key=f"tables.{self.name}.measurements",
                    fix="give them different evaluation sets",
                )

    # Rows.

    def normalize(self, raw: pa.Table) -> pa.Table:
        """Return the run-table rows of the next part of the raw table.

        Bad cells are noted in `problems`; the rows are of use only when there are none.

        Parameters
        ----------
        raw
            Rows of the raw table, in order.
        """
        rows = raw.num_rows
        for join in self.joined:
            raw = join.add_to(raw, self.problems, self._row)
        columns: dict[str, Any] = dict(self._constants)
        for target, entry in self._columns.items():
            if "from" in entry:
                columns[target] = self._read(raw, COLUMNS[target], entry)
        self._derive(columns, rows)
        self._identify(columns, raw, rows)
        status = columns.setdefault("status", "ok")
        if "flops" in columns:
            columns.setdefault("flops_convention", "unknown")
        samples = self._units.get("samples")
        if samples is not None:
            columns.setdefault("sample_unit", samples.canonical)
        excused = _is_not(status, "ok", rows)
        measured = [self._measure(raw, each, excused) for each in self._measurements]
        self._find_duplicates(columns, measured, rows)
        table = self._assemble(columns, measured, rows)
        self._row += rows
        return table

    def finish(self) -> None:
        """Raise the first problem of the whole table, if there is any.

        Raises
        ------
        TableError
            Names study, table, row and column, and counts the other problems.
        """
        if self._row == 1:
            raise TableError(f"{self.entry['file']} has no rows", fix="add the rows", **self._place)
        repeats, originals = self._seen.repeated()
        if len(repeats):
            self.problems.add(
                np.ones(len(repeats), dtype=bool),
                lambda _: f"repeats row {originals[0]} (same run, step, metric and evaluation set)",
                column=self._columns.get("run_id", {}).get("from", "run_id"),
                fix="delete one of the rows, map the column that tells them apart, or set "
                "`allow: {duplicate_runs: true}` in the card",
                first_row=int(repeats[0]),
            )
        self.problems.raise_first()

    def _note(self, bad: np.ndarray, column: str, describe: Any, fix: str) -> None:
        self.problems.add(bad, describe, column=column, fix=fix, first_row=self._row)

    def _read(self, raw: pa.Table, column: Column, entry: Mapping[str, Any]) -> Any:
        name = entry["from"]
        cell = _one_chunk(raw.column(name))
        if "values" in entry:
            cell = cells.replace(cell, entry["values"])
        if column.kind == "number":
            return self._read_number(cell, name, column)
        if column.kind == "flag":
            flags, unreadable = cells.as_flags(cell)
            if unreadable is not None:
                self._note(
                    unreadable,
                    name,
                    lambda row: f"{_show(cell, row)} is neither true nor false",
                    "write true or false",
                )
            return flags
        return self._read_text(cell, name, column)

    def _read_text(self, cell: pa.Array, name: str, column: Column) -> pa.DictionaryArray:
        text = self._text(cell, name)
        if column.filled:
            self._note_empty(text, name)
        if column.values:
            known = pc.is_in(text.dictionary, value_set=pa.array(column.values))
            bad = pc.fill_null(pc.invert(known.take(text.indices)), False)
            self._note(
                bad.to_numpy(zero_copy_only=False),
                name,
                lambda row: f"{_show(cell, row)} is not a value of {column.name}",
                f"replace it by `values` in the card; {column.name} is one of: "
                + ", ".join(column.values),
            )
        return text

    def _text(self, cell: pa.Array, name: str) -> pa.DictionaryArray:
        try:
            return cells.as_text(cell)
        except TypeError as error:
            raise TableError(
                f"the column holds {error}, which cannot be used as text",
                column=name,
                fix="give a column of text or numbers",
                **self._place,
            ) from None

    def _note_empty(self, text: pa.DictionaryArray, name: str) -> None:
        if text.null_count:
            self._note(
                text.is_null().to_numpy(zero_copy_only=False),
                name,
                lambda row: "the cell is empty",
                "fill the cell or delete the row",
            )

    def _read_number(self, cell: pa.Array, name: str, column: Column) -> np.ndarray:
        unit = self._units[column.name]
        numbers = self._numbers(cell, name)
        empty = np.isnan(numbers)
        # What could not be read is NaN by now and was noted already.
        if column.filled and empty.any():
            self._note_missing(empty, cell, name, "fill the cell or delete the row")
        self._note(
            ~_sign_kept(numbers, column.sign) & ~empty,
            name,
            lambda row: f"{_show(cell, row)} is not {_wanted(column.sign)}",
            "correct the number or delete the row",
        )
        return unit.convert(numbers)

    def _numbers(self, cell: pa.Array, name: str) -> np.ndarray:
        numbers, unreadable = cells.as_numbers(cell)
        if unreadable is not None:
            self._note(
                unreadable,
                name,
                lambda row: f"{_show(cell, row)} is not a number",
                "write the number with a decimal point and nothing else in the cell",
            )
        return numbers

    def _note_missing(self, missing: np.ndarray, cell: pa.Array, name: str, fix: str) -> None:
        _, unreadable = cells.as_numbers(cell)
        if unreadable is not None:
            missing = missing & ~unreadable

        def describe(row: int) -> str:
            text = _show(cell, row)
            return "the cell is empty" if text == "None" else f"{text} is not a number"

        self._note(missing, name, describe, fix)

    def _derive(self, columns: dict[str, Any], rows: int) -> None:
        derived = {entry["derive"] for entry in self._columns.values() if "derive" in entry}
        params = self._params_of_compute(columns, rows)
        if "tokens_from_6nd" in derived:
            columns["tokens"] = columns["flops"] / (6.0 * params)
        if "flops_from_6nd" in derived:
            columns["flops"] = 6.0 * params * columns["tokens"]
        if "epochs_from_unique" in derived:
            columns["epochs"] = columns["tokens"] / np.asarray(columns["unique_tokens"], float)
        if params is None or "tokens" not in columns:
            return
        columns["flops_6nd"] = 6.0 * params * columns["tokens"]
        tolerance = self.entry.get("flops_tolerance")
        if tolerance is not None and "flops" in columns:
            self._check_flops(columns, tolerance, rows)

    def _params_of_compute(self, columns: Mapping[str, Any], rows: int) -> Any:
        """Return the N of 6ND of each row (or one for all), None when no N is known."""
        given = [name for name in _PARAMS_OF_COMPUTE if name in columns]
        if not given:
            return None
        default = columns[given[0]]
        convention = columns.get("flops_convention")
        if convention is None or isinstance(convention, str):
            return columns.get(_PARAMS_OF_CONVENTION.get(convention, ""), default)
        params = np.broadcast_to(np.asarray(default, dtype=np.float64), (rows,)).copy()
        for meaning, name in _PARAMS_OF_CONVENTION.items():
            if name in columns:
                chosen = ~_is_not(convention, meaning, rows)
                params[chosen] = np.broadcast_to(columns[name], (rows,))[chosen]
        return params

    def _check_flops(self, columns: Mapping[str, Any], tolerance: float, rows: int) -> None:
        expected = np.broadcast_to(columns["flops_6nd"], (rows,))
        published = np.broadcast_to(columns["flops"], (rows,))
        with np.errstate(invalid="ignore", divide="ignore"):
            difference = published / expected - 1.0
        off = np.abs(difference)
        bad = off > tolerance
        if not bad.any():
            return
        worst = int(np.nanargmax(np.where(np.isfinite(off), off, np.nan)))
        self.problems.add(
            bad,
            lambda row: (
                f"{published[row]:.6g} FLOP differ from 6ND = {expected[row]:.6g} by "
                f"{100 * difference[row]:+.3g} %, more than the {100 * tolerance:g} % allowed"
            ),
            column=self._columns.get("flops", {}).get("from", "flops"),
            fix="correct the row, the units or `flops_convention`, or set `flops_tolerance` to "
            "what the study's own accounting needs",
            first_row=self._row,
            show=worst,
        )

    def _identify(self, columns: dict[str, Any], raw: pa.Table, rows: int) -> None:
        if "run_id" not in columns:
            numbers = pa.array(np.arange(self._row, self._row + rows)).cast(pa.string())
            keys = pc.binary_join_element_wise(pa.scalar(self.name), numbers, ":")
            columns["run_id"] = keys.dictionary_encode()
        elif isinstance(columns["run_id"], str):
            columns["run_id"] = cells.constant_text(columns["run_id"], rows)
        group = self.entry.get("group")
        if not group:
            columns["group_id"] = columns["run_id"]
            return
        parts = []
        for name in group:
            parts.append(self._text(_one_chunk(raw.column(name)), name))
            self._note_empty(parts[-1], name)
        columns["group_id"] = parts[0]
        if len(parts) > 1:
            decoded = [part.dictionary_decode() for part in parts]
            columns["group_id"] = pc.binary_join_element_wise(*decoded, "|").dictionary_encode()

    def _measure(
        self, raw: pa.Table, measurement: _Measurement, excused: np.ndarray
    ) -> dict[str, Any]:
        name = measurement.value
        cell = _one_chunk(raw.column(name))
        numbers = self._numbers(cell, name)
        missing = np.isnan(numbers)
        if missing.any() and not measurement.optional:
            self._note_missing(
                missing & ~excused,
                cell,
                name,
                "fill the cell, delete the row, or set `optional: true` on the measurement",
            )
        infinite = np.isinf(numbers)
        if infinite.any():
            self._note(
                infinite & ~excused,
                name,
                lambda row: f"{_show(cell, row)} is not finite",
                "delete the row, or map its `status` to diverged",
            )
            numbers = np.where(infinite, np.nan, numbers)
        unit = measurement.unit
        values = unit.convert(numbers)
        self._check_value_range(numbers, values, cell, measurement)
        result: dict[str, Any] = {
            "value": values,
            "kept": ~missing if measurement.optional and missing.any() else None,
            "unit": unit.canonical,
        }
        self._read_interval(raw, measurement, numbers, result)
        for label in ("metric", "eval_set"):
            column = getattr(measurement, f"{label}_column")
            if column is None:
                result[label] = getattr(measurement, label)
            else:
                result[label] = self._text(_one_chunk(raw.column(column)), column)
                self._note_empty(result[label], column)
        return result

    def _check_value_range(
        self, raw: np.ndarray, values: np.ndarray, cell: pa.Array, measurement: _Measurement
    ) -> None:
        unit = measurement.unit
        fix = "correct the number or delete the row"
        if unit.logarithm:
            self._note(
                raw <= 0.0,
                measurement.value,
                lambda row: f"{_show(cell, row)} is not more than zero",
                fix,
            )
        if self._allow.get("negative_values"):
            bad, rule, key = None, "", ""
        elif self._allow.get("zero_values"):
            bad, rule, key = values < 0.0, "zero or more", "negative_values"
        else:
            bad, rule = values <= 0.0, "more than zero"
            key = "negative_values" if (values < 0.0).any() else "zero_values"
        if bad is not None and bad.any():
            self._note(
                bad,
                measurement.value,
                lambda row: f"{_show(cell, row)} {unit.name} is not {rule}",
                f"{fix}; where such values are right, set `allow: {{{key}: true}}` in the card",
            )
        if unit.canonical == "fraction":
            self._note(
                values > 1.0 + 1e-12,
                measurement.value,
                lambda row: f"{_show(cell, row)} {unit.name} is more than the whole",
                "correct the number or its unit (fraction or percent)",
            )

    def _read_interval(
        self,
        raw: pa.Table,
        measurement: _Measurement,
        numbers: np.ndarray,
        result: dict[str, Any],
    ) -> None:
        unit = measurement.unit
        for part in ("low", "high", "std"):
            name = getattr(measurement, part)
            if name is None:
                continue
            cell = _one_chunk(raw.column(name))
            bound = self._numbers(cell, name)
            sign = "not_negative" if part == "std" else "any"
            self._note(
                ~_sign_kept(bound, sign) & ~np.isnan(bound),
                name,
                lambda row, cell=cell, sign=sign: f"{_show(cell, row)} is not {_wanted(sign)}",
                "correct the number or leave the cell empty",
            )
            if part == "std":
                result["value_std"] = unit.convert_deviation(bound, numbers)
            else:
                result[f"value_{part}"] = unit.convert(bound)
        low, high = result.get("value_low"), result.get("value_high")
        if low is not None and high is not None:
            self._note(
                low > high,
                measurement.low,
                lambda row: (
                    f"the interval's lower end {low[row]:g} is above its upper {high[row]:g}"
                ),
                "swap the two columns in the card, or correct the row",
            )

    def _find_duplicates(
        self, columns: dict[str, Any], measured: list[dict[str, Any]], rows: int
    ) -> None:
        run_id, step = columns["run_id"], columns.get("step")
        steps = None if step is None else np.broadcast_to(np.asarray(step, float), (rows,)).copy()
        occurrence = None
        if self.named_runs and not self.problems.count:
            identity = [run_id] if steps is None else [run_id, steps]
            labels = [
                [part for part in (each["metric"], each["eval_set"]) if not _is_label(part)]
                for each in measured
            ]
            if self._allow.get("duplicate_runs"):
                varying = [part for parts in labels for part in parts]
                occurrence = occurrences(identity + varying)
            else:
                numbers = np.arange(self._row, self._row + rows)
                if any(labels):
                    for each in measured:
                        full = [_as_column(each[name], rows) for name in ("metric", "eval_set")]
                        self._seen.add(identity + full, numbers)
                else:
                    self._seen.add(identity, numbers)
        columns["row_key"] = row_keys(run_id, steps, occurrence)

    def _assemble(
        self, columns: dict[str, Any], measured: list[dict[str, Any]], rows: int
    ) -> pa.Table:
        columns = columns | {
            "study": self.study,
            "table": self.name,
            "provenance": self.entry["provenance"],
            "provenance_group": self.entry.get("provenance_group"),
        }
        many = len(measured)
        order = None
        if many > 1 or measured[0]["kept"] is not None:
            # Row by row, and within a row in the order of the card's measurements.
            order = np.arange(rows * many).reshape(many, rows).T.ravel()
            kept = np.concatenate(
                [np.ones(rows, bool) if m["kept"] is None else m["kept"] for m in measured]
            )
            order = order[kept[order]]
        arrays = []
        for field in RUN_SCHEMA:
            if COLUMNS[field.name].group == "measurement":
                parts = [_as_array(each.get(field.name), field, rows) for each in measured]
                array = parts[0] if many == 1 else _join_parts(parts)
                arrays.append(array if order is None else array.take(pa.array(order)))
            else:
                array = _as_array(columns.get(field.name), field, rows)
                arrays.append(array if order is None else array.take(pa.array(order % rows)))
        return pa.Table.from_arrays(arrays, schema=RUN_SCHEMA)


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _join_parts(parts: list[pa.Array]) -> pa.Array:
    whole = pa.chunked_array(parts)
    return whole.unify_dictionaries().combine_chunks()


def _is_label(part: Any) -> bool:
    return part is None or isinstance(part, str)


def _as_column(part: Any, rows: int) -> pa.DictionaryArray:
    return cells.constant_text(part or "", rows) if _is_label(part) else part


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
    numbers = np.broadcast_to(np.asarray(value, dtype=np.float64), (rows,))
    return pa.array(numbers, from_pandas=True)


def _is_not(text: Any, word: str, rows: int) -> np.ndarray:
    """Return where a text column (or constant) is not the word, boolean, shape (rows,)."""
    if isinstance(text, str):
        return np.full(rows, text != word)
    different = pc.fill_null(pc.not_equal(text.dictionary, word).take(text.indices), True)
    return different.to_numpy(zero_copy_only=False)


def _sign_kept(numbers: np.ndarray, sign: str) -> np.ndarray:
    if sign == "positive":
        return (numbers > 0.0) & (numbers < np.inf)
    if sign == "not_negative":
        return (numbers >= 0.0) & (numbers < np.inf)
    return np.isfinite(numbers)


def _wanted(sign: str) -> str:
    return f"{_SIGN_RULES[sign]} and finite" if sign in _SIGN_RULES else "finite"


def _show(cell: pa.Array, row: int) -> str:
    """Return a raw cell for an error: short, on one line."""
    value = cell[row].as_py()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _suggest(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    shown = ", ".join(names) if len(names) <= 60 else ", ".join(names[:60]) + ", ..."
    return f"{hint}Use one of: {shown}"
