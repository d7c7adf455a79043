"""What the numbers of a fit count, and which choice tells it from another fit."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from scaling_studies.cards.models.base import Entry, FitId, Maybe, Name, refuse

#: What N counts.
Counted = Literal["total", "non_embedding", "active"]
#: How the learning rate of the runs goes.
Schedule = Literal["matched", "shared", "constant"]
Choice = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=80)]


class Optimum(Entry):
    """What a law of compute alone says is best, so that it stands among what laws say to train."""

    gives: Literal["params", "tokens", "flops_per_token"] = Field(
        description="What `G C^a` counts: best parameters, best tokens, or best FLOP per token "
        "(M, with C = M D; a sixth of it stands for the size).",
    )
    tokens: Maybe[FitId] = Field(
        None,
        description="With `params`: fit of the best tokens over the same compute. Otherwise data, "
        "or with `tokens` the size, follow from C = 6ND.",
    )
    unit: Literal["FLOP", "PF-days"] = Field("FLOP", description="Unit of C in the law.")
    note: Maybe[Choice] = Field(
        None, description="What else C or N is, in a few words: `far below the critical batch`."
    )


class Conventions(Entry):
    """What the numbers of a fit count, where its rows do not say it.

    Laws are compared with those of other studies only where these are the same.
    """

    params: Maybe[Counted] = Field(
        None,
        description="What N counts: `total` (embeddings included), `active` (weights that a token "
        "is multiplied with: the output layer, no embedding table) or `non_embedding` (neither). "
        "Otherwise that of the axis or of the convention of compute.",
    )
    flops: Maybe[
        Literal[
            "6ND_total",
            "6ND_non_embedding",
            "6ND_active",
            "reported",
            "forward_only",
            "attention",
        ]
    ] = Field(
        None,
        description="How training compute is counted; otherwise as the rows say. Laws of size and "
        "data have none of their own: their best sizes are along 6ND.",
    )
    loss: Maybe[
        Literal[
            "nats_per_token",
            "bits_per_token",
            "nats_per_word",
            "nats_per_byte",
            "bits_per_byte",
            "nats_per_char",
            "bits_per_char",
        ]
    ] = Field(None, description="Unit of the loss; otherwise that of the measurement.")
    schedule: Maybe[Schedule] = Field(
        None,
        description="Learning rate: `matched` (each run decays to its own end), `shared` "
        "(checkpoints of longer schedules are fitted) or `constant`.",
    )
    optimum: Maybe[Optimum] = Field(
        None,
        description="What the law says is best at a budget, where it is one of compute alone "
        "(`compute_optimal`): it is then shown beside what laws of size and data say to train.",
    )


class Step(Entry):
    """One step of a ladder: what changed from another fit of the card, or from another quantity."""

    change: Choice = Field(
        description="What is different, for a figure: `last layer counted`, `short warm-up`."
    )
    from_: Maybe[FitId] = Field(
        None, alias="from", description="Fit before the step; this one when absent."
    )
    quantity: Name = Field("a_opt", description="Quantity after the step.")
    before: Maybe[Name] = Field(
        None, description="Quantity before the step; the same one when absent."
    )

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "Step":
        if self.from_ is None and self.before in (None, self.quantity):
            raise refuse(
                "the step leads from a number to itself",
                "name the fit (`from`) or the quantity (`before`) that it leads from",
            )
        return self
