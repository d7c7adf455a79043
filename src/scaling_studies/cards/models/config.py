"""Settings of a run of the workflow."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from scaling_studies.cards.models.base import BY_SHAPE, LIST, VALUE, Entry, Flag, Id, Name, refuse


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise refuse("a study is named twice", "name each study once")
    return names


def _from_word(value: object) -> object:
    """Snakemake hands ``--config offline=true`` on as a word."""
    words = {"true": True, "false": False}
    return words.get(value.lower(), value) if isinstance(value, str) else value


Switch = Annotated[Flag, BeforeValidator(_from_word)]


def _without_braces(path: str) -> str:
    if "{" in path or "}" in path:
        raise refuse("Snakemake takes braces in a path for wildcards", "rename the folder")
    return path


class Config(Entry):
    """Settings of a run (`config/config.yaml`, or `--configfile` / `--config`)."""

    studies: Annotated[
        Annotated[Literal["all", "own"], VALUE]
        | Annotated[tuple[Id, ...], Field(min_length=1), AfterValidator(_unique), LIST],
        BY_SHAPE,
    ] = Field(
        "all",
        description="Studies to run, or `all` for every card in the cards folder, or `own` for "
        "those of one's own runs.",
    )
    cards: Name = Field("config/studies", description="Folder with one card a study.")
    comparisons: Name = Field(
        "config/comparisons.yaml",
        description="File that declares the figures of the comparison page.",
    )
    data: Annotated[Name, AfterValidator(_without_braces)] = Field(
        "data", description="Folder with the committed fact tables."
    )
    resamples: Annotated[int, Field(strict=True, ge=10, le=1_000_000)] = Field(
        4000, description="Bootstrap resamples for each fit."
    )
    shards: Annotated[int, Field(strict=True, ge=1, le=10_000)] = Field(
        1,
        description="Jobs that each fit's resamples are divided among, for machines with many "
        "cores; the results do not depend on it.",
    )
    choices: Switch = Field(
        True,
        description="Whether headline fits are varied under other choices and rolled out; without, "
        "a run is shorter, and its pages say nothing of choices and forecasts.",
    )
    mirror: Name | None = Field(
        None,
        description="Folder that holds upstream files as `<repository>/<commit>/<path>`; looked "
        "into before the network.",
    )
    cache: Name = Field(
        ".cache/upstream", description="Folder for upstream files that were downloaded."
    )
    offline: Switch = Field(
        False,
        description="Never use the network; what is neither carried nor cached is skipped with a "
        "line in the report.",
    )
