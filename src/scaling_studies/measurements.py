"""Reads one measurement of the card from one part of a raw table."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from scaling_studies.cell_reader import CellReader
from scaling_studies.table_mapping import Measurement, TableMapping


@dataclass
class Measured:
    """The measurement columns of one measurement.

    Attributes
    ----------
    metric, eval_set
        A fixed label, a text column, or None.
    unit
        Unit of the run table.
    numbers
        ``value`` and, where the card gives them, ``value_low``, ``value_high``, ``value_std``;
        float64, shape (rows,).
    kept
        Rows that have a value, boolean, shape (rows,); None when all have.
    """

    metric: pa.DictionaryArray | str | None
    eval_set: pa.DictionaryArray | str | None
    unit: str
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    kept: np.ndarray | None = None

    @property
    def labels_vary(self) -> bool:
        """Whether a label is read from a column."""
        return any(isinstance(label, pa.Array) for label in (self.metric, self.eval_set))

    def column(self, name: str) -> np.ndarray | pa.DictionaryArray | str | None:
        """Return a measurement column of the run table."""
        if name in ("metric", "eval_set", "unit"):
            return getattr(self, name)
        return self.numbers.get(name)


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
    name, unit = measurement.value, measurement.unit
    missing_fix = (
        None
        if measurement.optional
        else "fill the cell, delete the row, or set `optional: true` on the measurement"
    )
    raw = reader.numbers(name, missing_fix, excused)
    missing = np.isnan(raw)
    values = unit.convert(raw)
    infinite = np.isinf(values)
    if infinite.any():
        fix = "delete the row, or map `status` so that it says diverged"
        reader.note_numbers(infinite & ~excused, name, "finite", fix)
        values = np.where(infinite, np.nan, values)
    _check_range(reader, measurement, mapping, raw, values)
    result = Measured(
        metric=_label(reader, measurement.metric, measurement.metric_column),
        eval_set=_label(reader, measurement.eval_set, measurement.eval_set_column),
        unit=unit.canonical,
        kept=~missing if measurement.optional and missing.any() else None,
    )
    result.numbers["value"] = values
    _read_interval(reader, measurement, raw, result)
    return result


def _label(
    reader: CellReader, fixed: str | None, column: str | None
) -> pa.DictionaryArray | str | None:
    return fixed if column is None else reader.label(column)


def _check_range(
    reader: CellReader,
    measurement: Measurement,
    mapping: TableMapping,
    raw: np.ndarray,
    values: np.ndarray,
) -> None:
    name, unit = measurement.value, measurement.unit
    correct = "correct the number or delete the row"
    if unit.logarithm:
        reader.note_numbers(raw <= 0.0, name, "more than zero", correct)
    if not mapping.negative_values:
        low = values < 0.0
        negative = low.any()
        if not mapping.zero_values:
            low = values <= 0.0
        rule = "zero or more" if mapping.zero_values else "more than zero"
        key = "negative_values" if negative else "zero_values"
        where_right = f"where such values are right, set `allow: {{{key}: true}}` in the card"
        reader.note_numbers(low, name, f"{rule} in {unit.canonical}", f"{correct}; {where_right}")
    if unit.canonical == "fraction":
        fix = "correct the number or its unit (fraction or percent)"
        reader.note_numbers(values > 1.0, name, f"at most the whole, as a {unit.name}", fix)


def _read_interval(
    reader: CellReader, measurement: Measurement, raw: np.ndarray, result: Measured
) -> None:
    unit = measurement.unit
    fix = "correct the number or leave the cell empty"
    for part in ("low", "high"):
        name = getattr(measurement, part)
        if name is not None:
            bound = reader.numbers(name)
            reader.note_numbers(np.isinf(bound), name, "finite", fix)
            result.numbers[f"value_{part}"] = unit.convert(bound)
    if measurement.std is not None:
        deviation = reader.numbers(measurement.std)
        bad = (deviation < 0.0) | np.isinf(deviation)
        reader.note_numbers(bad, measurement.std, "zero or more and finite", fix)
        result.numbers["value_std"] = unit.convert_deviation(deviation, raw)
    low, high = result.numbers.get("value_low"), result.numbers.get("value_high")
    if low is not None and high is not None:
        reader.note(
            low > high,
            measurement.low,
            lambda row: (
                f"the interval's lower end {low[row]:g} is above its upper end {high[row]:g}"
            ),
            "swap the two columns in the card, or correct the row",
        )
