"""``scaling-studies new``."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write the card of a study from a table of runs"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    # Only once the command is called.
    from scaling_studies.cli.settings import add_folder_options
    from scaling_studies.reading import add_reading_options

    parser.add_argument(
        "table", type=Path, help="table of runs in any form, or a folder with a file a run"
    )
    parser.add_argument("--study", help="id of the study; made of the file's name when absent")
    parser.add_argument("--title", help="title on pages and in figures")
    parser.add_argument("--authors", default="Unpublished", help="whose runs these are")
    parser.add_argument("--year", type=_year, help="year of the runs; this year when absent")
    parser.add_argument(
        "--held-out",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="share of the runs, the largest, that fits predict and do not see (0.2)",
    )
    parser.add_argument("--force", action="store_true", help="replace a card of that name")
    add_reading_options(parser)
    add_folder_options(parser)


def _year(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) == 4 and 1900 <= int(text) <= 2100:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text[:40]!r} is no year from 1900 to 2100")


def run(options: argparse.Namespace) -> int:
    """Write the card and return 0."""
    # Only once the command is called.
    from scaling_studies.cli.new import new
    from scaling_studies.cli.settings import folders

    return new(options, folders(options))
