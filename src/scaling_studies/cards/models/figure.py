"""Figures of a page."""

from typing import Annotated

from pydantic import Field

from scaling_studies.cards.models.base import Entry, FitId, Flag, Id, Maybe, Text
from scaling_studies.cards.models.options import FigureOptions


class FigureEntry(Entry):
    """A figure of a study's page or of the page of comparisons."""

    kind: Id = Field(description="Kind of figure; a module of `scaling_studies.figures.kinds`.")
    title: Text = Field(
        description="The figure's answer in plain words. Numbers come from the artefacts: "
        "`{huber_sum.alpha:.3f}` is the quantity `alpha` of the fit `huber_sum`."
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
