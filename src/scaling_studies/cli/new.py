"""``scaling-studies new``: from a table of runs to a study card that the workflow runs."""

from __future__ import annotations

import datetime
import hashlib
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_studies.artefacts.files import write_bytes
from scaling_studies.cards.load import load_card
from scaling_studies.cli.check import RunTables, study_problems
from scaling_studies.cli.own_runs.draft import Runs, draft
from scaling_studies.cli.own_runs.tables import card_table
from scaling_studies.errors import CardError, MustBeSaid, one_line
from scaling_studies.reading import read_from_options
from scaling_studies.reading.losses import CONVERTED, LOSS_UNITS
from scaling_studies.reading.maps import SIZES
from scaling_studies.reading.questions import Questions, ask_at_terminal
from scaling_studies.reading.units import in_base_units

if TYPE_CHECKING:
    import argparse

    from scaling_studies.cards.models.config import Config
    from scaling_studies.cards.models.study import StudyCard
    from scaling_studies.reading import OwnRuns

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")


def new(options: argparse.Namespace, settings: Config) -> int:
    """Write the card of a study, and its table into the data folder.

    Parameters
    ----------
    options
        Arguments of the command line.
    settings
        Settings of the workflow; `cards` and `data` are used.

    Returns
    -------
    int
        Exit status, 0.

    Raises
    ------
    ScalingStudiesError
        When something cannot be known or is wrong; nothing is left behind then.
    """
    study = _study_id(options)
    card_path = Path(settings.cards) / f"{study}.yaml"
    if card_path.exists() and not options.force:
        raise CardError(
            f"there is a card of that name: {card_path}",
            study=study,
            fix="choose another id with --study, or replace it with --force",
        )
    interactive = sys.stdin.isatty() and not options.yes
    own = read_from_options(options, interactive=interactive)
    if own.other_losses:
        flags = " ".join(own.other_losses)
        raise MustBeSaid(
            "a study is about one loss, and several were said",
            table=own.name,
            fix=f"leave {flags} out, and call new with --study NAME for each of them",
        )
    for line in (*own.notes, *(f"Warning: {warning}" for warning in own.warnings)):
        print(line)
    own = _labelled(
        own, Questions(own.name, ask_at_terminal if interactive else None, yes=options.yes)
    )
    table = card_table(own, study, Path(settings.data))
    runs = Runs(
        study=study,
        title=options.title or _title(study, interactive=interactive),
        authors=options.authors,
        year=options.year or datetime.date.today().year,
        file=table.file,
        sha256=hashlib.sha256(table.content).hexdigest(),
        cells=table.cells,
        chosen=table.roles,
        size=own.size,
        metric=own.metric,
        held_out=_share(options.held_out, study),
        frame=own.frame,
        read=_left_out(own),
    )
    for sentence in runs.problems:
        print(f"Warning: {sentence}")
    card = draft(runs)
    _write(card, runs, card_path, Path(settings.data), table.content)
    _say_next(load_card(card_path), card_path, Path(settings.data) / table.file)
    return 0


def _study_id(options: argparse.Namespace) -> str:
    if options.study is not None:
        study = options.study
        fix = "use small letters, digits and underscores, for example --study my_runs"
    else:
        study = re.sub(r"[^a-z0-9]+", "_", options.table.resolve().stem.lower()).strip("_")
        study = study[:64]
        fix = "name the study with --study"
    if not _ID.fullmatch(study):
        raise CardError(f"{study!r} is no id of a study", fix=fix)
    return study


def _title(study: str, *, interactive: bool) -> str:
    proposal = study.replace("_", " ").capitalize()
    try:
        said = input(f"Title of the study [{proposal}]? ").strip() if interactive else ""
    except EOFError:
        raise KeyboardInterrupt from None
    return said or proposal


def _share(share: float, study: str) -> float:
    if share != 0.0 and not 0.001 <= share <= 0.999:
        raise CardError(
            f"--held-out {share:g} is no share", study=study, fix="give 0, or 0.001 to 0.999"
        )
    return share


def _labelled(own: OwnRuns, questions: Questions) -> OwnRuns:
    """Ask for what names the numbers of a card and changes none: unit of the loss, convention."""
    if "unit" in own.assumed and own.unit in LOSS_UNITS:
        column = own.roles["loss"].column
        unit = questions.choice(
            f"Unit of the loss in {one_line(column, 60)!r}",
            LOSS_UNITS,
            own.assumed["unit"],
            "nats_per_token",
        )
        loss = in_base_units("loss", unit, own.frame["loss"].to_numpy(float))
        own = replace(
            own,
            unit=CONVERTED.get(unit, unit),
            roles={**own.roles, "loss": replace(own.roles["loss"], unit=unit)},
            frame=own.frame.assign(loss=loss),
        )
    if "params_convention" in own.assumed:
        said = questions.choice(
            f"What the sizes in {one_line(own.roles['params'].column, 60)!r} count",
            list(SIZES),
            own.assumed["params_convention"],
            "total",
        )
        own = replace(own, size=SIZES[said])
    return own


def _left_out(own: OwnRuns) -> tuple[str, ...]:
    """What the card's reader should know of the reading: rows left out, and how data were made."""
    return tuple(note for note in own.notes[1:] if not note.startswith("  ")) + own.warnings


def _write(card: str, runs: Runs, path: Path, data: Path, content: bytes) -> None:
    """Write table and card, look at both as the workflow will, and take them back if it would stop.

    Raises
    ------
    ScalingStudiesError
        The first thing that is wrong.
    """
    target = data / runs.file
    before = {each: each.read_bytes() for each in (target, path) if each.is_file()}
    try:
        if before.get(target) != content:
            write_bytes(target, content, checksum=False)
        write_bytes(path, card.encode(), checksum=False)
        problems = study_problems(runs.study, RunTables(path.parent, data))
        if problems:
            raise problems[0]
    except BaseException:
        for each in (target, path):
            if each in before:
                write_bytes(each, before[each], checksum=False)
            else:
                each.unlink(missing_ok=True)
        if target.parent != data and target.parent.is_dir() and not any(target.parent.iterdir()):
            target.parent.rmdir()
        raise


def _say_next(card: StudyCard, path: Path, table: Path) -> None:
    laws = card.ranking.fits if card.ranking else ()
    print(f"Wrote {path} ({len(card.fits)} fits; laws: {', '.join(laws)}).")
    print(f"Its table is {table}.")
    print("Next: snakemake --config studies=own (or snakemake, among all studies)")
    print(f"Then open reports/studies/{card.study}.html")
