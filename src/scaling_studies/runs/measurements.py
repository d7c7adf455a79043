"""Reads one measurement of the card from a piece of a raw table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from scaling_studies.cards.models.table import FromColumn, Measurement
from scaling_studies.runs import cells
from scaling_studies.runs.columns import COLUMNS, Column, Sign
from scaling_studies.runs.mapping import ERRORS, TableMapping
from scaling_studies.runs.raw_rows import RawRows
from scaling_studies.runs.units import UNITS, Unit

_UNIT = replace(COLUMNS["unit"], choices=tuple(UNITS["value"]))
_CORRECT_VALUE = (
    "correct the number or its unit, delete the row, or map `status` where the run diverged; where "
    "such values are right, set `allow: {negative_values: true}` (or zero_values) in the card"
)
_CORRECT_ERROR = "correct the number or leave the cell empty"


def measure(
    rows: RawRows, measurement: Measurement, mapping: TableMapping, excused: pd.Series
) -> pd.DataFrame:
    """Return what one measurement gives; its cells are checked by `RawRows.check`.

    Parameters
    ----------
    rows
        The piece of the raw table.
    measurement, mapping
        The measurement, and the table's entry in the card.
    excused
        Rows whose value may be empty or infinite (runs that diverged, for example).

    Returns
    -------
    pandas.DataFrame
        One row for each raw row: the run table's columns metric, eval_set, unit, value and what
        the card gives of value_low, value_high and value_std; and ``kept``, whether the row has a
        place in the run table.
    """
    required = ~excused & (not measurement.optional)
    raw = rows.numbers(measurement.from_, required)
    errors = _errors(rows, measurement)
    parts = []
    for unit, chosen in _units(rows, measurement):
        value = unit.convert(raw[chosen])
        value = value.mask(excused[chosen] & np.isinf(value))
        for filled in (True, False):
            rule = replace(_value_rule(unit, mapping), filled=filled)
            part = value[required[chosen] == filled]
            rows.require(part, rule, measurement.from_, fix=_CORRECT_VALUE)
        in_unit = {name: numbers[chosen] for name, numbers in errors.items()}
        columns = {"value": value} | _interval(unit, raw[chosen], value, in_unit)
        parts.append(pd.DataFrame(columns).assign(unit=cells.constant(unit.canonical, value.index)))
    found = parts[0] if len(parts) == 1 else pd.concat(parts)
    found = found.reindex(rows.index).assign(
        metric=_label(rows, measurement.metric),
        eval_set=_label(rows, measurement.eval_set),
        kept=raw.notna() | (not measurement.optional),
    )
    _check_order(rows, measurement, found)
    return found


def _units(rows: RawRows, measurement: Measurement) -> list[tuple[Unit, Any]]:
    """Return the units of the value, each with the rows that have it."""
    if not isinstance(measurement.unit, FromColumn):
        return [(UNITS["value"][measurement.unit], slice(None))]
    text = rows.labels([measurement.unit.column], _UNIT)
    known = [name for name in text.dropna().unique() if name in UNITS["value"]]
    # Where no unit is known the rows are refused, whatever is made of them.
    known = known or ["as_printed"]
    return [(UNITS["value"][name], text.eq(name).fillna(False).astype(bool)) for name in known]


def _label(rows: RawRows, label: str | FromColumn | None) -> pd.Series:
    if isinstance(label, FromColumn):
        return rows.labels([label.column])
    return cells.constant(label, rows.index)


def _value_rule(unit: Unit, mapping: TableMapping) -> Column:
    sign: Sign = "positive"
    if mapping.entry.allow.negative_values:
        sign = "any"
    elif mapping.entry.allow.zero_values:
        sign = "not_negative"
    most = 1.0 if unit.canonical == "fraction" else np.inf
    return replace(COLUMNS["value"], sign=sign, most=most, unit=unit.canonical)


def _errors(rows: RawRows, measurement: Measurement) -> dict[str, pd.Series]:
    """Return the columns that say how uncertain the value is, in the units of the raw table."""
    found = {}
    for name in ERRORS:
        column = getattr(measurement, name)
        if column is not None:
            rule = COLUMNS["value_low" if name in ("low", "high") else "value_std"]
            found[name] = rows.numbers(column, pd.Series(False, rows.index))
            rows.require(found[name], rule, column, fix=_CORRECT_ERROR)
    return found


def _interval(
    unit: Unit, raw: pd.Series, value: pd.Series, errors: dict[str, pd.Series]
) -> dict[str, pd.Series]:
    """Return value_low, value_high and value_std as far as `errors` give them."""
    found = {}
    low, high = errors.get("low"), errors.get("high")
    if "relative_error" in errors:
        extent = (raw * errors["relative_error"]).abs()
        low, high = raw - extent, raw + extent
    for name, bound in (("value_low", low), ("value_high", high)):
        if bound is not None:
            # The logarithm of a bound that is not positive is unknown.
            found[name] = unit.convert(bound).replace(-np.inf, np.nan)
    if "std" in errors:
        found["value_std"] = unit.convert_deviation(errors["std"], raw)
    if "log_std" in errors:
        # To first order the standard deviation of x is x times that of ln x.
        found["value_std"] = value.abs() * errors["log_std"]
    return found


def _check_order(rows: RawRows, measurement: Measurement, found: pd.DataFrame) -> None:
    if {"value_low", "value_high"} <= set(found):
        low, high = found["value_low"], found["value_high"]
        rows.note(
            low > high,
            measurement.low or measurement.from_,
            lambda row: f"the interval's lower end {low[row]:g} is above its upper {high[row]:g}",
            "swap the two columns in the card, or correct the row",
        )
