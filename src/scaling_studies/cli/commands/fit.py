"""``scaling-studies fit``."""

from __future__ import annotations

import argparse

HELP = "fit scaling laws to a table of runs: constants with intervals, evidence, warnings"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    # Only once the command is called.
    from scaling_studies.cli.answering import add_answer_options

    add_answer_options(parser)


def run(options: argparse.Namespace) -> int:
    """Answer."""
    # Only once the command is called.
    from scaling_studies.answers.fit import fit_runs
    from scaling_studies.cli.answering import give, runs_of

    return give(fit_runs(runs_of(options), options.law), options)
