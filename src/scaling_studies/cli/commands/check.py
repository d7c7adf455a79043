"""``scaling-studies check``."""

from __future__ import annotations

import argparse

HELP = "check cards and tables without running anything"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    # Only once the command is called.
    from scaling_studies.cli.settings import add_folder_options

    parser.add_argument("studies", nargs="*", help="ids of studies; all when absent")
    add_folder_options(parser)


def run(options: argparse.Namespace) -> int:
    """Check, and return 1 when there is a problem."""
    # Only once the command is called.
    from scaling_studies.cli.check import check
    from scaling_studies.cli.settings import folders

    return check(options.studies, folders(options))
