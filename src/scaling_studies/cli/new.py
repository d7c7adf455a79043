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
from scaling_studies.cli.own_runs.columns import QUANTITIES, Choice, numbers, propose, read_maps
from scaling_studies.cli.own_runs.draft import Runs, draft
from scaling_studies.cli.own_runs.exports import Export, join_runs, read_export
from scaling_studies.cli.own_runs.questions import Questions
from scaling_studies.errors import CardError, TableError, one_line
from scaling_studies.runs.units import UNITS, unit

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from scaling_studies.cards.models.config import Config
    from scaling_studies.cards.models.study import StudyCard

SIZES = {
    "total": "params_total",
    "non_embedding": "params_non_embedding",
    "active": "params_active",
}
#: Units of a loss that are asked for; docs/run-table.md lists the others.
LOSS_UNITS = ("nats_per_token", "bits_per_token", "bits_per_byte", "bits_per_char", "perplexity")
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
    export = read_export(options.table, study)
    ask = Questions(study, interactive=sys.stdin.isatty() and not options.yes, yes=options.yes)
    if options.join is not None:
        other = read_export(options.join, study)
        export = join_runs(export, other, _run_column(export, options.map), study)
    said = read_maps(options.map, export.columns)
    chosen = _usable(propose(export.cells) | said, said, export)
    _require_loss(chosen, export, study)
    ask.show(export, chosen)
    chosen = _with_units(chosen, export, options, ask)
    size = _size(chosen, options, ask)
    file, content = _table_file(export, study, Path(settings.data))
    runs = Runs(
        study=study,
        title=options.title or ask.text("Title of the study", study.replace("_", " ").capitalize()),
        authors=options.authors,
        year=options.year or datetime.date.today().year,
        file=file,
        sha256=hashlib.sha256(content).hexdigest(),
        cells=export.cells,
        chosen=chosen,
        size=size,
        metric=options.metric or "loss",
        held_out=_share(options.held_out, study),
    )
    card = draft(runs)
    _write(card, runs, card_path, Path(settings.data), content)
    _say_next(load_card(card_path), card_path, Path(settings.data) / file)
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


def _run_column(export: Export, maps: Sequence[str]) -> str:
    """Column of the runs, before other columns are known to be there."""
    said = read_maps([text for text in maps if text.startswith("run=")], export.columns)
    choice = said.get("run") or propose(export.cells).get("run")
    if choice is None:
        raise CardError(
            "the table names no runs to join by", fix="say which column does: --map run=COLUMN"
        )
    return choice.column


def _require_loss(chosen: Mapping[str, Choice], export: Export, study: str) -> None:
    if "loss" in chosen:
        return
    shown = ", ".join(one_line(name, 40) for name in export.columns[:30])
    raise TableError(
        "no column is recognised as the loss",
        study=study,
        table=export.path.name,
        fix=f"say which it is with --map loss=COLUMN; there are: {shown}",
    )


def _usable(
    chosen: Mapping[str, Choice | None], said: Mapping[str, Choice | None], export: Export
) -> dict[str, Choice]:
    """Leave out proposals that would break the contract and that no one asked for."""

    def kept(what: str, choice: Choice) -> bool:
        cells = export.cells[choice.column]
        if what in said or what in ("loss", "params", "tokens", "flops", "dataset", "status"):
            return True
        if what in ("run", "step"):
            return bool((cells != "").all())
        filled = cells[cells != ""]
        values = numbers(filled)
        return len(values) == len(filled) and bool((values > 0).all())

    return {what: choice for what, choice in chosen.items() if choice and kept(what, choice)}


def _with_units(
    chosen: Mapping[str, Choice], export: Export, options: argparse.Namespace, ask: Questions
) -> dict[str, Choice]:
    result = dict(chosen)
    for what, choice in chosen.items():
        if what != "loss" and what not in QUANTITIES:
            continue
        said = options.unit if what == "loss" else None
        name = said or choice.unit or _asked_unit(what, choice, export, ask)
        unit(QUANTITIES.get(what, "value"), name, study=ask.study, column=choice.column)
        result[what] = replace(choice, unit=name)
    return result


def _asked_unit(what: str, choice: Choice, export: Export, ask: Questions) -> str:
    column = one_line(choice.column, 60)
    if what == "loss":
        flag = "--unit, one of " + ", ".join(LOSS_UNITS)
        return ask.choice(f"Unit of the loss in {column!r}", LOSS_UNITS, flag, "nats_per_token")
    middle = numbers(export.cells[choice.column]).median()
    known = list(UNITS[QUANTITIES[what]])
    return ask.choice(
        f"Unit of {what} in {column!r}, whose values are around {middle:g},",
        known,
        f"--map {what}={choice.column}:UNIT, UNIT one of {', '.join(known)}",
    )


def _size(chosen: Mapping[str, Choice], options: argparse.Namespace, ask: Questions) -> str:
    if "params" not in chosen:
        return SIZES["total"]
    if options.params_convention is not None:
        return SIZES[options.params_convention]
    column = chosen["params"].column.lower()
    for name in ("non_embedding", "active"):
        if name in column.replace("-", "_"):
            return SIZES[name]
    answer = ask.choice(
        f"What the sizes in {one_line(chosen['params'].column, 60)!r} count",
        list(SIZES),
        "--params-convention total, non_embedding or active",
        "total",
    )
    return SIZES[answer]


def _share(share: float, study: str) -> float:
    if not 0.0 <= share < 1.0:
        raise CardError(
            f"--held-out {share:g} is no share", study=study, fix="give 0 or more and less than 1"
        )
    return share


def _table_file(export: Export, study: str, data: Path) -> tuple[str, bytes]:
    """Name of the table as the card has it, and its content.

    A plain file that lies in the data folder stays where it is; any other goes, byte for byte, into
    the study's own folder there. Exports of other forms are written as CSV.
    """
    if export.kind != "plain":
        return f"{study}/runs.csv", export.cells.to_csv(index=False, lineterminator="\n").encode()
    content = export.path.read_bytes()
    place, folder = export.path.resolve(), data.resolve()
    if place.is_relative_to(folder):
        return place.relative_to(folder).as_posix(), content
    return f"{study}/runs{export.path.suffix}", content


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
    print("Next: snakemake")
    print(f"Then open reports/studies/{card.study}.html")
