"""Figures of a page."""

from typing import Annotated

from pydantic import Field, model_validator

from scaling_studies.cards.models.base import Entry, FitId, Flag, Id, Maybe, Text, refuse
from scaling_studies.cards.models.options import FigureOptions


class FigureEntry(Entry):
    """A figure of a study's page or of the page of comparisons."""

    kind: Id = Field(description="Kind of figure; a module of `scaling_studies.figures.kinds`.")
    title: Text = Field(
        description="The figure's answer in plain words. Numbers come from the artefacts: "
        "`{huber_sum.alpha:.3f}` is the quantity `alpha` of the fit `huber_sum`."
    )
    claim: Maybe[Text] = Field(
        None,
        description="Statement that must hold on the built artefacts for `title` to be shown: "
        "comparisons of arithmetic with placeholders without a format, for example "
        "`{huber_sum.beta.low} > 0.3`. Besides quantities: `share_above`, `residual_median`, "
        "`held_out_mean` and `held_out_worst` of a fit's points, and `{fit.quantity.printed}`.",
    )
    neutral: Maybe[Text] = Field(
        None, description="Title that claims nothing, shown where the claim does not hold."
    )
    finding: Maybe[Text] = Field(
        None, description="What the caption goes on to say where the claim holds."
    )
    question: Maybe[Text] = Field(
        None, description="Question that the figure answers; that of its kind when absent."
    )
    subtitle: Maybe[Text] = Field(
        None, description="What is plotted, with units and n; placeholders as in `title`."
    )
    caption: Text = Field(
        description="Caption under the figure and in the Snakemake report; placeholders as in "
        "`title`."
    )
    alt: Text = Field(
        description="What a reader who cannot see the figure must be told; placeholders as in "
        "`title`."
    )
    fits: Maybe[Annotated[tuple[FitId, ...], Field(min_length=1)]] = Field(
        None, description="Fits it shows, in order; `refinedweb_*` stands for those so named."
    )
    key: Flag = Field(
        False,
        description="True for the figure that stands for the study on the first page.",
    )
    options: FigureOptions = Field({}, description="Settings of this kind of figure.")

    @model_validator(mode="after")
    def _claims_with_a_way_out(self) -> "FigureEntry":
        if (self.claim is None) != (self.neutral is None):
            given, absent = ("claim", "neutral") if self.claim else ("neutral", "claim")
            raise refuse(f"`{given}` stands without `{absent}`", f"give both, or drop `{given}`")
        if self.finding and self.claim is None:
            raise refuse("`finding` stands without `claim`", "say under `claim` when it holds")
        return self
