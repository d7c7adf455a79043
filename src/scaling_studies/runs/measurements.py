"""Reads one measurement of the card from one part of a raw table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scaling_studies.runs.cell_reader import CellReader
from scaling_studies.runs.mapping import Measurement, TableMapping
from scaling_studies.runs.units import UNITS, Unit


@dataclass
class Measured:
    """The measurement columns of one measurement.

    Attributes
    ----------
    metric, eval_set
        A fixed label, a text column, or None.
    unit
        Unit of the run table, for all rows or for each.
    numbers
        ``value`` and, where the card gives them, ``value_low``, ``value_high``, ``value_std``;
        float64, shape (rows,).
    kept
        Rows that have a value, boolean, shape (rows,); None when all have.
    """

    metric: pa.DictionaryArray | str | None
    eval_set: pa.DictionaryArray | str | None
    unit: pa.DictionaryArray | str
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    kept: np.ndarray | None = None

    @property
    def labels_vary(self) -> bool:
        """Whether metric or evaluation set is read from a column."""
        return any(isinstance(label, pa.Array) for label in (self.metric, self.eval_set))

    def column(self, name: str) -> np.ndarray | pa.DictionaryArray | str | None:
        """Return a measurement column of the run table."""
        if name in ("metric", "eval_set", "unit"):
            return getattr(self, name)
        return self.numbers.get(name)


class RowUnits:
    """Units of the rows of one part: the same for all, or a unit for each.

    Parameters
    ----------
    units
        The units there are.
    codes
        Place of each row's unit among them, shape (rows,); None when all rows have the first.
    """

    def __init__(self, units: list[Unit], codes: np.ndarray | None = None) -> None:
        self._units = units
        self._codes = codes

    @property
    def canonical(self) -> pa.DictionaryArray | str:
        """Unit of the run table, for all rows or for each."""
        names = [unit.canonical for unit in self._units]
        if self._codes is None:
            return names[0]
        words = pa.array(names, pa.string()).dictionary_encode()
        codes = words.indices.take(pa.array(self._codes))
        return pa.DictionaryArray.from_arrays(codes, words.dictionary)

    def rows_by_unit(self) -> Iterator[tuple[Unit, np.ndarray | bool]]:
        """Yield each unit with the rows that have it (True for all)."""
        for code, unit in enumerate(self._units):
            yield unit, True if self._codes is None else self._codes == code

    def convert(self, numbers: np.ndarray) -> np.ndarray:
        """Return numbers in the units of the run table."""
        result = numbers
        for unit, rows in self.rows_by_unit():
            result = np.where(rows, unit.convert(numbers), result)
        return result

    def convert_deviation(self, deviations: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Return standard deviations of the numbers in the units of the run table."""
        result = deviations
        for unit, rows in self.rows_by_unit():
            result = np.where(rows, unit.convert_deviation(deviations, numbers), result)
        return result


def measure(
    reader: CellReader, measurement: Measurement, mapping: TableMapping, excused: np.ndarray
) -> Measured:
    """Return the measurement's columns; notes cells that break the contract.

    Parameters
    ----------
    reader
        The part of the raw table.
    measurement, mapping
        The measurement, and the table's entry in the card.
    excused
        Rows whose value may be empty or infinite (runs that diverged, for example), boolean.
    """
    name = measurement.value
    missing_fix = (
        None
        if measurement.optional
        else "fill the cell, delete the row, or set `optional: true` on the measurement"
    )
    raw = reader.numbers(name, missing_fix, excused)
    missing = np.isnan(raw)
    units = _row_units(reader, measurement)
    values = units.convert(raw)
    infinite = np.isinf(values)
    if infinite.any():
        fix = "delete the row, or map `status` so that it says diverged"
        reader.note_numbers(infinite & ~excused, name, "finite", fix)
        values = np.where(infinite, np.nan, values)
    for unit, rows in units.rows_by_unit():
        _check_range(reader, name, mapping, unit, rows, raw, values)
    result = Measured(
        metric=_label(reader, measurement.metric, measurement.metric_column),
        eval_set=_label(reader, measurement.eval_set, measurement.eval_set_column),
        unit=units.canonical,
        kept=~missing if measurement.optional and missing.any() else None,
    )
    result.numbers["value"] = values
    _read_interval(reader, measurement, units, raw, result)
    return result


def _row_units(reader: CellReader, measurement: Measurement) -> RowUnits:
    if measurement.unit is not None:
        return RowUnits([measurement.unit])
    name = measurement.unit_column
    text = reader.label(name)
    known = UNITS["value"]
    words = [*text.dictionary.to_pylist(), "as_printed"]
    codes = pc.fill_null(text.indices, pa.scalar(len(words) - 1, pa.int32())).to_numpy()
    unknown = np.array([word not in known for word in words])[codes]
    reader.note(
        unknown,
        name,
        lambda row: f"{words[codes[row]]!r} is not a unit of a measured value",
        f"write one of: {', '.join(known)}",
    )
    return RowUnits([known.get(word, known["as_printed"]) for word in words], codes)


def _label(
    reader: CellReader, fixed: str | None, column: str | None
) -> pa.DictionaryArray | str | None:
    return fixed if column is None else reader.label(column)


def _check_range(
    reader: CellReader,
    name: str,
    mapping: TableMapping,
    unit: Unit,
    rows: np.ndarray | bool,
    raw: np.ndarray,
    values: np.ndarray,
) -> None:
    correct = "correct the number or delete the row"
    if unit.logarithm:
        reader.note_numbers((raw <= 0.0) & rows, name, "more than zero", correct)
    if not mapping.negative_values:
        low = (values < 0.0) & rows
        negative = low.any()
        if not mapping.zero_values:
            low = (values <= 0.0) & rows
        rule = "zero or more" if mapping.zero_values else "more than zero"
        key = "negative_values" if negative else "zero_values"
        where_right = f"where such values are right, set `allow: {{{key}: true}}` in the card"
        reader.note_numbers(low, name, f"{rule} in {unit.canonical}", f"{correct}; {where_right}")
    if unit.canonical == "fraction":
        fix = "correct the number or its unit (fraction or percent)"
        high = (values > 1.0) & rows
        reader.note_numbers(high, name, f"at most the whole, as a {unit.name}", fix)


def _read_interval(
    reader: CellReader,
    measurement: Measurement,
    units: RowUnits,
    raw: np.ndarray,
    result: Measured,
) -> None:
    fix = "correct the number or leave the cell empty"
    for part in ("low", "high"):
        name = getattr(measurement, part)
        if name is not None:
            bound = reader.numbers(name)
            reader.note_numbers(np.isinf(bound), name, "finite", fix)
            result.numbers[f"value_{part}"] = units.convert(bound)
    if measurement.std is not None:
        deviation = _error_column(reader, measurement.std, fix)
        result.numbers["value_std"] = units.convert_deviation(deviation, raw)
    if measurement.log_std is not None:
        deviation = _error_column(reader, measurement.log_std, fix)
        # To first order the standard deviation of x is x times that of ln x.
        result.numbers["value_std"] = np.abs(result.numbers["value"]) * deviation
    if measurement.relative_error is not None:
        error = _error_column(reader, measurement.relative_error, fix)
        extent = np.abs(raw * error)
        result.numbers["value_low"] = units.convert(raw - extent)
        result.numbers["value_high"] = units.convert(raw + extent)
    low, high = result.numbers.get("value_low"), result.numbers.get("value_high")
    if low is not None and high is not None:
        reader.note(
            low > high,
            measurement.low or measurement.value,
            lambda row: f"the interval's lower end {low[row]:g} is above its upper {high[row]:g}",
            "swap the two columns in the card, or correct the row",
        )


def _error_column(reader: CellReader, name: str, fix: str) -> np.ndarray:
    error = reader.numbers(name)
    reader.note_numbers((error < 0.0) | np.isinf(error), name, "zero or more and finite", fix)
    return error
