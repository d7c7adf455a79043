"""What to type so that a column counts, of those whose values allow it."""

from __future__ import annotations

import numpy as np

from scaling_studies.reading.guesses import guess, is_other_metric, smells_of_data
from scaling_studies.reading.labels import sizes_in_names
from scaling_studies.reading.names import name_of
from scaling_studies.reading.questions import mapped
from scaling_studies.reading.roles import Candidates
from scaling_studies.reading.scales import PLAIN_FROM
from scaling_studies.reading.table import Table
from scaling_studies.reading.units import in_base_units

#: Most tokens that a run has seen, and what a typical loss is.
MOST_TOKENS, LOSSES = 1e15, (0.2, 14.0)


def what_smells(
    candidates: Candidates, used: set[str], rows: np.ndarray, params: np.ndarray | None = None
) -> list[str]:
    """Columns that may say how much data runs saw, that vary over rows and are not used.

    What would be compute of too few tokens for the sizes of those rows is the speed of a device.
    """
    table = candidates.table
    found = []
    for column in candidates.free:
        if column in used or not smells_of_data(name_of(column)) or not table.is_numeric(column):
            continue
        values = table.numbers(column).floats[rows]
        finite = values[np.isfinite(values)]
        if (
            len(finite)
            and finite.max() > finite.min()
            and not _is_speed(column, candidates, values, params)
        ):
            found.append(column)
    return found


def how_to_say(column: str, candidates: Candidates) -> str:
    """What to type so that a column counts as data or compute."""
    words, found = name_of(column).words, candidates.guesses.get(column)
    if found is not None and found.kind == "sequences":
        as_samples = mapped(f"samples={column}")
        return f"{mapped(f'tokens={column}:sequences_of_2048')} with your length, or {as_samples}"
    if (found is not None and found.role == "flops") or "compute" in words:
        unit = name_of(column).unit
        return mapped(f"flops={column}{f':{unit}' if unit else ''}")
    if "macs" in words or "mac" in words:
        return mapped(f"flops={column}*2")
    if "hours" in words or "gpuh" in words:
        return f"{mapped(f'flops={column}*7e17')} with your FLOP an hour"
    if "epoch" in words or "epochs" in words:
        return f"{mapped(f'samples={column}*50000')} with your samples an epoch"
    if found is not None and found.role in ("step", "batch"):
        return f"{mapped(f'tokens={column}*524288')} with your tokens a step"
    return mapped(f"samples={column}" if "samples" in words else f"tokens={column}")


def _is_speed(
    column: str, candidates: Candidates, values: np.ndarray, params: np.ndarray | None
) -> bool:
    found = candidates.guesses.get(column)
    if found is None or found.kind != "speed" or params is None:
        return False
    with np.errstate(all="ignore"):
        compute = in_base_units("flops", name_of(column).unit, values)
        return float(np.nanmax(compute / (6.0 * params**2))) < 1.0


def where_sizes_stand(candidates: Candidates, used: set[str]) -> list[str]:
    """What to type so that sizes are known: columns of counts, and names that hold them."""
    table = candidates.table
    found = [column for column in candidates.of("params", sure=False)]
    for column in candidates.free:
        if column in used or column in found:
            continue
        name = name_of(column)
        if not table.is_numeric(column):
            if sizes_in_names(table.cells[column]) is not None:
                found.append(column)
        elif guess(name) or is_other_metric(name) or smells_of_data(name):
            continue
        elif _middle(table.numbers(column).floats) >= PLAIN_FROM["params"]:
            found.append(column)
    return [mapped(f"params={column}") for column in found[:2]]


def where_data_stand(candidates: Candidates, used: set[str]) -> list[str]:
    """What to type so that the data is known: columns of large counts without a meaning."""
    table = candidates.table
    found = []
    for column in candidates.free:
        name = name_of(column)
        if column in used or guess(name) or is_other_metric(name) or not table.is_numeric(column):
            continue
        middle = _middle(table.numbers(column).floats)
        if middle >= PLAIN_FROM["tokens"] and table.varies(column):
            # No run has seen as many tokens as the smallest budgets of compute count FLOP.
            found.append(mapped(f"{'flops' if middle > MOST_TOKENS else 'tokens'}={column}"))
    return found[:2]


def where_the_loss_stands(table: Table) -> list[str]:
    """What to type so that the loss is known: columns of numbers as losses are."""
    found = []
    for column in table.columns:
        name = name_of(column)
        if guess(name) or is_other_metric(name) or not table.is_numeric(column):
            continue
        values = table.numbers(column).floats
        values = values[np.isfinite(values)]
        fractions = bool((values != np.round(values)).any())
        if fractions and LOSSES[0] <= float(np.median(values)) <= LOSSES[1]:
            found.append(mapped(f"loss={column}"))
    return found[:3]


def sizes_and_data(candidates: Candidates, used: set[str]) -> list[str]:
    """What to type where two columns of large counts have no meaning: sizes are the smaller."""
    table = candidates.table
    middles = {
        column: _middle(table.numbers(column).floats)
        for column in candidates.free
        if column not in used and table.is_numeric(column) and table.varies(column)
        and not (guess(name_of(column)) or is_other_metric(name_of(column)))
    }  # fmt: skip
    counts = sorted(middles, key=middles.__getitem__)
    counts = [column for column in counts if middles[column] >= PLAIN_FROM["params"]]
    if len(counts) != 2 or not PLAIN_FROM["tokens"] <= middles[counts[1]] <= MOST_TOKENS:
        return []
    return [mapped(f"params={counts[0]}"), mapped(f"tokens={counts[1]}")]


def _middle(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else 0.0
