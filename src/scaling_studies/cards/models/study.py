"""A study card."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    model_validator,
)

from scaling_studies.cards.models.base import (
    Entry,
    FitId,
    Flag,
    Id,
    Maybe,
    Name,
    Number,
    Text,
    refuse,
)
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.cards.models.table import TableEntry

Topic = Literal[
    "pre_training",
    "repetition",
    "mixtures",
    "experts_and_streams",
    "schedules_and_hyperparameters",
    "downstream",
    "inference_samples",
    "vision_and_speech",
    "games_and_science",
    "theory",
]

LawVerdict = Literal["comes_back", "in_part", "does_not_come_back", "cannot_be_tested"]


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise refuse(f"{twice[0]!r} is named twice", "name each fit once")
    return names


#: Of the largest compute that was measured.
Multiple = Annotated[Number, Field(ge=1e-6, le=1e9)]
SomeFits = Annotated[tuple[FitId, ...], Field(min_length=1), AfterValidator(_unique)]


class Citation(Entry):
    """How to cite a study."""

    authors: Text = Field(
        description="Authors as printed, for example `Besiroglu, Erdil, Barnett, You`."
    )
    year: Annotated[int, Field(strict=True, ge=1900, le=2100)] = Field(
        description="Year of first publication."
    )
    title: Text = Field(description="Title of the publication.")
    arxiv: Maybe[
        Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{4}\.[0-9]{4,5}$")]
    ] = Field(None, description="arXiv id, for example `2203.15556`.")
    doi: Maybe[Annotated[str, StringConstraints(strict=True, pattern=r"^10\.[0-9]{4,9}/\S+$")]] = (
        Field(None, description="DOI without the resolver, for example `10.1000/xyz`.")
    )
    url: Maybe[Annotated[str, StringConstraints(strict=True, pattern=r"^https://\S+$")]] = Field(
        None, description="An https address of the publication or of its code."
    )

    @property
    def short(self) -> str:
        """First author and year."""
        return f"{self.authors.split(',')[0]} {self.year}"


class RankedBy(Entry):
    """What grows."""

    params: Maybe[Name] = Field(
        None, description="Column with the size N, for example `params_total`."
    )
    tokens: Maybe[Name] = Field(None, description="Column with the data D, for example `tokens`.")
    flops: Maybe[Name] = Field(
        None, description="Column with the training compute C, for example `flops_6nd`."
    )

    @model_validator(mode="after")
    def _says_something(self) -> "RankedBy":
        if not self.model_fields_set:
            raise refuse("no column is named", "name one under params, tokens or flops")
        return self


class Ranking(Entry):
    """Ranks fits by extrapolation."""

    fits: SomeFits = Field(
        description="Fits that compete; of the same rows. `c4_*` stands for those so named."
    )
    by: RankedBy = Field(description="What grows, and the column of the run table that says so.")


class Plan(Entry):
    """What fits imply for the next run."""

    fits: SomeFits = Field(
        description="Fits of laws with the axes params and tokens. `c4_*` stands for those so "
        "named."
    )
    multiples: Annotated[tuple[Multiple, ...], Field(min_length=1, max_length=20)] = Field(
        (1, 10, 100), description="Multiples of the largest compute; 1, 10 and 100 when absent."
    )


class Sentence(Entry):
    """What may be said of a law."""

    when: Maybe[Text] = Field(
        None,
        description="Statement that must hold for it to be said: comparisons of arithmetic with "
        "placeholders, for example `{refit.alpha} > 0.3`; always when absent.",
    )
    verdict: Maybe[LawVerdict] = Field(
        None, description="Verdict of the law with which it is said; with each when absent."
    )
    say: Text = Field(description="The sentence; placeholders as in a figure's title.")


class LawEntry(Entry):
    """A headline law of a study, on which there is one verdict."""

    name: Text = Field(description="Name of the law as people use it.")
    fits: SomeFits = Field(
        description="Fits whose published numbers are those of the law; the first stands for it. "
        "`c4_*` stands for those so named."
    )
    sentences: tuple[Sentence, ...] = Field(
        (),
        description="What is said of the law in place of the count of its numbers: the first "
        "sentence whose verdict and statement hold.",
    )
    points: Text = Field(
        "runs", description="What is fitted, in the plural, for example `runs` or `checkpoints`."
    )
    axes: dict[Name, Text] = Field(
        {},
        description="What the axes of the law count, for example `{x: GPU-days of self-play}`; "
        "words of the columns when absent.",
    )


class StudyCard(Entry):
    """Everything the workflow knows about one study.

    What it is, where its run tables are and what their columns mean, which fits to carry out and
    which published numbers to judge. One file a study, named after it. Nothing about a study
    stands in code.
    """

    study: Id = Field(description="Id of the study, `firstauthor_year`; equals the file's name.")
    title: Text = Field(description="Short title shown on pages and in figures.")
    name: Maybe[Text] = Field(
        None, description="The name people use for the study or its law, for example `Chinchilla`."
    )
    short: Maybe[Text] = Field(
        None,
        description="Short name in figures and tables; the first author and the year when absent.",
    )
    aliases: tuple[Text, ...] = Field(
        (), description="Further names that a reader may look for, for example of its models."
    )
    topic: Maybe[Topic] = Field(None, description="Where the study stands among the others.")
    own: Flag = Field(
        False, description="Whether these are one's own runs; `studies: own` runs those alone."
    )
    citation: Citation = Field(description="How to cite the study.")
    question: Text = Field(
        description="The question the study answers, one sentence; opens the study's page."
    )
    summary: tuple[Text, ...] = Field(
        (),
        description="What the data are and what came back or did not, a few neutral sentences; "
        "shown under the question.",
    )
    notes: tuple[Text, ...] = Field(
        (),
        description="What a reader must know before trusting the numbers (conventions, disputes, "
        "oddities).",
    )
    conventions: dict[Literal["N", "D", "C", "Loss", "Tokenizer", "Schedule"], Text] = Field(
        {},
        description="What the study counts and how it measures, where its tables do not say it or "
        "say it in other words.",
    )
    colour: Maybe[Annotated[str, StringConstraints(strict=True, pattern="^#[0-9a-fA-F]{6}$")]] = (
        Field(
            None,
            description="The study's colour in every figure, as `#rrggbb`; chosen from the palette "
            "when absent.",
        )
    )
    tables: dict[Id, TableEntry] = Field(
        description="The run tables, by name. May be empty for a study of which only constants are "
        "known."
    )
    fits: dict[FitId, FitEntry] = Field(description="The fits, by name; each becomes one artefact.")
    laws: dict[Id, LawEntry] = Field(
        {},
        description="The study's headline laws, by name; each gets one verdict. When absent, each "
        "fit with a `headline` is a law.",
    )
    resamples: Maybe[Annotated[int, Field(strict=True, ge=10, le=1_000_000)]] = Field(
        None,
        description="Most bootstrap resamples of each fit, where the settings of the workflow ask "
        "for more.",
    )
    ranking: Maybe[Ranking] = Field(
        None,
        description="Ranks fits by extrapolation: each is refitted to the rows up to several sizes "
        "and predicts the rows beyond. The page shows the ranks next to those by how well the laws "
        "describe the fitted rows.",
    )
    plan: Maybe[Plan] = Field(
        None,
        description="What fits imply for the next run: compute-optimal size and data at multiples "
        "of the largest training compute of their rows.",
    )
    figures: dict[Id, FigureEntry] = Field(
        {}, description="The figures of the study's page, by name, in the order of the page."
    )

    @property
    def short_name(self) -> str:
        """Name in figures and tables."""
        return self.short or self.citation.short

    @property
    def is_retrieved(self) -> bool:
        """Whether the tables are retrieved rather than carried."""
        return any(table.retrieved for table in self.tables.values())


class Comparisons(RootModel[dict[Id, FigureEntry]]):
    """Figures of the comparison page, by name, in the order of the page."""

    model_config = ConfigDict(frozen=True, defer_build=True)
