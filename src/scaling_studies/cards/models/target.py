"""Published numbers."""

from typing import Literal

from pydantic import Field, model_validator

from scaling_studies.cards.models.base import (
    Entry,
    FitId,
    Maybe,
    Name,
    Number,
    Positive,
    Text,
    refuse,
)

#: How well a printed number is confirmed.
Confirmation = Literal["two_sources", "one_source", "sources_disagree"]


class Target(Entry):
    """A published number that a fit should give."""

    quantity: Name = Field(
        description="Quantity of the fit: parameter, derived quantity, statistic or one of "
        "`quantities`."
    )
    value: Number = Field(description="The published value.")
    ours: Maybe[Name] = Field(
        None,
        description="Name of the same quantity in this fit, when the paper's name means something "
        "else in the law.",
    )
    standard_error: Maybe[Positive] = Field(None, description="Published standard error.")
    tolerance: Maybe[Positive] = Field(
        None, description="Largest difference at which the number counts as reproduced."
    )
    tolerance_kind: Maybe[Literal["relative", "absolute", "relative_at_most"]] = Field(
        None,
        description="`relative`, `absolute`, or `relative_at_most` (the refit may be lower, not "
        "higher).",
    )
    where: Text = Field(description="Where it is printed.")
    confirmation: Maybe[Literal["two_sources", "one_source", "sources_disagree", "own_refit"]] = (
        Field(
            None,
            description="As for the constants of a law; or `own_refit` for a reference value that "
            "nobody prints, an earlier refit of ours of the same rows. It is judged like the rest, "
            "but not counted among published numbers.",
        )
    )
    compare_with: Maybe[FitId] = Field(
        None,
        description="Fit of this card that the published value is judged by, when this fit only "
        "evaluates published parameters.",
    )
    expected: Maybe[Literal["not_reproduced"]] = Field(
        None, description="`not_reproduced` for numbers known not to come back."
    )
    reason: Maybe[Text] = Field(
        None, description="Why it does not come back; a sentence a reader understands."
    )

    @property
    def name_here(self) -> str:
        """Name of the quantity in the fit that judges it."""
        return self.ours or self.quantity

    @model_validator(mode="after")
    def _complete(self) -> "Target":
        for key, needed in (("tolerance", "tolerance_kind"), ("expected", "reason")):
            if getattr(self, key) is not None and getattr(self, needed) is None:
                raise refuse(
                    f"key {needed!r} is missing", f"add it; the key {key!r} that is given needs it"
                )
        return self
