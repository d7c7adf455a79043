"""Which rows of a run table are meant."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scaling_studies.cards.models.base import (
    BY_SHAPE,
    LIST,
    MAPPING,
    VALUE,
    Count,
    Entry,
    Maybe,
    Name,
    Number,
    Positive,
    Scalar,
    SomeNames,
    Text,
    refuse,
)

SomeScalars = Annotated[tuple[Scalar, ...], Field(min_length=1)]


class Bounds(Entry):
    """Conditions on one column."""

    min: Maybe[Number] = Field(None, description="At least.")
    max: Maybe[Number] = Field(None, description="At most.")
    above: Maybe[Number] = Field(None, description="More than.")
    below: Maybe[Number] = Field(None, description="Less than.")
    not_: Maybe[SomeScalars] = Field(None, alias="not", description="None of these values.")

    @model_validator(mode="after")
    def _says_something(self) -> "Bounds":
        if not self.model_fields_set:
            raise refuse("the condition is empty", "give one of min, max, above, below, not")
        return self


Condition = Annotated[
    Annotated[Scalar, VALUE] | Annotated[SomeScalars, LIST] | Annotated[Bounds, MAPPING],
    BY_SHAPE,
]
Where = Annotated[
    dict[Name, Condition],
    Field(
        min_length=1,
        description="Conditions on run-table columns (or on axes of the fit), all of which must "
        "hold: a value, a list of values, or `{min, max, above, below, not}`.",
    ),
]


class Extreme(Entry):
    """Some rows at one end of a column."""

    column: Name = Field(description="Column of the fit frame or `response`.")
    count: Count = Field(description="How many rows.")


class Bins(Entry):
    """Bins of equal width in the logarithm of a column."""

    column: Name = Field(description="Column of the fit frame.")
    count: Annotated[int, Field(strict=True, ge=1, le=10_000)] = Field(description="How many bins.")


class Lowest(Entry):
    """The best row of each group."""

    of: Name = Field(
        "response",
        description="Column of the fit frame, `response` (when absent) or `value` for the "
        "measurement of the rows.",
    )
    within: Maybe[SomeNames] = Field(
        None, description="Columns whose values together name a group."
    )
    bins: Maybe[Bins] = Field(
        None,
        description="Divides the range of a column into bins of equal width in its logarithm, "
        "each a group.",
    )
    margin: Maybe[Positive] = Field(
        None,
        description="Keeps all rows whose value exceeds the smallest by at most this share of it.",
    )


class Rows(Entry):
    """Which rows. Conditions may stand here without `where`: `{dataset: c4}`."""

    where: Maybe[Where] = Field(None, description="Conditions, all of which must hold.")
    any: Maybe[Annotated[tuple[Where, ...], Field(min_length=1)]] = Field(
        None, description="Alternatives, at least one of which must hold."
    )
    drop_largest: Maybe[Extreme] = Field(
        None,
        description="Leaves out the rows with the largest values of a column (`response` for the "
        "response).",
    )
    keep_smallest: Maybe[Extreme] = Field(
        None,
        description="Keeps the rows with the smallest values of a column, for example the first "
        "points of a learning curve.",
    )
    lowest: Maybe[Lowest] = Field(
        None,
        description="Keeps of each group of rows the one with the smallest value, for example the "
        "best hyperparameters of each model.",
    )


HeldOut = Annotated[
    Annotated[Literal["rest"], VALUE] | Annotated[Rows, MAPPING],
    BY_SHAPE,
]


class Measured(Entry):
    """A measurement of a run table."""

    metric: Text = Field(description="Metric of the run table.")
    eval_set: Maybe[Text] = Field(
        None, description="Evaluation set; needed when the metric has several."
    )
