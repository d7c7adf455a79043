"""Arguments of ``scaling-studies``, its commands by name, and its one line on errors."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from scaling_studies import registry
from scaling_studies.errors import MustBeSaid, ScalingStudiesError, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

# Before numpy is imported: threads of its matrices, all of them small, cost more than they give.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

PROGRAM = "scaling-studies"
#: Commands about cards and tables, in which a problem is a finding.
OF_CARDS = ("check", "new")


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line each, with the words that print all flags."""

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with status 2."""
        print(
            f"Error: {one_line(message, 400)}. Fix: {self.prog} --help lists them",
            file=sys.stderr,
        )
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        Words after the program's name; those of the process when None.

    Returns
    -------
    int
        Exit status: 0 when there is an answer, 1 when a card or table has a problem, 2 when
        something must be said or mended first, 130 when interrupted.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser(given).parse_args(given)
    try:
        status: int = registry.load("commands", options.command).run(options)
        return status
    except ScalingStudiesError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1 if options.command in OF_CARDS and not isinstance(error, MustBeSaid) else 2
    except BrokenPipeError:
        # The reader of a pipe has left; nothing more can be said to anyone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; nothing was written.", file=sys.stderr)
        return 130


def version() -> str:
    """Version of the installed package."""
    # Reading it costs more than a mistyped word.
    from importlib.metadata import version as installed

    return f"{PROGRAM} {installed(PROGRAM)}"


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> None:
        print(version())
        parser.exit()


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog=PROGRAM,
        description="Scaling laws of runs: fit, predict, plan, compare; and studies of them.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and leave")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name in registry.names("commands"):
        command = registry.load("commands", name)
        own = commands.add_parser(name, help=command.HELP, description=command.HELP)
        # The flags of a command may need what takes longer to load than a mistyped word.
        if name in given:
            command.add_options(own)
    return parser


if __name__ == "__main__":
    sys.exit(main())
