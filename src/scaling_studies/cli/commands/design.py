"""``scaling-studies design``."""

from __future__ import annotations

import argparse

HELP = "which runs to do next: those that narrow an answer most, within a budget"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    # Only once the command is called.
    from scaling_studies.cli.answering import add_answer_options, amount

    add_answer_options(parser)
    parser.add_argument(
        "--budget", type=amount, required=True, metavar="C", help="FLOP for all new runs together"
    )
    parser.add_argument(
        "--for",
        dest="target",
        choices=("optimum", "loss"),
        default="optimum",
        help="what is to be known: compute-optimal size (optimum) or lowest loss (loss)",
    )
    parser.add_argument(
        "--at-flops", type=amount, metavar="C", help="compute it is wanted at (10 times the budget)"
    )
    parser.add_argument(
        "--max-params", type=amount, metavar="N", help="largest size that can be trained"
    )


def run(options: argparse.Namespace) -> int:
    """Answer."""
    # Only once the command is called.
    from scaling_studies.answers.design import design_runs
    from scaling_studies.cli.answering import give, runs_of

    return give(
        design_runs(
            runs_of(options),
            options.budget,
            options.target,
            at_flops=options.at_flops,
            max_params=options.max_params,
        ),
        options,
    )
