"""``scaling-studies predict``."""

from __future__ import annotations

import argparse

HELP = "predict the loss of a run, with the interval of the law and that of a new run"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    # Only once the command is called.
    from scaling_studies.cli.answering import add_answer_options, amount

    add_answer_options(parser)
    run_of = parser.add_argument_group("the run")
    run_of.add_argument("--params", type=amount, metavar="N", help="parameters, for example 7e9")
    run_of.add_argument(
        "--tokens", "--samples", type=amount, metavar="D", help="tokens or samples, as 2e12"
    )
    run_of.add_argument("--flops", type=amount, metavar="C", help="training compute in FLOP")


def run(options: argparse.Namespace) -> int:
    """Answer."""
    # Only once the command is called.
    from scaling_studies.answers.predict import predict
    from scaling_studies.cli.answering import give, runs_of

    return give(
        predict(
            runs_of(options),
            options.params,
            options.tokens,
            flops=options.flops,
            law=options.law,
        ),
        options,
    )
