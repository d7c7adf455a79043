"""The one list of the run table's columns: name, unit, rule and meaning of each.

The Arrow schema (`RUN_SCHEMA`), the pandera schema (`contract.schema_of`) and the tables of
``docs/run-table.md`` are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

PROVENANCES = ("measured", "digitised", "interpolated", "printed", "simulated")
FLOPS_CONVENTIONS = (
    "6ND_total",
    "6ND_non_embedding",
    "6ND_active",
    "reported",
    "forward_only",
    "attention",
    "unknown",
)
STATUSES = ("ok", "diverged", "unfinished", "duplicate")

_ARROW_TYPES = {
    "text": pa.dictionary(pa.int32(), pa.string()),
    "key": pa.string(),
    "number": pa.float64(),
    "flag": pa.bool_(),
}
_WANTED = {"positive": "more than zero and ", "not_negative": "zero or more and ", "any": ""}


Sign = Literal["positive", "not_negative", "any"]


@dataclass(frozen=True)
class Column:
    """A column of the run table.

    Attributes
    ----------
    name, description, group
        Name, meaning, and the part of the contract it belongs to.
    kind
        ``text`` (dictionary-encoded), ``key`` (plain text, because nearly every row differs),
        ``number`` (float64) or ``flag`` (boolean).
    unit
        Unit of a number, else None.
    quantity
        Quantity whose units a raw column may have (a key of `units.UNITS`).
    sign
        What a number must be: ``positive``, ``not_negative`` or ``any``; always finite.
    most
        Largest number allowed.
    filled
        True when no cell may be empty where a card maps the column.
    choices
        The only texts allowed; any when empty.
    settable
        True when a card may map the column or give it as a constant; the others are made here.
    """

    name: str
    description: str
    kind: Literal["text", "key", "number", "flag"] = "number"
    unit: str | None = None
    quantity: str = "count"
    sign: Sign = "any"
    most: float = np.inf
    filled: bool = False
    choices: tuple[str, ...] = ()
    settable: bool = True
    group: str = ""

    def allows(self, cells: pd.Series) -> pd.Series:
        """Return where cells keep the column's rule; empty ones do not.

        Examples
        --------
        >>> import pandas as pd
        >>> COLUMNS["tokens"].allows(pd.Series([1e9, 0.0, float("nan")])).tolist()
        [True, False, False]
        """
        if self.choices:
            return cells.isin(self.choices)
        if self.kind != "number":
            return cells.notna()
        above = cells > (0.0 if self.sign == "positive" else -np.inf)
        if self.sign == "not_negative":
            above = cells >= 0.0
        return above & (cells < np.inf) & (cells <= self.most)

    @property
    def wanted(self) -> str:
        """What a cell of the column must be, in words."""
        if self.choices:
            return f"a value of {self.name}"
        most = "finite" if self.most == np.inf else f"at most {self.most:g}"
        unit = "" if self.unit in (None, "1", "unit", "sample_unit") else f" in {self.unit}"
        return f"{_WANTED[self.sign]}{most}{unit}"


def _text(
    name: str,
    description: str,
    *,
    choices: tuple[str, ...] = (),
    filled: bool = False,
    settable: bool = True,
) -> Column:
    return Column(name, description, "text", choices=choices, filled=filled, settable=settable)


def _size(name: str, description: str, unit: str, *, quantity: str | None = None) -> Column:
    """A number of the run itself: positive, and never empty where it is mapped."""
    return Column(
        name, description, unit=unit, quantity=quantity or unit, sign="positive", filled=True
    )


def _extra(name: str, description: str) -> Column:
    return Column(name, description, unit="1", sign="positive")


def _measured(name: str, description: str, sign: Sign = "any") -> Column:
    return Column(name, description, unit="unit", sign=sign, settable=False)


_GROUPS: dict[str, tuple[Column, ...]] = {
    "identity": (
        _text("study", "Study whose card named the table", settable=False),
        _text("table", "Table of the card", settable=False),
        _text(
            "run_id",
            "Training run; `<table>:<row>` where the table does not name its runs",
            filled=True,
        ),
        Column(
            "row_key",
            "Checkpoint: `<run_id>` or `<run_id>@<step>`; all measurements of one checkpoint share "
            "it",
            "key",
            settable=False,
        ),
        _text(
            "group_id",
            "Rows that are not independent share it (checkpoints of one run, one problem, one "
            "budget)",
            settable=False,
        ),
        _text(
            "experiment",
            "Experiment of the study that the row belongs to: a sweep, a series of a figure",
        ),
        _text("provenance", "How the numbers came to be", choices=PROVENANCES, settable=False),
        _text(
            "provenance_group",
            "Shared by tables that hold the same measurements published twice",
            settable=False,
        ),
    ),
    "size": (
        _size("params_total", "Parameters, embeddings included", "params"),
        _size("params_non_embedding", "Parameters without embeddings", "params"),
        _size(
            "params_active",
            "Parameters that take part in the computation for one token",
            "params",
        ),
        _text("params_convention", "What the paper's own N means"),
    ),
    "data": (
        _size("tokens", "Training tokens seen at this row (D)", "tokens"),
        _size("unique_tokens", "Distinct training tokens (U)", "tokens"),
        Column(
            "epochs",
            "Passes over the unique tokens (D/U)",
            unit="epochs",
            quantity="epochs",
            sign="positive",
        ),
        _size(
            "samples",
            "Training data where it is not counted in tokens; its unit is `sample_unit`",
            "sample_unit",
            quantity="samples",
        ),
        _text("sample_unit", "What `samples` counts, for example characters, images, hours"),
    ),
    "compute": (
        _size(
            "flops",
            "Training compute as published or derived by the card (C)",
            "FLOP",
            quantity="flops",
        ),
        _text("flops_convention", "How the compute was counted", choices=FLOPS_CONVENTIONS),
        Column(
            "flops_6nd",
            "6ND with the N of `flops_convention`, else active, total or non-embedding parameters",
            unit="FLOP",
            quantity="flops",
            sign="positive",
            settable=False,
        ),
    ),
    "training": (
        Column(
            "step",
            "Optimiser step of the checkpoint",
            unit="steps",
            quantity="steps",
            sign="not_negative",
            filled=True,
        ),
        Column("is_final", "True for the last checkpoint of a run", "flag"),
        Column(
            "batch_tokens", "Tokens in a batch", unit="tokens", quantity="tokens", sign="positive"
        ),
        Column(
            "learning_rate",
            "Learning rate: the peak of the schedule, or its value at the step in per-step tables",
            unit="1",
            quantity="learning_rate",
            sign="not_negative",
        ),
        _text("schedule", "Learning-rate schedule"),
        Column(
            "warmup_tokens",
            "Tokens in the warm-up",
            unit="tokens",
            quantity="tokens",
            sign="not_negative",
        ),
        Column("seed", "Seed of the run", unit="1"),
        _text("dataset", "Training data set"),
        _text("tokenizer", "Tokenizer"),
        _text("architecture", "Model family or shape"),
    ),
    "extra axes": (
        _extra("experts", "Experts of a routed model"),
        _extra("experts_per_token", "Experts that a token is routed to"),
        _extra("routing_frequency", "Share of the layers that are routed"),
        _extra("parallel_streams", "Parallel streams of a model"),
        _extra("samples_drawn", "Samples drawn from a model for a problem"),
        _extra("width", "Width of the model"),
        _extra("depth", "Layers of the model"),
        Column(
            "context_length", "Context length", unit="tokens", quantity="tokens", sign="positive"
        ),
        _extra("problem_size", "Size of the problem, for example the edge of a board"),
    ),
    "measurement": (
        _text("eval_set", "Evaluation set", settable=False),
        _text("metric", "What was measured", settable=False),
        _text("unit", "Unit of the value", settable=False),
        _measured("value", "Measured value"),
        _measured("value_low", "Lower end of the published interval"),
        _measured("value_high", "Upper end of the published interval"),
        _measured("value_std", "Published standard deviation of the value", "not_negative"),
    ),
    "state": (
        _text("status", "State of the run at this row; `ok` unless a card says", choices=STATUSES),
        _text("note", "Remark on the row"),
    ),
}

#: Columns of the run table by name, in order.
COLUMNS: dict[str, Column] = {
    column.name: replace(column, group=group)
    for group, columns in _GROUPS.items()
    for column in columns
}


def _field(column: Column) -> pa.Field:
    metadata = {"group": column.group, "description": column.description}
    if column.unit is not None:
        metadata["unit"] = column.unit
    return pa.field(column.name, _ARROW_TYPES[column.kind], metadata=metadata)


#: Arrow schema of a run table.
RUN_SCHEMA: pa.Schema = pa.schema(
    [_field(column) for column in COLUMNS.values()],
    metadata={"scaling_studies.contract": "run-table-1"},
)
