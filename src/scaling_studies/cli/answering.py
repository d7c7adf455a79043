"""What the commands that answer a question share: their flags, and how an answer is given."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from scaling_studies.answers.answer import Answer
from scaling_studies.artefacts.files import write_bytes
from scaling_studies.errors import one_line
from scaling_studies.reading import OwnRuns, add_reading_options, read_from_options

SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
#: Amounts that a command takes.
SMALLEST, LARGEST = 1e-6, 1e40
AMOUNT = re.compile(r"([0-9.]+(?:e[+-]?[0-9]+)?)\s*([kmbt]?)", re.IGNORECASE)
POWER = re.compile(r"(?:([0-9.]+)\s*[x×*]\s*)?10\^([+-]?[0-9]+)")


def amount(text: str) -> float:
    """A number as people write it: ``7e9``, ``7B``, ``1.5T``, ``10^22``, ``3x10^21``, ``1,000``.

    Examples
    --------
    >>> amount("7B"), amount("10^22"), amount("2e12"), amount("1,000")
    (7000000000.0, 1e+22, 2000000000000.0, 1000.0)
    """
    plain = text.strip().replace("_", "").replace(",", "")
    value = None
    try:
        if found := POWER.fullmatch(plain):
            value = float(f"{found[1] or 1}e{found[2]}")
        elif found := AMOUNT.fullmatch(plain):
            value = float(found[1]) * SUFFIXES[found[2].lower()]
    except ValueError:
        pass
    if value is None:
        shown = one_line(text, 40)
        raise argparse.ArgumentTypeError(f"{shown!r} is no number; write it as 7e9, 7B or 10^22")
    if not SMALLEST <= value <= LARGEST:
        raise argparse.ArgumentTypeError(
            f"{one_line(text, 40)!r} is out of range; give a number from {SMALLEST:g} to "
            f"{LARGEST:g}"
        )
    return value


def add_answer_options(parser: argparse.ArgumentParser, *, tables: str = "table") -> None:
    """Add table, law, form of the answer, and the reading flags."""
    if tables == "table":
        parser.add_argument("table", type=Path, help="table of runs in any form, or a folder")
        parser.add_argument(
            "--law", metavar="NAME", help="law to use, for example additive (chinchilla), power"
        )
    form = parser.add_argument_group("form of the answer")
    form.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    form.add_argument("--html", type=Path, metavar="FILE", help="write a page that needs nothing")
    add_reading_options(parser)


def runs_of(options: argparse.Namespace, table: Path | None = None) -> OwnRuns:
    """Runs that a command is about; programs that read JSON are never asked anything."""
    return read_from_options(options, table, interactive=False if options.json else None)


def give(answer: Answer, options: argparse.Namespace) -> int:
    """Print an answer in the form that was asked for, and write its page."""
    if options.html is not None:
        write_bytes(options.html, answer.html().encode(), checksum=False)
        print(f"Written: {options.html}", file=sys.stderr)
    if options.json:
        for line in answer.notes:
            print(line, file=sys.stderr)
        print(json.dumps(answer.to_json(), ensure_ascii=False, allow_nan=False))
    else:
        print(answer.text())
    return 0
