"""Study cards, comparisons and configuration: read, written out, validated, explained in a line."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scaling_studies.cards.expand import DEFAULTS, expanded
from scaling_studies.cards.explain import Problem, problems_of
from scaling_studies.cards.meaning import meaning_problems
from scaling_studies.cards.models.config import Config
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.cards.models.study import Comparisons, StudyCard
from scaling_studies.cards.plain_yaml import read_yaml
from scaling_studies.errors import CardError
from scaling_studies.words import suggest

Model = TypeVar("Model", bound=BaseModel)


def load_card(path: str | Path) -> StudyCard:
    """Read and validate a study card.

    Parameters
    ----------
    path
        YAML file named after its study.

    Returns
    -------
    StudyCard
        The card, its defaults, likenesses and short forms written out.

    Raises
    ------
    CardError
        When the file is not YAML, breaks the models, or contradicts itself or the registry of
        laws. One line, naming study, key and fix.
    """
    path = Path(path)
    card = validated(StudyCard, read_yaml(path, path.stem), path.stem)
    for problem in meaning_problems(card, path.stem):
        raise problem
    return card


def card_problems(path: str | Path) -> list[CardError]:
    """Everything that is wrong with a card, where `load_card` stops at the first.

    Parameters
    ----------
    path
        YAML file named after its study.

    Returns
    -------
    list of CardError
        Problems of form; when there are none, contradictions.
    """
    return _card_and_problems(Path(path))[1]


def _card_and_problems(path: Path) -> tuple[StudyCard | None, list[CardError]]:
    """A card as far as it has its form, and everything that is wrong with it."""
    try:
        document = read_yaml(path, path.stem)
        values = expanded(document, path.stem)
        card = StudyCard.model_validate(values)
    except CardError as error:
        return None, [error]
    except ValidationError as error:
        return None, [
            CardError(problem.problem, study=path.stem, key=_key(problem), fix=problem.fix)
            for problem in _problems(error, StudyCard, document, values)
        ]
    return card, list(meaning_problems(card, path.stem))


def load_cards(folder: str | Path, studies: str | Iterable[str] = "all") -> dict[str, StudyCard]:
    """Read all cards of a folder, or the named ones.

    Parameters
    ----------
    folder
        Folder with one `<study>.yaml` a study.
    studies
        ``"all"``, ``"own"`` for cards that say so, or the ids wanted.

    Returns
    -------
    dict
        Card by study id, sorted by id.

    Raises
    ------
    CardError
        As :func:`load_card`, and when a named study has no card.
    """
    cards, refused = sound_cards(folder, studies)
    for problems in refused.values():
        raise problems[0]
    return cards


def sound_cards(
    folder: str | Path, studies: str | Iterable[str] = "all"
) -> tuple[dict[str, StudyCard], dict[str, list[CardError]]]:
    """Cards that are in order, and what is wrong with the others.

    Parameters
    ----------
    folder, studies
        As for :func:`load_cards`.

    Returns
    -------
    cards
        Card by study id, sorted by id.
    refused
        Everything that is wrong with a card, by study id; of one that reads the run table of a
        refused study, this.

    Raises
    ------
    CardError
        When there is no card at all, or a named study has none.
    """
    paths = card_paths(folder)
    if not paths:
        raise CardError(
            f"there is no card in {folder}",
            fix="set `cards` in the configuration to the folder with the cards",
        )
    wanted = sorted(paths) if studies in ("all", "own") else sorted(studies)
    for study in wanted:
        if study not in paths:
            raise CardError(
                f"there is no card {folder}/{study}.yaml",
                key="studies",
                fix=suggest(study, paths, "use the id of a study that has a card"),
            )
    cards: dict[str, StudyCard] = {}
    refused: dict[str, list[CardError]] = {}
    for study in wanted:
        card, problems = _card_and_problems(paths[study])
        if card is None or problems:
            refused[study] = problems
        else:
            cards[study] = card
    if studies == "own":
        cards = {study: card for study, card in cards.items() if card.own}
        refused = {}
        if not cards:
            raise CardError(
                f"no card in {folder} is of own runs",
                key="studies",
                fix="write one with: scaling-studies new my_runs.csv",
            )
    while lacking := _without_source(cards, refused):
        for study, problem in lacking.items():
            refused[study] = [problem]
            del cards[study]
    return cards, dict(sorted(refused.items()))


def card_paths(folder: str | Path) -> dict[str, Path]:
    """Path of each card of a folder by study id; the hidden files of editors are no cards."""
    paths = sorted(Path(folder).glob("*.yaml"))
    return {path.stem: path for path in paths if not path.name.startswith(".")}


def _without_source(
    cards: Mapping[str, StudyCard], refused: Mapping[str, list[CardError]]
) -> dict[str, CardError]:
    """Studies with a fit that reads a run table which is not made."""
    found = {}
    for study, fit_id, fit in each_fit(cards):
        source = fit.source_study
        if source is not None and source not in cards:
            is_refused = source in refused
            found[study] = CardError(
                f"the run table of {source} is not part of this run"
                + (", as its card is refused" if is_refused else ""),
                study=study,
                key=f"fits.{fit_id}.source_study",
                fix=f"mend the card of {source}"
                if is_refused
                else f"add {source} to `studies` in the configuration",
            )
    return found


def load_config(config: Mapping[str, Any]) -> Config:
    """Validate the workflow's configuration and fill in the defaults.

    Parameters
    ----------
    config
        The mapping as Snakemake read it.

    Raises
    ------
    CardError
        For an unknown key or a value that is not allowed.
    """
    return validated(Config, config)


def load_comparisons(path: str | Path) -> dict[str, FigureEntry]:
    """Read and validate the figures of the comparison page.

    Parameters
    ----------
    path
        YAML file with figure entries by name, as under `figures` in a card.

    Returns
    -------
    dict
        Entry by figure name.

    Raises
    ------
    CardError
        As :func:`load_card`.
    """
    return validated(Comparisons, read_yaml(Path(path))).root


def validated(model: type[Model], document: Any, study: str | None = None) -> Model:
    """A document as the model describes it.

    Raises
    ------
    CardError
        The first problem, and how many more there are.
    """
    values = expanded(document, study) if model is StudyCard else document
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = _problems(error, model, document, values)
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    raise CardError(f"{first.problem}{more}", study=study, key=_key(first), fix=first.fix)


def _problems(
    error: ValidationError, model: type[BaseModel], document: Any, values: Any
) -> list[Problem]:
    """Problems of form, each once; those of inherited values where these are written."""
    found = [
        problem._replace(path=_written_at(document, problem.path, problem.key))
        for problem in problems_of(error, model, values)
    ]
    return list(dict.fromkeys(found))


def _written_at(document: Any, path: tuple[str | int, ...], key: str) -> tuple[str | int, ...]:
    """Place in the file of what stands at a place of the expanded card."""
    below = (key,) if key else ()
    if len(path) < 2 or _is_at(document, (*path, *below)):
        return path
    shared = (path[0], DEFAULTS, *path[2:])
    return shared if (below or path[2:]) and _is_at(document, (*shared, *below)) else path


def _is_at(document: Any, path: tuple[str | int, ...]) -> bool:
    for part in path:
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list) and part in range(len(document)):
            document = document[int(part)]
        else:
            return False
    return True


def _key(problem: Problem) -> str | None:
    return ".".join(map(str, problem.path)) or None


def each_fit(cards: Mapping[str, StudyCard]) -> Iterator[tuple[str, str, FitEntry]]:
    """All fits of all cards as (study, fit id, entry)."""
    for study, card in cards.items():
        for fit_id, fit in card.fits.items():
            yield study, fit_id, fit
