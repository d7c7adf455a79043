"""Columns of the run table, with their meaning, unit and rule, and the Arrow schema they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

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

_TEXT = pa.dictionary(pa.int32(), pa.string())
_ARROW_TYPES = {
    "text": _TEXT,
    "key": pa.string(),
    "number": pa.float64(),
    "flag": pa.bool_(),
}


@dataclass(frozen=True)
class Column:
    """A column of the run table.

    Attributes
    ----------
    name, group, description
        Name, the part of the contract it belongs to, and its meaning.
    kind
        ``text`` (dictionary-encoded), ``key`` (plain text, because nearly every row differs),
        ``number`` (float64) or ``flag`` (boolean).
    unit
        Unit of a number, else None.
    quantity
        Quantity whose units a raw column may have (a key of `units.UNITS`).
    sign
        What a number must be: ``positive``, ``not_negative`` or ``any``.
    filled
        True when no cell may be empty where a card maps the column.
    values
        The only values a text may have; any when empty.
    settable
        True when a card may map the column or give it as a constant; the others are made here.
    """

    name: str
    group: str
    description: str
    kind: Literal["text", "key", "number", "flag"] = "number"
    unit: str | None = None
    quantity: str = "count"
    sign: Literal["positive", "not_negative", "any"] = "any"
    filled: bool = False
    values: tuple[str, ...] = ()
    settable: bool = True

    def allows(self, numbers: ArrayLike) -> np.ndarray:
        """Return where numbers are finite and of the column's sign, of the same shape."""
        numbers = np.asarray(numbers)
        if self.sign == "positive":
            return (numbers > 0.0) & (numbers < np.inf)
        if self.sign == "not_negative":
            return (numbers >= 0.0) & (numbers < np.inf)
        return np.isfinite(numbers)

    @property
    def wanted(self) -> str:
        """What a number of the column must be, in words."""
        rules = {"positive": "more than zero and finite", "not_negative": "zero or more and finite"}
        return rules.get(self.sign, "finite")


def _text(
    name: str,
    group: str,
    description: str,
    *,
    values: tuple[str, ...] = (),
    filled: bool = False,
    settable: bool = True,
) -> Column:
    return Column(name, group, description, "text", values=values, filled=filled, settable=settable)


_COLUMNS = (
    _text("study", "identity", "Study whose card named the table", settable=False),
    _text("table", "identity", "Table of the card", settable=False),
    _text(
        "run_id",
        "identity",
        "Training run; `<table>:<row>` where the table does not name its runs",
        filled=True,
    ),
    Column(
        "row_key",
        "identity",
        "Checkpoint: `<run_id>` or `<run_id>@<step>`; all measurements of one checkpoint share it",
        "key",
        settable=False,
    ),
    _text(
        "group_id",
        "identity",
        "Rows that are not independent share it (checkpoints of one run, one problem, one budget)",
        settable=False,
    ),
    _text(
        "experiment",
        "identity",
        "Experiment of the study that the row belongs to: a sweep, a series of a figure",
    ),
    _text(
        "provenance",
        "identity",
        "How the numbers came to be",
        values=PROVENANCES,
        settable=False,
    ),
    _text(
        "provenance_group",
        "identity",
        "Shared by tables that hold the same measurements published twice",
        settable=False,
    ),
    Column(
        "params_total",
        "size",
        "Parameters, embeddings included",
        unit="params",
        quantity="params",
        sign="positive",
        filled=True,
    ),
    Column(
        "params_non_embedding",
        "size",
        "Parameters without embeddings",
        unit="params",
        quantity="params",
        sign="positive",
        filled=True,
    ),
    Column(
        "params_active",
        "size",
        "Parameters that take part in the computation for one token",
        unit="params",
        quantity="params",
        sign="positive",
        filled=True,
    ),
    _text("params_convention", "size", "What the paper's own N means"),
    Column(
        "tokens",
        "data",
        "Training tokens seen at this row (D)",
        unit="tokens",
        quantity="tokens",
        sign="positive",
        filled=True,
    ),
    Column(
        "unique_tokens",
        "data",
        "Distinct training tokens (U)",
        unit="tokens",
        quantity="tokens",
        sign="positive",
        filled=True,
    ),
    Column(
        "epochs",
        "data",
        "Passes over the unique tokens (D/U)",
        unit="epochs",
        quantity="epochs",
        sign="positive",
    ),
    Column(
        "samples",
        "data",
        "Training data where it is not counted in tokens; its unit is `sample_unit`",
        unit="sample_unit",
        quantity="samples",
        sign="positive",
        filled=True,
    ),
    _text("sample_unit", "data", "What `samples` counts, for example characters, images, hours"),
    Column(
        "flops",
        "compute",
        "Training compute as published or derived by the card (C)",
        unit="FLOP",
        quantity="flops",
        sign="positive",
        filled=True,
    ),
    _text("flops_convention", "compute", "How the compute was counted", values=FLOPS_CONVENTIONS),
    Column(
        "flops_6nd",
        "compute",
        "6ND with the N of `flops_convention`, else active, total or non-embedding parameters",
        unit="FLOP",
        quantity="flops",
        settable=False,
    ),
    Column(
        "step",
        "training",
        "Optimiser step of the checkpoint",
        unit="steps",
        quantity="steps",
        sign="not_negative",
        filled=True,
    ),
    Column("is_final", "training", "True for the last checkpoint of a run", "flag"),
    Column(
        "batch_tokens",
        "training",
        "Tokens in a batch",
        unit="tokens",
        quantity="tokens",
        sign="positive",
    ),
    Column(
        "learning_rate",
        "training",
        "Learning rate: the peak of the schedule, or its value at the step in per-step tables",
        unit="1",
        quantity="learning_rate",
        sign="not_negative",
    ),
    _text("schedule", "training", "Learning-rate schedule"),
    Column(
        "warmup_tokens",
        "training",
        "Tokens in the warm-up",
        unit="tokens",
        quantity="tokens",
        sign="not_negative",
    ),
    Column("seed", "training", "Seed of the run", unit="1"),
    _text("dataset", "training", "Training data set"),
    _text("tokenizer", "training", "Tokenizer"),
    _text("architecture", "training", "Model family or shape"),
    Column("experts", "extra axes", "Experts of a routed model", unit="1", sign="positive"),
    Column(
        "experts_per_token",
        "extra axes",
        "Experts that a token is routed to",
        unit="1",
        sign="positive",
    ),
    Column(
        "routing_frequency",
        "extra axes",
        "Share of the layers that are routed",
        unit="1",
        sign="positive",
    ),
    Column(
        "parallel_streams", "extra axes", "Parallel streams of a model", unit="1", sign="positive"
    ),
    Column(
        "samples_drawn",
        "extra axes",
        "Samples drawn from a model for a problem",
        unit="1",
        sign="positive",
    ),
    Column("width", "extra axes", "Width of the model", unit="1", sign="positive"),
    Column("depth", "extra axes", "Layers of the model", unit="1", sign="positive"),
    Column(
        "context_length",
        "extra axes",
        "Context length",
        unit="tokens",
        quantity="tokens",
        sign="positive",
    ),
    Column(
        "problem_size",
        "extra axes",
        "Size of the problem, for example the edge of a board",
        unit="1",
        sign="positive",
    ),
    _text("eval_set", "measurement", "Evaluation set", settable=False),
    _text("metric", "measurement", "What was measured", settable=False),
    _text("unit", "measurement", "Unit of the value", settable=False),
    Column("value", "measurement", "Measured value", unit="unit", settable=False),
    Column(
        "value_low",
        "measurement",
        "Lower end of the published interval",
        unit="unit",
        settable=False,
    ),
    Column(
        "value_high",
        "measurement",
        "Upper end of the published interval",
        unit="unit",
        settable=False,
    ),
    Column(
        "value_std",
        "measurement",
        "Published standard deviation of the value",
        unit="unit",
        settable=False,
    ),
    _text(
        "status", "state", "State of the run at this row; `ok` unless a card says", values=STATUSES
    ),
    _text("note", "state", "Remark on the row"),
)

#: Columns of the run table by name, in order.
COLUMNS: dict[str, Column] = {column.name: column for column in _COLUMNS}


def _field(column: Column) -> pa.Field:
    metadata = {"group": column.group, "description": column.description}
    if column.unit is not None:
        metadata["unit"] = column.unit
    return pa.field(column.name, _ARROW_TYPES[column.kind], metadata=metadata)


#: Arrow schema of a run table.
RUN_SCHEMA: pa.Schema = pa.schema(
    [_field(column) for column in _COLUMNS], metadata={"scaling_studies.contract": "run-table-1"}
)
