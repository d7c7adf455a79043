"""Arguments of ``scaling-studies`` and its one line on errors."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_studies.errors import CardError, MustBeSaid, ScalingStudiesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaling_studies.cards.models.config import Config


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        Words after the program's name; those of the process when None.

    Returns
    -------
    int
        Exit status: 0, 1 when there is a problem, 2 when something must be said first, 130 when
        interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        settings = folders(options)
        if options.command == "new":
            # Commands are imported when called: what they need takes longer than a mistyped word.
            from scaling_studies.cli.new import new

            return new(options, settings)
        # As above.
        from scaling_studies.cli.check import check

        return check(options.studies, settings)
    except ScalingStudiesError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2 if isinstance(error, MustBeSaid) else 1
    except BrokenPipeError:
        # The reader of a pipe has left; nothing more can be said to anyone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; nothing was written.", file=sys.stderr)
        return 130


def folders(options: argparse.Namespace) -> Config:
    """Settings of the workflow, with the folders that the command line names.

    Raises
    ------
    CardError
        When the configuration is not there or not valid.
    """
    # As the commands themselves.
    from scaling_studies.cards import load

    given = {
        name: str(value)
        for name, value in (("cards", options.cards), ("data", options.data))
        if value is not None
    }
    if options.config is None and len(given) == 2:
        return load.load_config(given)
    path = options.config or Path("config/config.yaml")
    if not path.is_file():
        raise CardError(
            f"there is no {path}",
            fix="call this in the project's folder, or name --config, or --cards and --data",
        )
    return load.load_config((load.read_yaml(path) or {}) | given)


def _parser() -> argparse.ArgumentParser:
    # As the commands themselves.
    from scaling_studies.reading import add_reading_options

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", type=Path, help="settings (config/config.yaml)")
    shared.add_argument("--cards", type=Path, help="folder of the cards, instead of the settings'")
    shared.add_argument("--data", type=Path, help="folder of the tables, instead of the settings'")
    parser = argparse.ArgumentParser(
        prog="scaling-studies",
        description="Write a study card for a table of runs, and check cards and tables.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    new = commands.add_parser(
        "new", parents=[shared], help="write the card of a study from a table of runs"
    )
    new.add_argument(
        "table",
        type=Path,
        help="CSV, Parquet or JSON-lines file, or a folder with one CSV file a run",
    )
    new.add_argument("--study", help="id of the study; made of the file's name when absent")
    new.add_argument("--title", help="title on pages and in figures")
    new.add_argument("--authors", default="Unpublished", help="whose runs these are")
    new.add_argument("--year", type=int, help="year of the runs; this year when absent")
    new.add_argument(
        "--held-out",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="share of the runs, the largest, that fits predict and do not see (0.2)",
    )
    new.add_argument("--force", action="store_true", help="replace a card of that name")
    add_reading_options(new)
    check = commands.add_parser(
        "check", parents=[shared], help="check cards and tables without running anything"
    )
    check.add_argument("studies", nargs="*", help="ids of studies; all when absent")
    return parser


if __name__ == "__main__":
    sys.exit(main())
