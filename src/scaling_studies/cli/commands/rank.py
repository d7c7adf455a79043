"""``scaling-studies rank``."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "laws by how well they predict larger runs from smaller ones"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    # Only once the command is called.
    from scaling_studies.cli.answering import add_answer_options

    parser.add_argument("table", type=Path, help="table of runs in any form, or a folder")
    parser.add_argument(
        "--law",
        dest="laws",
        action="append",
        metavar="NAME",
        help="law to rank, once for each; all that the runs allow when absent",
    )
    parser.add_argument(
        "--by",
        choices=("flops", "tokens", "samples", "params"),
        help="axis along which runs grow (compute where it is known)",
    )
    add_answer_options(parser, tables="several")


def run(options: argparse.Namespace) -> int:
    """Answer."""
    # Only once the command is called.
    from scaling_studies.answers.rank import rank_runs
    from scaling_studies.cli.answering import give, runs_of

    return give(rank_runs(runs_of(options), options.laws, by=options.by), options)
