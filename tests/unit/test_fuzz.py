"""Cards, tables and JSON lines of any bytes: taken, or refused in a line within two seconds.

FUZZ_SECONDS says how long each of them is tried (10 when unset); FUZZ_SEED where it begins (0).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from malformed import CARD, ODD_VALUES, PATHS, STUDY, TABLE

from scaling_studies.cards import load
from scaling_studies.cards.models.table import TableEntry
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.reading import read_runs
from scaling_studies.runs.normalize import normalize_file

pytestmark = pytest.mark.slow
SECONDS = float(os.environ.get("FUZZ_SECONDS", "10"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
SLOWEST = 2.0
ENTRY = CARD["tables"]["points"]

SIGNS = st.sampled_from(
    [
        *(
            "\0",
            "\x1b[2J",
            "\u202e",
            "\ud800",
            "{",
            "}",
            "{9}",
            "$10^{9}$",
            "*",
            "&a",
            "<<",
            "!!int",
        ),
        *(
            ",",
            ";",
            "\t",
            "\r",
            '"',
            "'",
            "#",
            "%",
            "-",
            ":",
            "?",
            "|",
            "[",
            "1e999",
            "nan",
            "=1+1",
        ),
        "9" * 500,
    ]
)
NUMBERS = st.floats() | st.integers() | st.sampled_from([10**400, 1e-320, 1e308, -0.0, 7 * 10**8])
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=8) | SIGNS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4) | SIGNS, inner, max_size=4)
    ),
    max_leaves=12,
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=4) | SIGNS), max_size=4
)


def edited(data: bytes, edits: list[tuple[float, int, bytes | str]]) -> bytes:
    """Bytes with others in place of some."""
    for share, length, other in edits:
        place = int(share * len(data))
        new = other.encode("utf-8", "surrogatepass") if isinstance(other, str) else other
        data = data[:place] + new + data[place + length :]
    return data


def laid(card: dict, path: tuple, value: object) -> None:
    """Put a value at a place of a card, where that is still there."""
    place = card
    for key in path[:-1]:
        try:
            place = place[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(place, dict) or (isinstance(place, list) and path[-1] in range(len(place))):
        place[path[-1]] = value


@st.composite
def cards(draw: st.DrawFn) -> bytes:
    card = json.loads(json.dumps(CARD))
    for path in draw(st.lists(st.sampled_from(PATHS), max_size=4)):
        laid(card, path, draw(VALUES | st.sampled_from(ODD_VALUES)))
    data = yaml.safe_dump(card, allow_unicode=draw(st.booleans()))
    return edited(data.encode("utf-8", "surrogatepass"), draw(EDITS))


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    rows = [line.split(",") for line in TABLE.splitlines()]
    for row, column, cell in draw(
        st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), SCALARS), max_size=5)
    ):
        rows[row][column] = str(cell)
    data = "\n".join(",".join(cells) for cells in rows)
    return edited(data.encode("utf-8", "surrogatepass"), draw(EDITS))


@st.composite
def json_lines(draw: st.DrawFn) -> bytes:
    names, *rows = (line.split(",") for line in TABLE.splitlines())
    records: list[object] = [dict(zip(names, row, strict=True)) for row in rows]
    for place in draw(st.lists(st.integers(0, 7), max_size=4)):
        records[place] = draw(VALUES)
    for record in records:
        if isinstance(record, dict) and draw(st.booleans()):
            record[draw(st.sampled_from(names))] = draw(VALUES)
    lines = (json.dumps(record, ensure_ascii=draw(st.booleans())) for record in records)
    return edited("\n".join(lines).encode("utf-8", "surrogatepass"), draw(EDITS))


def load_card(folder: Path, data: bytes) -> None:
    path = folder / f"{STUDY}.yaml"
    path.write_bytes(data)
    for problem in load.card_problems(path):
        raise problem


def normalise(folder: Path, data: bytes, ending: str) -> None:
    (folder / f"points.{ending}").write_bytes(data)
    entry = TableEntry.model_validate(ENTRY | {"file": f"points.{ending}"})
    out = folder / "out" / f"{STUDY}.parquet"
    normalize_file(study=STUDY, tables={"points": entry}, data_dir=folder, out=out)


def read_own(folder: Path, data: bytes, ending: str) -> None:
    path = folder / f"own.{ending}"
    path.write_bytes(data)
    read_runs(path, yes=True, unit="nats_per_token")


KINDS: dict[str, tuple[st.SearchStrategy[bytes], Callable[[Path, bytes], None]]] = {
    "cards": (cards(), load_card),
    "tables": (tables(), lambda folder, data: normalise(folder, data, "csv")),
    "JSON lines": (json_lines(), lambda folder, data: normalise(folder, data, "jsonl")),
    "own tables": (tables(), lambda folder, data: read_own(folder, data, "csv")),
    "own JSON lines": (json_lines(), lambda folder, data: read_own(folder, data, "jsonl")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_any_bytes_are_taken_or_refused_in_a_line(kind, tmp_path, capsys):
    strategy, use = KINDS[kind]
    counts = {"taken": 0, "refused": 0}
    slowest = 0.0

    def check(data: bytes) -> None:
        nonlocal slowest
        begin = time.process_time()
        try:
            use(tmp_path, data)
        except ScalingStudiesError as error:
            line = str(error)
            assert line.isprintable() and "Fix: " in line and len(line) < 5000
            counts["refused"] += 1
        else:
            counts["taken"] += 1
        slowest = max(slowest, time.process_time() - begin)

    # What is imported late is not counted.
    check(yaml.safe_dump(CARD).encode() if kind == "cards" else TABLE.encode())
    slowest, end, number = 0.0, time.monotonic() + SECONDS, SEED
    while time.monotonic() < end:
        number += 1
        seed(number)(
            settings(
                max_examples=100,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            )(given(strategy)(check))
        )()
    with capsys.disabled():
        print(f"\n{kind}: {counts}, {number - SEED} rounds, slowest {slowest:.2f} s of CPU")
    assert counts["refused"] and slowest < SLOWEST
