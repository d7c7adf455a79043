"""``scaling-studies allocate``."""

from __future__ import annotations

import argparse

HELP = "divide compute between size and data: for a budget, hours, a loss, or tokens to be served"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    # Only once the command is called.
    from scaling_studies.answers.allocate import UTILISATION
    from scaling_studies.cli.answering import add_answer_options, amount
    from scaling_studies.engine.allocation.accelerators import PEAKS

    add_answer_options(parser)
    budget = parser.add_argument_group("the budget, one of")
    budget.add_argument("--flops", type=amount, metavar="C", help="training compute in FLOP")
    budget.add_argument("--gpu-hours", type=amount, metavar="H", help="hours on --gpu")
    budget.add_argument("--loss", type=amount, metavar="L", help="loss to be reached")
    parser.add_argument("--gpu", help=f"accelerator: {', '.join(PEAKS)}")
    parser.add_argument(
        "--utilisation",
        type=amount,
        default=UTILISATION,
        help=f"share of its peak that training reaches ({UTILISATION:g})",
    )
    parser.add_argument(
        "--inference-tokens",
        type=amount,
        metavar="T",
        help="tokens to be served: the model that is cheapest over its lifetime",
    )


def run(options: argparse.Namespace) -> int:
    """Answer."""
    # Only once the command is called.
    from scaling_studies.answers.allocate import allocate
    from scaling_studies.cli.answering import give, runs_of

    return give(
        allocate(
            runs_of(options),
            flops=options.flops,
            gpu_hours=options.gpu_hours,
            gpu=options.gpu,
            utilisation=options.utilisation,
            loss=options.loss,
            inference_tokens=options.inference_tokens,
            law=options.law,
        ),
        options,
    )
