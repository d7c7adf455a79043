"""Published numbers."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from scaling_studies.cards.models.base import (
    Entry,
    FitId,
    Level,
    Maybe,
    Name,
    NumberOrText,
    Positive,
    Text,
    in_reach,
    refuse,
)
from scaling_studies.cards.printed import Printed

#: How well a printed number is confirmed.
Confirmation = Literal["two_sources", "one_source", "sources_disagree"]
#: What a published number is held against.
Evidence = Literal["refit", "re_estimate", "evaluation", "arithmetic", "simulation"]
#: What a published number is of its law.
Role = Literal["headline", "constant", "prediction", "statistic", "consistency"]
#: Quantity of the joint test of all constants.
ALL_CONSTANTS = "all_constants"
#: Characters of a printed number.
LONGEST = 40


def _as_printed(written: str | float) -> str | float:
    if isinstance(written, str) and len(written) > LONGEST:
        raise refuse(f"a printed number of {len(written):,} characters", f"give at most {LONGEST}")
    try:
        value = Printed.of(written).value
    except ValueError:
        raise refuse(
            f"{written!r} is not a number as printed", 'write it like "0.50" or "1.2e9"'
        ) from None
    in_reach(value)
    return written


#: A number as printed: text keeps the digits that a number loses.
AsPrinted = Annotated[NumberOrText, AfterValidator(_as_printed)]


class Target(Entry):
    """A published number that a fit should give."""

    quantity: Name = Field(
        description="Quantity of the fit: parameter, derived quantity, statistic or one of "
        "`quantities`. `all_constants` tests the fit's constants together: whether they are the "
        "optimum of the fit named under `compare_with`, on the same rows."
    )
    value: Maybe[AsPrinted] = Field(
        None,
        description='The published value with its digits as printed, in quotes: "0.50". Without '
        "quotes, zeros at the end do not count as printed.",
    )
    ours: Maybe[Name] = Field(
        None,
        description="Name of the same quantity in this fit, when the paper's name means something "
        "else in the law; of `all_constants` the quantity `wald_against` that tests them.",
    )
    standard_error: Maybe[AsPrinted] = Field(
        None, description="Published standard error, as printed; it is judged too."
    )
    interval: Maybe[tuple[AsPrinted, AsPrinted]] = Field(
        None, description="Published interval, as printed; it is judged too."
    )
    level: Level = Field(0.95, description="Coverage of the published interval; 0.95 when absent.")
    tolerance: Maybe[Positive] = Field(
        None,
        description="Largest difference that counts as compatible, where digits and standard "
        "errors do not decide; needs `tolerance_reason`.",
    )
    tolerance_kind: Maybe[Literal["relative", "absolute"]] = Field(
        None, description="`relative` or `absolute`."
    )
    tolerance_reason: Maybe[Text] = Field(
        None, description="Why this tolerance; shown on the page."
    )
    evidence: Maybe[Evidence] = Field(
        None,
        description="What the number is held against: `refit` of runs, `re_estimate` from the "
        "authors' intermediate results, `evaluation` of the published law on runs, `arithmetic` of "
        "printed numbers, `simulation`. When absent it follows from the fit's estimator.",
    )
    role: Maybe[Role] = Field(
        None,
        description="What the number is of its law: `headline` constant, further `constant`, "
        "`prediction`, `statistic` or `consistency`. When absent it follows from the quantity.",
    )
    not_counted: Maybe[Text] = Field(
        None,
        description="Why the number is shown and not counted, for example because the rows were "
        "chosen so that it comes back.",
    )
    where: Text = Field(description="Where it is printed.")
    confirmation: Maybe[Confirmation] = Field(None, description="As for the constants of a law.")
    compare_with: Maybe[FitId] = Field(
        None,
        description="Fit of this card that the published value is judged by, when this fit only "
        "evaluates published parameters.",
    )
    expected: Maybe[Literal["not_reproduced"]] = Field(
        None,
        description="`not_reproduced` for numbers known not to come back; one that does stops the "
        "run.",
    )
    reason: Maybe[Text] = Field(
        None, description="Why it does not come back; a sentence a reader understands."
    )

    @property
    def name_here(self) -> str:
        """Name of the quantity in the fit that judges it."""
        return self.ours or self.quantity

    @property
    def is_joint(self) -> bool:
        """Whether it tests all constants of its fit together."""
        return self.quantity == ALL_CONSTANTS

    @property
    def printed(self) -> Printed | None:
        """The published value; None where only its uncertainty is printed."""
        return None if self.value is None else Printed.of(self.value)

    @property
    def printed_error(self) -> float | None:
        """The published standard error."""
        return None if self.standard_error is None else Printed.of(self.standard_error).value

    @model_validator(mode="after")
    def _complete(self) -> "Target":
        needs = (
            ("tolerance", "tolerance_kind"),
            ("tolerance", "tolerance_reason"),
            ("expected", "reason"),
        )
        for key, needed in needs:
            if getattr(self, key) is not None and getattr(self, needed) is None:
                raise refuse(
                    f"key {needed!r} is missing", f"add it; the key {key!r} that is given needs it"
                )
        if self.is_joint and self.compare_with is None:
            raise refuse("key 'compare_with' is missing", "name the refit of the same rows")
        if self.is_joint != (self.value is None) and not (self.interval or self.standard_error):
            wrong = "no value is printed for all constants together"
            raise refuse(
                wrong if self.is_joint else "key 'value' is missing",
                "leave `value` out" if self.is_joint else "add it, as printed",
            )
        return self
