"""How much data runs saw where no column says it: batch times steps, a corpus times epochs."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from scaling_studies.errors import one_line
from scaling_studies.reading.names import name_of, word_list
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions, mapped
from scaling_studies.reading.roles import Candidates
from scaling_studies.reading.scales import counted

#: A batch from which it is counted in tokens.
BATCH_OF_TOKENS = 1e4
#: A whole number of thousands.
_KIBI = re.compile(r"^\s*(\d{1,6})\s*[kK]$")


def of_a_corpus(
    kinds: Mapping[str, list[str]],
    candidates: Candidates,
    questions: Questions,
    *,
    repeated: bool,
) -> Role | None:
    """What runs saw where the tokens of all are one number and steps or epochs differ."""
    table = candidates.table
    columns = [column for some in kinds.values() for column in some]
    if any(table.varies(column) for column in columns):
        return None
    epochs = epochs_of(candidates)
    # Where sizes repeat, epochs may be those of a curve: what its rows are is asked later.
    if epochs is not None and table.varies(epochs) and not repeated:
        again = times([columns[0], epochs], candidates)
        answer = questions.decide(
            f"{one_line(columns[0], 40)} is one number in all rows, and {one_line(epochs, 40)} "
            "says that runs saw it more than once",
            {
                "data": mapped(f"tokens={again.column}"),
                "as it is": mapped(f"tokens={columns[0]}"),
            },
            place={"column": columns[0]},
        )
        return again if answer == "data" else None
    steps = [column for column in candidates.of("step") if table.varies(column)]
    if not steps:
        return None
    product = product_of(candidates, questions)
    if product is None and "step" not in candidates.said:
        questions.decide(
            f"{one_line(columns[0], 40)} is one number in all rows, and {one_line(steps[0], 40)} "
            "says that runs saw different data",
            {
                "data": f"{mapped(f'tokens={steps[0]}*524288')} with your tokens a step",
                "as it is": mapped(f"tokens={columns[0]}"),
            },
            place={"column": columns[0]},
        )
    return product


def product_of(candidates: Candidates, questions: Questions) -> Role | None:
    """Batch times length times steps, where the table has them."""
    table = candidates.table
    lengths, steps = candidates.of("length"), candidates.of("step")
    sequences = [
        column
        for column in candidates.of("samples", sure=False)
        if candidates.kind(column) == "sequences"
    ]
    if sequences and lengths:
        return times([sequences[0], lengths[0]], candidates)
    batches = {candidates.kind(column): column for column in reversed(candidates.of("batch"))}
    if sequences:
        return None
    if not batches or not steps:
        return _of_letters(candidates, questions)
    if (either := batches.pop("either", None)) is not None:
        large = float(np.nanmedian(table.numbers(either).floats)) >= BATCH_OF_TOKENS
        batches.setdefault("in_tokens" if large else "whole_batch", either)
    if "in_tokens" in batches:
        return times([batches["in_tokens"], steps[0]], candidates)
    if not lengths:
        return _batch_of_unknown(next(iter(batches.values())), steps[0], candidates, questions)
    if "whole_batch" in batches:
        return times([batches["whole_batch"], lengths[0], steps[0]], candidates)
    batch = batches["one_device"]
    more = [*candidates.of("accumulation")[:1]]
    per_device = "device" in batch or "micro" in batch or "local" in batch
    if per_device or not more:
        more += candidates.of("devices")[:1]
    parts = [batch, *more, lengths[0], steps[0]]
    known = len(more) == 2 if per_device else bool(more)
    if known:
        return times(parts, candidates)
    product = times(parts, candidates).column
    answer = questions.decide(
        f"no column holds the data that runs saw, and {one_line(batch, 40)} may be that of one "
        "device or of one of several accumulated batches",
        {
            "product": mapped(f"tokens={product}"),
            "product with your accumulation and devices": mapped(f"tokens={product}*8"),
            "none": "--map tokens=none",
        },
        proposal="product",
        place={"column": batch},
    )
    if answer == "none":
        return None
    return Role(product, why="a product")


def _of_letters(candidates: Candidates, questions: Questions) -> Role | None:
    """Steps times batch where single letters stand for them beside the sizes."""
    found = [
        next((c for c in candidates.of(role, sure=False) if candidates.kind(c) == "letter"), None)
        for role in ("batch", "step")
    ]
    if None in found:
        return None
    return _batch_of_unknown(str(found[0]), str(found[1]), candidates, questions)


def _batch_of_unknown(
    batch: str, steps: str, candidates: Candidates, questions: Questions
) -> Role | None:
    """Batch times steps, where the batch may count tokens or sequences of unknown length."""
    if not candidates.table.is_numeric(batch) or "step" in candidates.said:
        return None
    product = times([batch, steps], candidates).column
    answer = questions.decide(
        f"no column holds the data that runs saw, and {one_line(batch, 40)} times "
        f"{one_line(steps, 40)} may be it",
        {
            "product": f"{mapped(f'tokens={product}')} for a batch in tokens",
            "product with your length": f"{mapped(f'tokens={product}*2048')} with your length",
            "none": "--map tokens=none",
        },
        place={"column": batch},
    )
    if answer == "none":
        return None
    return Role(product if answer == "product" else f"{product}*2048", why="a product")


def epochs_of(candidates: Candidates) -> str | None:
    """Column of how often the data were seen."""
    table, known = candidates.table, word_list("columns", "epochs")
    for column in candidates.free:
        if {*name_of(column).names} & known and table.is_numeric(column):
            return column
    return None


def times(parts: list[str], candidates: Candidates) -> Role:
    """A product of columns, with the multiples that their headings and cells say."""
    return Role("*".join(_factor(part, candidates) for part in parts), why="a product")


def _factor(column: str, candidates: Candidates) -> str:
    numbers, cells = candidates.table.numbers(column), candidates.table.cells[column]
    if not numbers.suffixed.any():
        return counted(column, candidates.table)
    # A length or batch of 2k is 2,048: a power of two is counted in 1,024s.
    found = cells.str.extract(_KIBI)[0].dropna().astype(int)
    binary = len(found) == len(cells) and bool((found & (found - 1) == 0).all())
    return f"{column}*1.024" if binary and column not in candidates.of("step") else column
