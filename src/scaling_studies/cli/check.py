"""``scaling-studies check``: everything wrong with cards and tables, and nothing is run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_studies.cards import load
from scaling_studies.cards.resolve import resolve_fit, source_study
from scaling_studies.engine.estimators.parametric import OPTIONS
from scaling_studies.engine.objectives import get_objective
from scaling_studies.engine.request import Request
from scaling_studies.errors import CardError, ScalingStudiesError, one_line
from scaling_studies.fits.frames import fit_frame
from scaling_studies.fits.schemes import named_groups, stated_labels
from scaling_studies.laws import get_law
from scaling_studies.runs.normalize import read_run_table
from scaling_studies.runs.run_files import as_frame
from scaling_studies.words import suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from scaling_studies.cards.models.config import Config
    from scaling_studies.cards.models.fit import ResolvedFit
    from scaling_studies.cards.models.study import StudyCard

#: Where the workflow puts tables that are fetched on demand.
RETRIEVED = Path("results/retrieved")


def check(studies: Sequence[str], settings: Config) -> int:
    """Check studies and print one line for each problem.

    Parameters
    ----------
    studies
        Ids; every card of the folder when empty.
    settings
        Settings of the workflow; `cards` and `data` are used.

    Returns
    -------
    int
        Exit status, 1 when there is a problem.
    """
    folder = Path(settings.cards)
    known = [*load.card_paths(folder)]
    if not known:
        raise CardError(f"there is no card in {folder}", fix="name the folder with --cards")
    for study in studies:
        if study not in known:
            fix = suggest(study, known, "use the id of a study that has a card")
            raise CardError(f"there is no card {folder}/{one_line(study, 80)}.yaml", fix=fix)
    tables = RunTables(folder, Path(settings.data))
    found = 0
    for study in studies or known:
        problems = study_problems(study, tables)
        for problem in problems:
            print(f"Error: {problem}", file=sys.stderr)
        found += len(problems)
        if not problems:
            note = tables.notes.get(study)
            print(f"{study}: {note or 'card, tables and fits are in order'}")
    if found:
        print(f"{found} problem{'' if found == 1 else 's'} found.", file=sys.stderr)
    return 1 if found else 0


class RunTables:
    """Run tables of studies, normalised in memory when they are first asked for.

    Parameters
    ----------
    cards_folder, data_dir
        Folders of the cards and of the tables.

    Attributes
    ----------
    notes
        Study -> why its tables could not be looked at, although nothing is wrong.
    """

    def __init__(self, cards_folder: Path, data_dir: Path) -> None:
        self.cards_folder = cards_folder
        self.data_dir = data_dir
        self.notes: dict[str, str] = {}
        self._found: dict[str, pd.DataFrame | None] = {}

    def of(self, study: str, card: StudyCard) -> pd.DataFrame | None:
        """Run table of a study; None when its tables have to be fetched first.

        Raises
        ------
        CardError, SourceError, TableError
            What is wrong with a table.
        """
        if study not in self._found:
            folder = self.data_dir
            if card.is_retrieved:
                folder = RETRIEVED
                files = [table.file for table in card.tables.values()]
                if not all((folder / file).is_file() for file in files):
                    self.notes[study] = (
                        "the card is in order; its tables are not here to be checked "
                        "(`make retrieve` fetches them)"
                    )
                    self._found[study] = None
                    return None
            self._found[study] = as_frame(read_run_table(study, card.tables, folder))
        return self._found[study]


def study_problems(study: str, tables: RunTables) -> list[ScalingStudiesError]:
    """Everything wrong with one study.

    Parameters
    ----------
    study
        Id; its card is `<study>.yaml` in the cards folder.
    tables
        Run tables, shared by the studies of one call.

    Returns
    -------
    list of ScalingStudiesError
        In the order card, tables, fits; later parts are looked at when the earlier are in order.
    """
    path = tables.cards_folder / f"{study}.yaml"
    found: list[ScalingStudiesError] = list(load.card_problems(path))
    if found:
        return found
    card = load.load_card(path)
    try:
        tables.of(study, card)
    except ScalingStudiesError as error:
        return _table_problems(study, card, tables) or [error]
    for fit_id in card.fits:
        try:
            check_fit(card, study, fit_id, tables)
        except ScalingStudiesError as error:
            found.append(_of_fit(error, study, fit_id))
    return found


def _table_problems(study: str, card: StudyCard, tables: RunTables) -> list[ScalingStudiesError]:
    """Problems of tables one by one, so that those of one do not hide those of the next."""
    found = []
    for name, table in card.tables.items():
        part = card.model_copy(update={"tables": {name: table}})
        try:
            RunTables(tables.cards_folder, tables.data_dir).of(study, part)
        except ScalingStudiesError as error:
            found.append(error)
    return found


def check_fit(card: StudyCard, study: str, fit_id: str, tables: RunTables) -> None:
    """Build everything that a fit needs, short of fitting.

    Raises
    ------
    ScalingStudiesError
        What the fit's job would stop at before it begins.
    """
    entry = resolve_fit(card, fit_id)
    if not entry.has_rows:
        return
    source = source_study(study, entry)
    owner = card
    if source != study:
        path = tables.cards_folder / f"{source}.yaml"
        if not path.is_file():
            raise CardError(
                f"there is no study {source!r} whose run table could be read",
                key="source_study",
                fix="correct the id, or add that study's card",
            )
        owner = load.load_card(path)
    runs = tables.of(source, owner)
    if runs is None:
        return
    points = fit_frame(runs, entry, study=study)
    _check_columns(card, fit_id, entry, points)
    _check_rows(entry, points)


def _check_columns(card: StudyCard, fit_id: str, entry: ResolvedFit, points: pd.DataFrame) -> None:
    """Columns that resampling and the rollout read."""
    if entry.resample.kind in ("cluster", "stratified") or named_groups(entry):
        stated_labels(entry, points[points["role"] == "fit"])
    if card.ranking and fit_id in card.ranking.fits:
        for axis, column in card.ranking.by.as_dict().items():
            if column not in points:
                raise CardError(
                    "the run table has no such column",
                    column=column,
                    key=f"ranking.by.{axis}",
                    fix=suggest(column, points.columns, "map it, or leave the axis out"),
                )


def _check_rows(entry: ResolvedFit, points: pd.DataFrame) -> None:
    """Axes and responses that the law and the objective can use."""
    parametric = entry.estimator == "parametric"
    if parametric and (unknown := sorted(set(entry.options) - set(OPTIONS))):
        fix = suggest(unknown[0], OPTIONS, "remove it")
        raise CardError("unknown option", key=f"options.{unknown[0]}", fix=fix)
    if entry.estimator not in ("parametric", "evaluate"):
        return
    law = get_law(entry.law)
    chosen = entry.objective_or(law.objective)
    objective = get_objective(chosen.name, chosen.delta or 1e-3)
    fitted = points[points["role"] == "fit"]
    table = {name: fitted[name].to_numpy() for name in law.axis_names}
    request = Request(
        law=law,
        objective=objective,
        table=table | {"response": fitted["observed"].to_numpy()},
        response="response",
        weights=fitted["weight"].to_numpy() if entry.weights else None,
        fixed=dict(entry.fixed),
        shared=dict(entry.shared),
        bounds=dict(entry.bounds),
    )
    problem = request.problem()
    if parametric and not problem.coordinates.free:
        raise CardError(
            "every parameter is fixed", key="fixed", fix="use `estimator: evaluate`, or free one"
        )


def _of_fit(error: ScalingStudiesError, study: str, fit_id: str) -> ScalingStudiesError:
    """Return the same problem, placed in the fit."""
    key = error.place.get("key")
    prefix = f"fits.{fit_id}"
    place = {**error.place, "study": study}
    if key is None:
        place["key"] = prefix
    elif not str(key).startswith(("fits.", "tables.", "ranking.")):
        place["key"] = f"{prefix}.{key}"
    return type(error)(error.problem, fix=error.fix, **place)
