"""``scaling-studies compare``."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "compute that one recipe needs next to another for the same loss"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    # Only once the command is called.
    from scaling_studies.cli.answering import add_answer_options

    parser.add_argument(
        "tables", type=Path, nargs="+", metavar="table", help="tables of runs, one a recipe"
    )
    parser.add_argument(
        "--assume-same-shape", action="store_true", help="go on where curves differ in shape"
    )
    add_answer_options(parser, tables="several")


def run(options: argparse.Namespace) -> int:
    """Answer."""
    # Only once the command is called.
    from scaling_studies.answers.compare import compare_runs
    from scaling_studies.cli.answering import give, runs_of

    tables = [runs_of(options, path) for path in options.tables]
    return give(compare_runs(tables, assume_same_shape=options.assume_same_shape), options)
