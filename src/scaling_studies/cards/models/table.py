"""A raw table: which of its columns is which column of the run table, in which unit."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from scaling_studies.cards.models.base import (
    BY_SHAPE,
    LIST,
    MAPPING,
    VALUE,
    Entry,
    Flag,
    Id,
    Maybe,
    Name,
    Positive,
    Scalar,
    Sha256,
    SomeNames,
    Text,
    refuse,
)


def _inside(path: str) -> str:
    if ".." in PurePosixPath(path).parts:
        raise refuse("a file may not lie outside its folder", "remove `..` from the path")
    return path


Filled = Annotated[str, StringConstraints(strict=True, min_length=1)]
File = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./+-]*\.(csv|parquet|jsonl)$"),
    AfterValidator(_inside),
]


class Join(Entry):
    """A further table whose columns are added."""

    file: File = Field(description="File as under `file` of the table.")
    sha256: Maybe[Sha256] = Field(None, description="Checksum of the file.")
    on: SomeNames = Field(description="Key columns present in both tables.")


class Column(Entry):
    """A column of the run table."""

    from_: Maybe[
        Annotated[
            Annotated[Filled, VALUE] | Annotated[tuple[Filled, ...], Field(min_length=2), LIST],
            BY_SHAPE,
        ]
    ] = Field(
        None,
        alias="from",
        description="Column of the file, or several text columns, joined by `|`.",
    )
    optional: Flag = Field(False, description="True when empty cells are allowed.")
    unit: Maybe[Name] = Field(
        None,
        description="Unit of the column in the file, for example `params`, `million`, `tokens`, "
        "`FLOP`, `PF-days`.",
    )
    derive: Maybe[Literal["tokens_from_6nd", "flops_from_6nd", "epochs_from_unique"]] = Field(
        None,
        description="Rule that computes the column from others: tokens_from_6nd (D = C/(6N)), "
        "flops_from_6nd (C = 6ND), epochs_from_unique (D/U).",
    )
    values: dict[Name, Scalar] = Field(
        {},
        description="Replaces raw strings by others, raw value -> value. A star stands for any "
        'text: `{web_*: "*"}` takes the beginning away.',
    )

    @model_validator(mode="after")
    def _one_origin(self) -> "Column":
        if (self.from_ is None) == (self.derive is None):
            found = "neither `from` nor" if self.from_ is None else "both `from` and"
            raise refuse(f"the column has {found} `derive`", "give one of them")
        return self


class FromColumn(Entry):
    """A value that a column of the file gives."""

    column: Name = Field(description="Column of the file.")


TextOrColumn = Annotated[Annotated[Text, VALUE] | Annotated[FromColumn, MAPPING], BY_SHAPE]


class Measurement(Entry):
    """What was measured: one row of the run table for each row of the file."""

    metric: TextOrColumn = Field(
        description="Name of the metric, for example `loss`, `error`, `bleu`; or `{column: name}` "
        "to read it from a column."
    )
    eval_set: Maybe[TextOrColumn] = Field(
        None, description="Evaluation set, or `{column: name}` to read it from a column."
    )
    unit: Annotated[Annotated[Name, VALUE] | Annotated[FromColumn, MAPPING], BY_SHAPE] = Field(
        description="Unit of the value: nats_per_token, bits_per_token, bits_per_byte, "
        "bits_per_char, nats_per_word, perplexity, fraction, percent, elo, count, params, tokens, "
        "as_plotted ... (docs/run-table.md lists them), or `{column: name}` to read it from a "
        "column."
    )
    from_: Name = Field(alias="from", description="Column with the value.")
    low: Maybe[Name] = Field(
        None, description="Column with the lower end of the published interval."
    )
    high: Maybe[Name] = Field(
        None, description="Column with the upper end of the published interval."
    )
    std: Maybe[Name] = Field(
        None, description="Column with the published standard deviation of the value."
    )
    log_std: Maybe[Name] = Field(
        None,
        description="Column with the published standard deviation of the natural logarithm of the "
        "value; the standard deviation of the value becomes the value times it.",
    )
    relative_error: Maybe[Name] = Field(
        None,
        description="Column with the relative error of the value (digitisation, say); the interval "
        "becomes value (1 ± error).",
    )
    optional: Flag = Field(
        False,
        description="True when empty cells are allowed (such a row of the run table is left out).",
    )


class Average(Entry):
    """The mean over several evaluation sets of one metric."""

    metric: Text = Field(description="Metric to average.")
    eval_set: Text = Field(description="Name of the average.")
    over: Maybe[Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(
        None, description="Evaluation sets to average; all when absent."
    )


class Allow(Entry):
    """Departures from the contract that are facts of a table."""

    negative_values: Flag = Field(
        False, description="Values of the metric may be negative (Elo, log coverage)."
    )
    duplicate_runs: Flag = Field(False, description="Rows may share run, step and evaluation set.")
    zero_values: Flag = Field(False, description="Values of the metric may be zero (counts).")


class TableEntry(Entry):
    """A raw table of a study."""

    file: File = Field(
        description="CSV, Parquet or JSON-lines file, as a path relative to the data folder, for "
        "example `firstauthor_year/points.csv`. It may not leave that folder."
    )
    sha256: Maybe[Sha256] = Field(
        None, description="Checksum of the file, checked when it is given."
    )
    retrieved: Flag = Field(
        False,
        description="True when the table is not carried by the project but extracted from upstream "
        "files that are fetched on demand (no stated licence, or large).",
    )
    join: tuple[Join, ...] = Field(
        (),
        description="Further tables whose columns are added, matched on shared key columns; each "
        "key must be unique in the joined table.",
    )
    provenance: Literal["measured", "digitised", "interpolated", "printed", "simulated"] = Field(
        description="How the numbers came to be."
    )
    provenance_group: Maybe[Id] = Field(
        None,
        description="Tables that hold the same measurements published twice share this name; they "
        "are never counted twice in a pooled result.",
    )
    columns: Annotated[dict[Name, Column], Field(min_length=1)] = Field(
        description="Columns of the run table (docs/run-table.md) by name, each taken `from` a "
        "column of the file with its `unit`, or derived by a named rule."
    )
    constants: dict[Name, Scalar] = Field(
        {}, description="Values of run-table columns that are the same in every row."
    )
    measurements: Annotated[tuple[Measurement, ...], Field(min_length=1)] = Field(
        description="What was measured. Each entry yields one row of the run table for each row of "
        "the file."
    )
    averages: tuple[Average, ...] = Field(
        (),
        description="Means over several evaluation sets of one metric, added as measurements of "
        "their own (for example a 17-task average error).",
    )
    group: Maybe[SomeNames] = Field(
        None,
        description="Raw columns whose values together name rows that are not independent "
        "(checkpoints of one run, one problem, one FLOP budget).",
    )
    flops_tolerance: Maybe[Positive] = Field(
        None,
        description="Largest relative difference allowed between published FLOPs and 6ND. Left out "
        "when 6ND is not the compute of the study.",
    )
    allow: Allow = Field(
        Allow.model_construct(),
        description="Departures from the contract that are facts of this table.",
    )

    @property
    def files(self) -> list[str]:
        """Its file and those joined to it."""
        return [self.file, *(joined.file for joined in self.join)]
