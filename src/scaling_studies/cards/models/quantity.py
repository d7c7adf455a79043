"""Quantities of a fit that its card asks for."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from scaling_studies.cards.models.base import (
    Entry,
    FitId,
    Flag,
    Maybe,
    Name,
    Number,
    Numbers,
    Positive,
    Power,
    Text,
    refuse,
)
from scaling_studies.cards.models.rows import Where

Least = Annotated[Number, Field(ge=0)]


class Grid(Entry):
    """Logarithmically spaced values."""

    low: Positive = Field(description="First value.")
    high: Positive = Field(description="Last value.")
    count: Annotated[int, Field(strict=True, ge=2, le=2000)] = Field(description="How many.")


class InferenceAdjusted(Entry):
    """A model that is cheap to train and to serve."""

    reference_params: Positive = Field(description="Size of the compute-optimal model.")
    inference_tokens: Least = Field(description="Tokens served over the model's life.")
    gives: Literal["params", "tokens", "data_ratio", "saving"] = Field(
        description="What is taken of the model."
    )


class Embedding(Entry):
    """Parameters of the embeddings."""

    coefficient: Least = Field(description="Coefficient.")
    exponent: Power = Field(description="Exponent.")


class FrontierExponent(Entry):
    """The exponent that a simulated study would find."""

    sizes: Grid = Field(description="Models, in parameters without embeddings.")
    embedding: Embedding = Field(
        description="Parameters of the embeddings as a power law of those without."
    )
    counted: Literal["non_embedding", "total"] = Field(
        description="Which parameters size and compute 6ND count."
    )
    flops: Grid = Field(description="Compute at which models are compared.")
    tokens: Maybe[Grid] = Field(
        None,
        description="Tokens at which models were evaluated, the nearest counting; any number when "
        "absent.",
    )


class Growth(Entry):
    """From one loss to another."""

    from_: Positive = Field(alias="from", description="Loss to start at.")
    to: Positive = Field(description="Loss to reach.")


class Quantity(Entry):
    """A further quantity of a fit."""

    expression: Maybe[
        Annotated[str, StringConstraints(strict=True, min_length=1, max_length=400)]
    ] = Field(
        None,
        description="Arithmetic of numbers and of the fit's parameters, derived quantities and "
        "earlier entries of this list: + - * / ** and log, log10, exp, sqrt, abs. For checks "
        'between printed numbers, for example `"6 * 175e9 * 3.7e12"`.',
    )
    inference_adjusted: Maybe[InferenceAdjusted] = Field(
        None,
        description="The model that reaches the loss of a compute-optimal one with the lowest "
        "training plus inference compute, 6 N D + 2 N D_inference, under an additive law.",
    )
    frontier_exponent: Maybe[FrontierExponent] = Field(
        None,
        description="Exponent of compute in the best size that a study would find if it trained "
        "models of these sizes under this law and counted their parameters and compute in its own "
        "way.",
    )
    of: Maybe[Name] = Field(
        None,
        description="Name of a parameter, derived quantity, statistic, or an earlier entry of this "
        "list.",
    )
    growth: Maybe[Growth] = Field(
        None,
        description="Factor by which x must grow for a power law L = A x^-alpha to fall from one "
        "loss to another.",
    )
    scale: Number = Field(1.0, description="Factor (1 when absent; -1 turns an exponent round).")
    power: Power = Field(1.0, description="Power applied before the factor.")
    held_out: Maybe[
        Literal[
            "relative_error",
            "predicted",
            "observed",
            "rms_log_error",
            "rmsle",
            "mean_absolute_relative_error",
            "mean_absolute_error",
            "rms_error",
            "r_squared",
        ]
    ] = Field(None, description="Statistic of the prediction of held-out rows.")
    rows: Maybe[Where] = Field(None, description="Conditions on the held-out rows.")
    mean_over: Maybe[Name] = Field(
        None,
        description="Column; the statistic is taken for each of its values (each learning curve, "
        "say) and the mean of these is the quantity.",
    )
    chain: Maybe[Name] = Field(
        None,
        description="Name of the chain whose prediction is meant instead of the fit's own.",
    )
    wald_against: Maybe[Numbers] = Field(
        None,
        description="Wald statistic of the difference from these values, under the bootstrap "
        "covariance. It depends on the coordinates: name log_A rather than A to take logarithms.",
    )
    covariance_of: Maybe[FitId] = Field(
        None,
        description="Fit whose bootstrap gives the covariance of `wald_against`; this fit when "
        "absent.",
    )
    as_stated: Flag = Field(
        False,
        description="True takes the resamples of `wald_against` that are drawn beside those of "
        "groups: as `beside` says, or as the card says where a test finds that rows are not "
        "independent.",
    )
    at_flops: Maybe[Positive] = Field(
        None,
        description="Training compute at which an allocation quantity (of: params_opt, tokens_opt, "
        "tokens_per_parameter, loss_opt) is taken.",
    )
    description: Maybe[Text] = Field(None, description="What it is, with its unit.")

    @model_validator(mode="after")
    def _says_something(self) -> "Quantity":
        if not self.model_fields_set:
            raise refuse("the quantity is empty", "say what it is, for example `{of: alpha}`")
        return self
