"""The reading flags that all commands share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scaling_studies.reading.maps import SIZES
from scaling_studies.reading.own_runs import OwnRuns
from scaling_studies.reading.questions import ask_at_terminal
from scaling_studies.reading.read import read_runs


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say what a table holds and which rows are meant.

    Parameters
    ----------
    parser
        Of a command; the argument of the table is its own.
    """
    group = parser.add_argument_group("what the table holds")
    group.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="NAME=COLUMN[:UNIT]",
        help="which column is params, tokens, samples, flops, loss, run, step, ...; "
        "for example tokens=train_tokens:million, or NAME=none for no column",
    )
    group.add_argument("--unit", help="unit of the loss: nats_per_token, bits_per_byte, ...")
    group.add_argument("--metric", help="what was measured (loss)")
    group.add_argument(
        "--params-convention", choices=tuple(SIZES), help="which parameters the sizes count"
    )
    group.add_argument(
        "--join", type=Path, metavar="FILE", help="table with a row a run: sizes, batch, ..."
    )
    group.add_argument(
        "--rows",
        action="append",
        default=[],
        metavar="WHICH",
        help="last (of each run), all, or COLUMN=VALUE for one kind of rows",
    )
    group.add_argument(
        "--best-of",
        metavar="COLUMN",
        help="keep the lowest loss of runs that differ in this column alone, for example lr",
    )
    group.add_argument(
        "--drop",
        action="append",
        default=[],
        metavar="WHAT",
        help="rows to leave out: diverged, unfinished, or COLUMN=VALUE",
    )
    group.add_argument("--yes", action="store_true", help="take safe proposals without asking")


def read_from_options(
    options: argparse.Namespace, table: Path | None = None, *, interactive: bool | None = None
) -> OwnRuns:
    """Read the table that a command names, with its reading flags.

    Parameters
    ----------
    options
        Parsed arguments, those of `add_reading_options` among them.
    table
        File or folder; ``options.table`` when None.
    interactive
        Whether a person is asked; when None, when one sits at the terminal and ``--yes`` is absent.

    Raises
    ------
    ScalingStudiesError
        See `read_runs`.
    """
    if interactive is None:
        interactive = sys.stdin.isatty() and not options.yes
    drop: Sequence[str] = options.drop
    return read_runs(
        options.table if table is None else table,
        maps=options.map,
        unit=options.unit,
        metric=options.metric,
        params_convention=options.params_convention,
        join=options.join,
        rows=options.rows,
        best_of=options.best_of,
        drop=drop,
        yes=options.yes,
        ask=ask_at_terminal if interactive else None,
    )
