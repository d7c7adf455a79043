"""Where the fact tables of a study come from (`data/<study>/source.yaml`)."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from scaling_studies.cards.models.base import Count, Entry, Maybe, Sha256, refuse
from scaling_studies.cards.models.options import AdapterOptions

_INSIDE = re.compile(r"(?!/)(?!.*(^|/)\.\.?(/|$))[^\\:?#%\x00-\x1f]+")


def _inside(path: str) -> str:
    if not _INSIDE.fullmatch(path):
        raise refuse(
            f"the path {path!r} leaves its repository",
            "write a relative path with forward slashes",
        )
    return path


Text = Annotated[str, StringConstraints(strict=True, min_length=1)]
Day = Annotated[str, StringConstraints(strict=True, pattern=r"^\d{4}-\d{2}-\d{2}$")]
SnakeName = Annotated[str, StringConstraints(strict=True, pattern="^[a-z][a-z0-9_]*$")]
CsvName = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]*\.csv$")]
Path = Annotated[str, StringConstraints(strict=True), AfterValidator(_inside)]


class Licence(Entry):
    """Terms of the numbers."""

    spdx: Annotated[
        str, StringConstraints(strict=True, pattern=r"^(none stated|[A-Za-z0-9.+-]+)$")
    ] = Field(description='SPDX identifier of the licence of the source, or "none stated".')
    notice: Maybe[Text] = Field(
        None, description="Copyright line of the licence, where it has one."
    )
    terms: Text = Field(
        description="What is known of the terms, in a sentence; what they cover and where they "
        "stand."
    )


class UpstreamFile(Entry):
    """A published file."""

    path: Path = Field(description="Path inside the repository.")
    bytes: Annotated[int, Field(strict=True, ge=1, le=10**12)] = Field(
        description="Size of the file."
    )
    sha256: Sha256 = Field(description="SHA-256 of the file.")


class Upstream(Entry):
    """Published files of one commit of a repository."""

    repository: Annotated[
        str, StringConstraints(strict=True, pattern="^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")
    ] = Field(description="owner/name of the repository on GitHub.")
    commit: Annotated[str, StringConstraints(strict=True, pattern="^[0-9a-f]{40}$")] = Field(
        description="Full commit hash."
    )
    retrieved: Day = Field(
        description="Day on which the files were retrieved and their sha256 recorded."
    )
    files: Maybe[Annotated[tuple[UpstreamFile, ...], Field(min_length=1)]] = Field(
        None, description="The files, one by one."
    )
    listing: Maybe[CsvName] = Field(
        None,
        description="For many files: a CSV beside this one with the columns path, bytes and "
        "sha256.",
    )

    @model_validator(mode="after")
    def _one_list(self) -> "Upstream":
        if (self.files is None) == (self.listing is None):
            raise refuse("give `files` or `listing`, and not both", "keep one of them")
        return self


class FactColumn(Entry):
    """A column of a fact table."""

    unit: Text = Field(
        description="Unit of the values: 1 for pure numbers and counts named by the column, text "
        "for names, else the unit itself."
    )
    description: Text = Field(description="What the column holds.")


class FactTable(Entry):
    """A fact table of a study."""

    file: CsvName = Field(description="File name of the table, beside this file.")
    title: Maybe[Text] = Field(None, description="What the table holds, in one sentence.")
    how: Literal["extracted", "transcribed", "retrieved", "simulated"] = Field(
        description="extracted: an adapter makes it from the upstream files; transcribed: written "
        "down from a paper, a figure or source text; retrieved: like extracted, but the terms do "
        "not allow carrying the table, so it is made on the user's machine and is not in this "
        "folder; simulated: an adapter makes it from its options alone."
    )
    adapter: Maybe[SnakeName] = Field(None, description="Name of the adapter that makes the table.")
    options: AdapterOptions = Field({}, description="Plain values given to the adapter.")
    inputs: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(
        ("*",),
        description="Shell patterns of the upstream paths that the adapter is given; all upstream "
        "files if left out.",
    )
    transcribed: Maybe[Day] = Field(None, description="Day on which the numbers were written down.")
    transcribed_from: Maybe[Text] = Field(
        None, description="Where exactly the numbers stand and how they were read."
    )
    rows: Count = Field(description="Number of rows below the header.")
    sha256: Sha256 = Field(description="SHA-256 of the table's bytes.")
    columns: Annotated[dict[SnakeName, FactColumn], Field(min_length=1)] = Field(
        description="Every column in the order of the table."
    )

    @model_validator(mode="after")
    def _as_it_was_made(self) -> "FactTable":
        by_hand, by_adapter = {"transcribed", "transcribed_from"}, {"adapter"}
        needed = by_hand if self.how == "transcribed" else by_adapter
        unwanted = {
            "transcribed": {"adapter", "options", "inputs"},
            "simulated": by_hand | {"inputs"},
        }.get(self.how, by_hand)
        for name in sorted(needed - self.model_fields_set):
            raise refuse(f"a table that is {self.how} needs the key {name!r}", "add it")
        for name in sorted(unwanted & self.model_fields_set):
            raise refuse(f"a table that is {self.how} has no {name!r}", "remove the key")
        return self

    @property
    def name(self) -> str:
        """The file name without `.csv`; an adapter calls the table so."""
        return self.file.removesuffix(".csv")


class SourceRecord(Entry):
    """Where the fact tables of a study come from.

    One file a study. It names the source of every number in the study's fact tables closely enough
    that anyone can fetch the same bytes and extract the same table again.
    """

    study: SnakeName = Field(
        description="Study id, firstauthor_year (or published_laws); the name of the folder that "
        "holds this file."
    )
    citation: Text = Field(
        description="Authors, title, year and where it appeared, as a reference list would give it."
    )
    arxiv: Maybe[Annotated[str, StringConstraints(strict=True, pattern=r"^\d{4}\.\d{4,5}$")]] = (
        Field(None, description="arXiv identifier without version, for example 2203.15556.")
    )
    doi: Maybe[Annotated[str, StringConstraints(strict=True, pattern=r"^10\.\d{4,9}/\S+$")]] = (
        Field(None, description="Digital object identifier without the resolver's address.")
    )
    licence: Licence = Field(
        description="Under which terms the numbers were published, as far as that is known."
    )
    upstream: Maybe[Annotated[tuple[Upstream, ...], Field(min_length=1)]] = Field(
        None,
        description="Published files the tables are extracted from, pinned by commit and sha256.",
    )
    tables: Annotated[tuple[FactTable, ...], Field(min_length=1)] = Field(
        description="The fact tables of the study."
    )
    oddities: Maybe[Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(
        None, description="What a reader of the tables must know, one plain sentence each."
    )

    @model_validator(mode="after")
    def _each_table_once(self) -> "SourceRecord":
        files = [table.file for table in self.tables]
        for file in files:
            if files.count(file) > 1:
                raise refuse(f"lists {file} twice", "leave one of the two entries out")
        return self
