"""What a card says about one table, set against the run table before any row is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from scaling_studies.cards.models.table import Column as ColumnEntry
from scaling_studies.cards.models.table import FromColumn, Measurement, TableEntry
from scaling_studies.errors import CardError, TableError
from scaling_studies.runs.columns import COLUMNS, Column
from scaling_studies.runs.problems import and_more
from scaling_studies.runs.units import Unit, unit
from scaling_studies.words import suggest

#: N of 6ND where the compute convention does not say which: what takes part in the computation.
PARAMS_OF_COMPUTE = ("params_active", "params_total", "params_non_embedding")

_DERIVED = {
    "tokens_from_6nd": ("tokens", ("flops", "params")),
    "flops_from_6nd": ("flops", ("tokens", "params")),
    "epochs_from_unique": ("epochs", ("tokens", "unique_tokens")),
}
#: Keys of a measurement that say how uncertain its value is, each the name of a raw column.
ERRORS = ("low", "high", "std", "log_std", "relative_error")
# Columns that `row_key` is made of.
_KEYS = ("run_id", "step")
_TYPES: dict[str, tuple[type, ...]] = {"text": (str,), "number": (int, float), "flag": (bool,)}
_WRITE = {
    "text": "write it in quotes",
    "flag": "write true or false",
    "number": "write a number; YAML wants a point and a sign in 1.0e+9",
}


@dataclass(frozen=True)
class ColumnMapping:
    """A column of the run table and where it comes from.

    Attributes
    ----------
    target
        Column of the run table.
    raw
        Names of the raw columns: one, or several whose texts are joined by bars.
    unit
        Unit of a number; one that changes nothing for text and flags.
    replacements
        Raw texts to replace, by raw text.
    optional
        Whether cells may be empty where the contract wants them filled.
    """

    target: Column
    raw: tuple[str, ...]
    unit: Unit
    replacements: Mapping[str, Any]
    optional: bool


class TableMapping:
    """A table's entry in the card, checked against the columns and units there are.

    Parameters
    ----------
    study, name
        The study, and the name of the table in its card.
    entry
        What the card says about it.

    Raises
    ------
    CardError
        When the entry maps a column that the run table does not have, or a rule lacks its inputs.
    TableError
        When a quantity does not have the unit of a column.
    """

    def __init__(self, study: str, name: str, entry: TableEntry) -> None:
        self.study = study
        self.name = name
        self.entry = entry
        self._targets = {*entry.columns, *entry.constants}
        self._check_targets()
        for target, value in entry.constants.items():
            self._check_constant(COLUMNS[target], value)
        self.columns: list[ColumnMapping] = []
        self.derived: set[str] = set()
        for target, item in entry.columns.items():
            if item.derive is None:
                self.columns.append(self._column(COLUMNS[target], item))
            else:
                self._check_derivation(target, item.derive)
                self.derived.add(item.derive)
        self._check_sample_unit()
        for measurement in entry.measurements:
            self._check_measurement(measurement)
        self._check_labels()

    @property
    def place(self) -> dict[str, Any]:
        """Study and table, for errors."""
        return {"study": self.study, "table": self.name}

    @property
    def names_runs(self) -> bool:
        """Whether the card says which run a row belongs to."""
        return "run_id" in self._targets

    @property
    def names_params(self) -> bool:
        """Whether the card says what the N of 6ND is."""
        return not self._targets.isdisjoint(PARAMS_OF_COMPUTE)

    @property
    def needs_whole_table(self) -> bool:
        """Whether the table cannot be normalised piece by piece."""
        return bool(self.entry.averages) or (self.entry.allow.duplicate_runs and self.names_runs)

    @property
    def labels_vary(self) -> bool:
        """Whether a metric or an evaluation set is read from a column."""
        return any(
            isinstance(label, FromColumn)
            for each in self.entry.measurements
            for label in (each.metric, each.eval_set)
        )

    def raw_column(self, target: str) -> str:
        """Return the raw column that gives a column of the run table, for errors."""
        return next((each.raw[0] for each in self.columns if each.target.name == target), target)

    def raw_columns(self) -> list[str]:
        """Return the raw columns that are read, in the card's order, without the keys of joins."""
        names = [name for column in self.columns for name in column.raw]
        for each in self.entry.measurements:
            names.append(each.from_)
            names += [getattr(each, name) for name in ERRORS if getattr(each, name) is not None]
            labels = (each.metric, each.eval_set, each.unit)
            names += [label.column for label in labels if isinstance(label, FromColumn)]
        return list(dict.fromkeys([*names, *(self.entry.group or ())]))

    def keys_and_columns(self) -> list[str]:
        """Return `raw_columns` and the keys of joins."""
        keys = [key for join in self.entry.join for key in join.on]
        return list(dict.fromkeys([*keys, *self.raw_columns()]))

    def require(self, names: Iterable[str], present: Sequence[str], reader: str) -> None:
        """Raise a TableError when raw columns are missing, with the nearest name there is."""
        missing = [name for name in names if name not in present]
        if missing:
            raise TableError(
                f"{self.entry.file} has no such column, but {reader} reads it"
                + and_more(len(missing) - 1),
                column=missing[0],
                fix=suggest_all(missing[0], present),
                **self.place,
            )

    def card_error(self, problem: str, key: str, fix: str) -> CardError:
        """Return an error that names a key of the table."""
        return CardError(problem, study=self.study, key=f"tables.{self.name}.{key}", fix=fix)

    def _check_targets(self) -> None:
        settable = [name for name, column in COLUMNS.items() if column.settable]
        for kind in ("columns", "constants"):
            for target in getattr(self.entry, kind):
                key = f"{kind}.{target}"
                if target not in COLUMNS:
                    problem = f"{target!r} is not a column of the run table"
                    raise self.card_error(problem, key, suggest_all(target, settable))
                if target not in settable:
                    problem = f"the column {target} is filled by the project"
                    raise self.card_error(problem, key, "delete this entry")
        for target in self.entry.constants:
            if target in self.entry.columns:
                problem = f"{target} is both a column and a constant"
                raise self.card_error(problem, f"constants.{target}", "delete one of them")

    def _check_constant(self, column: Column, value: str | float) -> None:
        key, kind = f"constants.{column.name}", column.kind
        if not isinstance(value, _TYPES[kind]) or (kind == "number" and isinstance(value, bool)):
            raise self.card_error(f"{value!r} is not a {kind}", key, _WRITE[kind])
        if kind == "text" and not str(value).strip():
            raise self.card_error("the text is empty", key, "write the text or delete the entry")
        if column.choices and value not in column.choices:
            fix = f"write one of: {', '.join(column.choices)}"
            raise self.card_error(f"{value!r} is not {column.wanted}", key, fix)
        if kind == "number" and not column.allows(pd.Series([float(value)])).all():
            raise self.card_error(f"{value!r} is not {column.wanted}", key, "correct the constant")

    def _column(self, target: Column, item: ColumnEntry) -> ColumnMapping:
        raw = (item.from_,) if isinstance(item.from_, str) else tuple(item.from_ or ())
        key = f"columns.{target.name}"
        if target.kind != "number" and item.unit is not None:
            problem = f"{target.name} is not a number"
            raise self.card_error(problem, f"{key}.unit", "delete the unit")
        if target.kind != "text" and len(raw) > 1:
            problem = f"{target.name} is not text"
            raise self.card_error(problem, f"{key}.from", "take it from one column")
        if item.optional and target.name in _KEYS:
            problem = f"{target.name} names the rows and cannot be empty"
            raise self.card_error(problem, f"{key}.optional", "delete this entry")
        raw_unit = Unit("", "")
        if target.kind == "number":
            raw_unit = unit(target.quantity, item.unit, column=raw[0], **self.place)
        return ColumnMapping(target, raw, raw_unit, item.values, item.optional)

    def _check_derivation(self, target: str, rule: str) -> None:
        makes, needs = _DERIVED[rule]
        key = f"columns.{target}.derive"
        if target != makes:
            problem = f"{rule} gives {makes}, not {target}"
            raise self.card_error(problem, key, f"derive {makes} by it")
        for need in needs:
            options = PARAMS_OF_COMPUTE if need == "params" else (need,)
            if self._targets.isdisjoint(options):
                problem = f"{rule} needs {' or '.join(options)}"
                raise self.card_error(problem, key, f"map {options[0]} to a column of the table")

    def _check_sample_unit(self) -> None:
        if "samples" not in self.entry.columns or "sample_unit" not in self._targets:
            return
        name = self.entry.columns["samples"].unit
        allowed = ("samples", self.entry.constants.get("sample_unit"))
        if name is not None and unit("samples", name).canonical not in allowed:
            raise self.card_error(
                f"samples are in {name}, but sample_unit says otherwise",
                "columns.samples.unit",
                "delete sample_unit, or the unit",
            )

    def _check_measurement(self, measurement: Measurement) -> None:
        if isinstance(measurement.unit, str):
            unit("value", measurement.unit, column=measurement.from_, **self.place)
        twice = {
            ("low", "relative_error"): "interval",
            ("high", "relative_error"): "interval",
            ("std", "log_std"): "standard deviation",
        }
        for (one, other), meaning in twice.items():
            if getattr(measurement, one) and getattr(measurement, other):
                problem = f"{one} and {other} both give the {meaning}"
                raise self.card_error(problem, "measurements", "delete one of them")

    def _check_labels(self) -> None:
        seen = set()
        for each in self.entry.measurements:
            if isinstance(each.metric, FromColumn) or isinstance(each.eval_set, FromColumn):
                continue
            if (each.metric, each.eval_set) in seen:
                on = "" if each.eval_set is None else f" on {each.eval_set!r}"
                problem = f"two measurements are called {each.metric!r}{on}"
                fix = "give them different evaluation sets"
                raise self.card_error(problem, "measurements", fix)
            seen.add((each.metric, each.eval_set))


def suggest_all(name: str, names: Sequence[str]) -> str:
    """Return a fix that names the nearest of the names there are, and all of them."""
    shown = ", ".join(names[:60]) + (", ..." if len(names) > 60 else "")
    return f"{suggest(name, names, '')} There are: {shown}".lstrip()
