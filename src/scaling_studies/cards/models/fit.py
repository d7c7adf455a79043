"""A fit: which law is fitted to which rows, how, and what is asked of it."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from scaling_studies.cards.models.base import (
    BY_SHAPE,
    LIST,
    MAPPING,
    VALUE,
    Entry,
    FitId,
    Flag,
    Id,
    Interval,
    Level,
    Maybe,
    Name,
    Number,
    NumberOrText,
    Numbers,
    Power,
    SomeNumbers,
    Text,
    refuse,
)
from scaling_studies.cards.models.conventions import Conventions, Step
from scaling_studies.cards.models.options import EstimatorOptions
from scaling_studies.cards.models.quantity import Quantity
from scaling_studies.cards.models.rows import HeldOut, Measured, Rows
from scaling_studies.cards.models.target import Confirmation, Target

#: Estimators that need no rows of a run table.
WITHOUT_ROWS = frozenset({"printed"})
#: Estimators that fit nothing: there is nothing to resample.
WITHOUT_FIT = frozenset({"evaluate", "printed"})
#: Starts of a local search.
MOST_STARTS = 20_000


def _low_first(ends: Interval) -> Interval:
    if not ends[0] < ends[1]:
        raise refuse(
            f"the lower bound {ends[0]:g} is not below the upper {ends[1]:g}",
            "write the lower one first",
        )
    return ends


def _few_starts(values: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
    count = math.prod(map(len, values.values()))
    if count > MOST_STARTS:
        raise refuse(
            f"the product of the lists is {count:,} starts",
            f"give shorter lists: at most {MOST_STARTS:,} starts are searched from",
        )
    return values


#: Threshold of the Huber loss: below the least, it is the sum of absolute residuals.
Threshold = Annotated[Number, Field(ge=1e-9, le=1e9)]
QuantityName = Annotated[str, StringConstraints(strict=True, pattern="^[A-Za-z][A-Za-z0-9_]*$")]
Label = Annotated[str, StringConstraints(strict=True, max_length=200)]


class Response(Measured):
    """What the law predicts."""

    complement: Flag = Field(
        False,
        description="True when the law predicts one minus the measurement (error from accuracy).",
    )
    column: Maybe[Name] = Field(
        None,
        description="Column of the run table that is predicted in the rows of this metric, for "
        "example the best learning rate.",
    )


class Reduce(Entry):
    """How the chosen rows become fewer before fitting."""

    kind: Literal["coverage"] = Field(description="Kind of reduction.")
    at: Measured = Field(description="Measurement whose values are the k.")


class AverageRows(Entry):
    """Which rows of a run become one."""

    by: Name = Field(description="Column; rows that share its value become one.")
    at: Name = Field(
        description="Column; the row with its largest value stands for the others, with its size, "
        "tokens and so on."
    )


class Objective(Entry):
    """What is minimised."""

    name: Name = Field(description="Name of an objective.")
    delta: Maybe[Threshold] = Field(None, description="Threshold of the Huber loss.")


class Weights(Entry):
    """Weights of the rows."""

    column: Name = Field(description="Column.")
    power: Power = Field(1.0, description="Power.")
    relative: Flag = Field(
        False,
        description="True when the column is divided by the response first (standard deviation of "
        "the log).",
    )


class PrintedIntervals(Entry):
    """Intervals that a paper prints."""

    level: Level = Field(description="Coverage, for example 0.8 for the 10th to 90th percentile.")
    of: dict[Name, Interval] = Field(description="Lower and upper end by name.")


class Resample(Entry):
    """How uncertainty is computed."""

    kind: Literal["pairs", "cluster", "stratified", "parametric", "none"] = Field(
        "pairs", description="Kind of bootstrap or `none`."
    )
    groups: Name = Field(
        "group_id",
        description="Column that names the clusters or strata; `group_id` when absent. Also "
        "`budget` (compute in steps of a tenth of a decade) and `size`. With `parametric`: groups "
        "whose rows have something in common, which is drawn once for each.",
    )
    beside: Maybe[Literal["pairs"]] = Field(
        None,
        description="Kind of bootstrap that is drawn too (with `cluster`): intervals that differ "
        "by more than a quarter stand in brackets behind those of the groups.",
    )
    response_interval: Flag = Field(
        False,
        description="True to redraw each response from its published interval (with `parametric`).",
    )
    reason: Maybe[Text] = Field(None, description="Why this kind; shown on the page.")

    @model_validator(mode="after")
    def _beside_groups(self) -> "Resample":
        if self.beside and self.kind != "cluster":
            raise refuse(
                f"`beside` stands with the kind {self.kind!r}, which draws no groups",
                "write `kind: cluster`, or leave `beside` out",
            )
        return self


class Chain(Entry):
    """A law that is applied to this law's prediction."""

    fit: FitId = Field(description="Fit whose law is applied.")
    axis: Name = Field(description="Axis of that law that takes the prediction.")
    label: Maybe[Label] = Field(
        None, description="As for a fit, of the prediction of both laws together."
    )


class FitEntry(Entry):
    """A fit."""

    title: Text = Field(description="What is fitted to what, one line.")
    label: Maybe[Label] = Field(
        None,
        description="Name among the fits of its study, for figures over several studies, where it "
        "follows the study's name; empty for the fit that stands for the study.",
    )
    law: Name = Field(description="Name of a law in the registry.")
    estimator: Name = Field(
        "parametric",
        description="How parameters are found; `parametric` when absent. `evaluate` fits nothing "
        "and evaluates the law at `fixed`; `printed` needs no rows at all.",
    )
    table: Maybe[Id] = Field(
        None, description="Table whose rows are fitted; all tables when absent."
    )
    source_study: Maybe[Id] = Field(
        None, description="Study whose run table is read instead of this study's own."
    )
    published_by: Maybe[Id] = Field(
        None,
        description="Study that printed the parameters, where it is not this one: they stand here "
        "for comparison, and what is amiss with them is a finding of that study.",
    )
    conventions: Maybe[Conventions] = Field(
        None, description="What N, C and the loss count, where the rows do not say it."
    )
    step: Maybe[Step] = Field(
        None, description="The one choice that tells this fit from another: a step of a ladder."
    )
    response: Maybe[Response] = Field(None, description="What the law predicts.")
    axes: Maybe[
        Annotated[
            dict[
                Name,
                Annotated[
                    Annotated[Name, VALUE] | Annotated[Measured, MAPPING],
                    BY_SHAPE,
                ],
            ],
            Field(min_length=1),
        ]
    ] = Field(
        None,
        description="Axes of the law by name, each a column of the run table or another "
        "measurement of the same row.",
    )
    rows: Rows = Field(
        Rows.model_construct(),
        description="Which rows are fitted. Conditions may stand here without `where`.",
    )
    reduce: Maybe[Reduce] = Field(
        None,
        description="Fewer rows made from the chosen ones before fitting; a bootstrap draws the "
        "rows before the reduction. `coverage`: the response counts correct ones of "
        "`samples_drawn` samples of a problem, and becomes the negative log of the mean chance "
        "that one of k is correct.",
    )
    held_out: Maybe[HeldOut] = Field(
        None,
        description="Rows that are never fitted but predicted and compared. `rest` means every row "
        "that is not fitted.",
    )
    not_compared: Maybe[Text] = Field(
        None,
        description="Why the comparison of held-out errors over all studies leaves this fit out.",
    )
    average: Maybe[AverageRows] = Field(
        None,
        description="Takes the mean of the response (and of axes that are measurements) over rows "
        "that belong together, for example the last evaluations of a run.",
    )
    objective: Maybe[Objective] = Field(
        None, description="Objective and its constants; that of the law when absent."
    )
    weights: Maybe[Weights] = Field(
        None,
        description="Column of the run table that gives the weights of the rows, raised to `power` "
        "(1 when absent).",
    )
    fixed: dict[Name, NumberOrText] = Field(
        {},
        description="Parameters held at a value: a number, or arithmetic of numbers as text where "
        'the paper prints other constants than the law\'s, for example `"8.8e13 ** 0.076"` for '
        "(N_c)^alpha.",
    )
    confirmation: dict[Name, Confirmation] = Field(
        {},
        description="How well each printed constant of `fixed` is confirmed: `two_sources` read "
        "independently agree, `one_source` alone prints it (it is shown and compared, but nothing "
        "is tested against it), or `sources_disagree`. One word stands for all constants.",
    )
    printed_intervals: Maybe[PrintedIntervals] = Field(
        None,
        description="Intervals that the paper prints for parameters or derived quantities of a "
        "printed law.",
    )
    shared: dict[Name, Name] = Field(
        {}, description="Parameter -> parameter whose value it takes, for example {beta: alpha}."
    )
    bounds: dict[Name, Annotated[Interval, AfterValidator(_low_first)]] = Field(
        {}, description="Bounds that replace those of the law."
    )
    starts: Maybe[
        Annotated[
            Annotated[tuple[Numbers, ...], Field(min_length=1, max_length=MOST_STARTS), LIST]
            | Annotated[
                dict[Name, SomeNumbers], Field(min_length=1), AfterValidator(_few_starts), MAPPING
            ],
            BY_SHAPE,
        ]
    ] = Field(
        None,
        description="Starts to use instead of the global search, to reproduce a published local "
        "optimum: a list of parameter sets, or lists of values by parameter whose product is "
        "taken.",
    )
    options: EstimatorOptions = Field({}, description="Further settings of the estimator.")
    resample: Resample = Field(
        Resample.model_construct(),
        description="How uncertainty is computed; `pairs` when absent.",
    )
    chain: dict[Id, Chain] = Field(
        {},
        description="Laws applied to this law's prediction, by name; each is another fit of the "
        "card, fed with the prediction on one of its axes.",
    )
    quantities: dict[QuantityName, Quantity] = Field(
        {},
        description="Further quantities of the fit, by name; they get intervals and may be judged.",
    )
    targets: tuple[Target, ...] = Field(
        (),
        description="Published numbers that this fit should give: a list, or a mapping from "
        "quantity to value or to the rest of the target.",
    )
    reading: Maybe[Text] = Field(None, description="What the reader should make of this fit.")
    allocation: Flag = Field(
        True,
        description="False keeps the fit out of the comparison of compute-optimal allocations: "
        "where its data axis does not count tokens, or training compute is not 6ND.",
    )
    headline: Maybe[tuple[Name, ...]] = Field(
        None,
        description="Quantities of this fit that cross-study comparisons show (exponents); a fit "
        "with this key also enters the comparison of compute-optimal allocations when its law has "
        "one. May be empty.",
    )

    @property
    def has_rows(self) -> bool:
        """Whether rows of a run table are read."""
        return self.estimator not in WITHOUT_ROWS

    @property
    def is_fitted(self) -> bool:
        """Whether parameters are found rather than given."""
        return self.estimator not in WITHOUT_FIT

    def objective_or(self, otherwise: str) -> Objective:
        """What is minimised: the objective of the card, or the one that is named."""
        return self.objective or Objective.model_construct(name=otherwise)

    @property
    def is_resampled(self) -> bool:
        """Whether the fit has resamples."""
        return self.is_fitted and self.resample.kind != "none"


class ResolvedChain(Chain):
    """A chain with what the job needs of the fit that it names."""

    law: Name
    response: Maybe[Response] = None


class ResolvedFit(FitEntry):
    """A fit with everything a job needs that stands elsewhere in the card; arithmetic is done."""

    fixed: dict[Name, Number] = Field({})  # type: ignore[assignment]
    chain: dict[Id, ResolvedChain] = Field({})  # type: ignore[assignment]
