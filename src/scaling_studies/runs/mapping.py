"""What a card says about one table, checked before any row is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaling_studies.errors import CardError, TableError
from scaling_studies.runs import units
from scaling_studies.runs.columns import COLUMNS, Column
from scaling_studies.runs.problems import and_more
from scaling_studies.words import suggest

#: N of 6ND where the compute convention does not say which: what takes part in the computation.
PARAMS_OF_COMPUTE = ("params_active", "params_total", "params_non_embedding")

_DERIVED = {
    "tokens_from_6nd": ("tokens", ("flops", "params")),
    "flops_from_6nd": ("flops", ("tokens", "params")),
    "epochs_from_unique": ("epochs", ("tokens", "unique_tokens")),
}
# Columns that `row_key` is made of.
_KEYS = ("run_id", "step")
_CONSTANT_TYPES = {"text": str, "number": (int, float), "flag": bool}


@dataclass(frozen=True)
class ColumnMapping:
    """A raw column that gives a column of the run table.

    Attributes
    ----------
    target
        Column of the run table.
    raw
        Names of the raw columns: one, or several whose texts are joined by bars.
    unit
        Its unit; None for text and flags.
    replacements
        Raw texts to replace, by raw text.
    optional
        Whether cells may be empty where the contract wants them filled.
    """

    target: Column
    raw: tuple[str, ...]
    unit: units.Unit | None
    replacements: Mapping[str, Any]
    optional: bool


@dataclass(frozen=True)
class Measurement:
    """A measurement of the card.

    Attributes
    ----------
    metric, eval_set
        Fixed labels; None when they are read from `metric_column`, `eval_set_column`.
    unit, unit_column
        Unit of the raw value, or the column that names the unit of each row.
    value, low, high, std, log_std, relative_error
        Raw columns of the value, its interval, its standard deviation, that of its natural
        logarithm, and its relative error.
    optional
        Whether the value's cell may be empty.
    """

    metric: str | None
    metric_column: str | None
    eval_set: str | None
    eval_set_column: str | None
    unit: units.Unit | None
    unit_column: str | None
    value: str
    low: str | None
    high: str | None
    std: str | None
    log_std: str | None
    relative_error: str | None
    optional: bool

    def number_columns(self) -> list[str]:
        """Return the raw columns that are read as numbers."""
        names = (self.value, self.low, self.high, self.std, self.log_std, self.relative_error)
        return [name for name in names if name is not None]

    def text_columns(self) -> list[str]:
        """Return the raw columns that are read as text."""
        names = (self.metric_column, self.eval_set_column, self.unit_column)
        return [name for name in names if name is not None]


@dataclass(frozen=True)
class Join:
    """A file whose columns are added to the table, matched on key columns."""

    file: str
    sha256: str | None
    on: tuple[str, ...]


class TableMapping:
    """A table's entry in the card, looked up and checked.

    Parameters
    ----------
    card
        The validated study card.
    name
        The card's table.

    Raises
    ------
    CardError
        When the entry maps a column that the run table does not have, or a rule lacks its inputs.
    TableError
        When a quantity does not have the unit of a column.
    """

    def __init__(self, card: Mapping[str, Any], name: str) -> None:
        self.study: str = card["study"]
        self.name = name
        entry = card["tables"][name]
        self.file: str = entry["file"]
        self.sha256: str | None = entry.get("sha256")
        self.joins = [
            Join(join["file"], join.get("sha256"), tuple(join["on"]))
            for join in entry.get("join", ())
        ]
        self.provenance: str = entry["provenance"]
        self.provenance_group: str | None = entry.get("provenance_group")
        self.constants: dict[str, Any] = entry.get("constants", {})
        self.group: tuple[str, ...] = tuple(entry.get("group", ()))
        self.averages: Sequence[Mapping[str, Any]] = entry.get("averages", ())
        self.flops_tolerance: float | None = entry.get("flops_tolerance")
        allow = entry.get("allow", {})
        self.negative_values: bool = allow.get("negative_values", False)
        self.zero_values: bool = allow.get("zero_values", False)
        self.duplicate_runs: bool = allow.get("duplicate_runs", False)
        self._targets = set(entry["columns"]) | set(self.constants)
        self._check_targets(entry)
        for target, value in self.constants.items():
            self._check_constant(COLUMNS[target], value)
        self.columns = [
            self._column(COLUMNS[target], item)
            for target, item in entry["columns"].items()
            if "from" in item
        ]
        self.derived: set[str] = {
            self._derivation(target, item["derive"])
            for target, item in entry["columns"].items()
            if "derive" in item
        }
        self._check_sample_unit(entry)
        self.measurements = [self._measurement(item) for item in entry["measurements"]]
        self._check_labels()

    @property
    def place(self) -> dict[str, str]:
        """Study and table, for errors."""
        return {"study": self.study, "table": self.name}

    @property
    def names_runs(self) -> bool:
        """Whether the card says which run a row belongs to."""
        return "run_id" in self._targets

    @property
    def needs_whole_table(self) -> bool:
        """Whether the table cannot be normalised part by part."""
        return bool(self.averages) or (self.duplicate_runs and self.names_runs)

    def raw_column(self, target: str) -> str:
        """Return the raw column that gives a column of the run table, for errors."""
        return next((each.raw[0] for each in self.columns if each.target.name == target), target)

    def raw_columns(self) -> list[str]:
        """Return the raw columns that are read, in the card's order, without the keys of joins."""
        names = [name for column in self.columns for name in column.raw]
        for each in self.measurements:
            names += [*each.number_columns(), *each.text_columns()]
        return list(dict.fromkeys([*names, *self.group]))

    def keys_and_columns(self) -> list[str]:
        """Return `raw_columns` and the keys of joins."""
        keys = [key for join in self.joins for key in join.on]
        return list(dict.fromkeys([*keys, *self.raw_columns()]))

    def require(self, names: Sequence[str], present: Sequence[str], reader: str) -> None:
        """Raise a TableError when raw columns are missing, with the nearest name there is."""
        missing = [name for name in names if name not in present]
        if missing:
            raise TableError(
                f"{self.file} has no such column, but {reader} reads it"
                + and_more(len(missing) - 1),
                column=missing[0],
                fix=suggest_all(missing[0], present),
                **self.place,
            )

    def _card_error(self, problem: str, key: str, fix: str) -> CardError:
        return CardError(problem, study=self.study, key=f"tables.{self.name}.{key}", fix=fix)

    def _check_targets(self, entry: Mapping[str, Any]) -> None:
        settable = [name for name, column in COLUMNS.items() if column.settable]
        for kind in ("columns", "constants"):
            for target in entry.get(kind, {}):
                if target not in COLUMNS:
                    raise self._card_error(
                        f"{target!r} is not a column of the run table",
                        f"{kind}.{target}",
                        suggest_all(target, settable),
                    )
                if target not in settable:
                    raise self._card_error(
                        f"the column {target} is filled by the project",
                        f"{kind}.{target}",
                        "delete this entry",
                    )
        for target in self.constants:
            if target in entry["columns"]:
                raise self._card_error(
                    f"{target} is both a column and a constant",
                    f"constants.{target}",
                    "delete one of them",
                )

    def _check_constant(self, column: Column, value: Any) -> None:
        key = f"constants.{column.name}"
        is_flag = isinstance(value, bool)
        if not isinstance(value, _CONSTANT_TYPES[column.kind]) or (
            column.kind == "number" and is_flag
        ):
            how = {
                "text": "write it in quotes",
                "flag": "write true or false",
                "number": "write a number; YAML wants a point and a sign in 1.0e+9",
            }
            raise self._card_error(f"{value!r} is not a {column.kind}", key, how[column.kind])
        if column.kind == "text" and not value.strip():
            raise self._card_error("the text is empty", key, "write the text or delete the entry")
        if column.values and value not in column.values:
            allowed = ", ".join(column.values)
            raise self._card_error(
                f"{value!r} is not a value of {column.name}", key, f"write one of: {allowed}"
            )
        if column.kind == "number" and not column.allows(float(value)):
            raise self._card_error(f"{value!r} is not {column.wanted}", key, "correct the constant")

    def _column(self, target: Column, item: Mapping[str, Any]) -> ColumnMapping:
        raw = (item["from"],) if isinstance(item["from"], str) else tuple(item["from"])
        key = f"columns.{target.name}"
        unit = None
        if target.kind == "number":
            unit = units.unit(target.quantity, item.get("unit"), column=raw[0], **self.place)
        elif "unit" in item:
            raise self._card_error(
                f"{target.name} is not a number", f"{key}.unit", "delete the unit"
            )
        if len(raw) > 1 and target.kind != "text":
            raise self._card_error(
                f"{target.name} is not text", f"{key}.from", "take it from one column"
            )
        optional = item.get("optional", False)
        if optional and target.name in _KEYS:
            raise self._card_error(
                f"{target.name} names the rows and cannot be empty",
                f"{key}.optional",
                "delete this entry",
            )
        return ColumnMapping(target, raw, unit, item.get("values", {}), optional)

    def _derivation(self, target: str, rule: str) -> str:
        makes, needs = _DERIVED[rule]
        key = f"columns.{target}.derive"
        if target != makes:
            raise self._card_error(
                f"{rule} gives {makes}, not {target}", key, f"derive {makes} by it"
            )
        for need in needs:
            options = PARAMS_OF_COMPUTE if need == "params" else (need,)
            if self._targets.isdisjoint(options):
                raise self._card_error(
                    f"{rule} needs {' or '.join(options)}",
                    key,
                    f"map {options[0]} to a column of the table",
                )
        return rule

    def _check_sample_unit(self, entry: Mapping[str, Any]) -> None:
        unit = entry["columns"].get("samples", {}).get("unit")
        if unit is None or "sample_unit" not in self._targets:
            return
        canonical = units.unit("samples", unit).canonical
        if canonical not in ("samples", self.constants.get("sample_unit")):
            raise self._card_error(
                f"samples are in {unit}, but sample_unit says otherwise",
                "columns.samples.unit",
                "delete sample_unit, or the unit",
            )

    def _measurement(self, item: Mapping[str, Any]) -> Measurement:
        labels: dict[str, str | None] = {}
        for label in ("metric", "eval_set", "unit"):
            given = item.get(label)
            from_column = isinstance(given, Mapping)
            labels[label] = None if from_column else given
            labels[f"{label}_column"] = given["column"] if from_column else None
        unit = labels.pop("unit")
        if unit is not None:
            unit = units.unit("value", unit, column=item["from"], **self.place)
        names = ("low", "high", "std", "log_std", "relative_error")
        optional = {name: item.get(name) for name in names}
        twice = {
            "low": ("relative_error", "interval"),
            "high": ("relative_error", "interval"),
            "std": ("log_std", "standard deviation"),
        }
        for name, (other, meaning) in twice.items():
            if optional[name] and optional[other]:
                raise self._card_error(
                    f"{name} and {other} both give the {meaning}",
                    "measurements",
                    "delete one of them",
                )
        return Measurement(
            **labels,
            **optional,
            unit=unit,
            value=item["from"],
            optional=item.get("optional", False),
        )

    def _check_labels(self) -> None:
        fixed = [
            (each.metric, each.eval_set)
            for each in self.measurements
            if each.metric_column is None and each.eval_set_column is None
        ]
        for index, (metric, eval_set) in enumerate(fixed):
            if (metric, eval_set) in fixed[:index]:
                on = "" if eval_set is None else f" on {eval_set!r}"
                raise self._card_error(
                    f"two measurements are called {metric!r}{on}",
                    "measurements",
                    "give them different evaluation sets",
                )


def suggest_all(name: str, names: Sequence[str]) -> str:
    """Return a fix that names the nearest of the names there are, and all of them."""
    shown = ", ".join(names[:60]) + (", ..." if len(names) > 60 else "")
    return f"{suggest(name, names, '')} There are: {shown}".lstrip()
