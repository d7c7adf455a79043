"""What to type so that a column counts, of those whose values allow it."""

from __future__ import annotations

import numpy as np

from scaling_studies.reading.guesses import guess, is_other_metric, smells_of_data
from scaling_studies.reading.labels import data_in_names, sizes_in_names
from scaling_studies.reading.losses import RATES
from scaling_studies.reading.names import name_of, word_list
from scaling_studies.reading.numbers import FLOP
from scaling_studies.reading.questions import mapped
from scaling_studies.reading.roles import Candidates
from scaling_studies.reading.scales import PLAIN_FROM, counted
from scaling_studies.reading.table import Table
from scaling_studies.reading.units import in_base_units

#: Bytes of a unit; a token of English text has about four.
BYTES = {"bytes": 1.0, "byte": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
         "mib": 2.0**20, "gib": 2.0**30, "tib": 2.0**40}  # fmt: skip
#: Times that devices were used -> FLOP in them at a usual speed, and how it is called.
DEVICE_TIMES = {"hours": ("7e17", "an hour"), "hour": ("7e17", "an hour"), "h": ("7e17", "an hour"),
                "hrs": ("7e17", "an hour"), "gpuh": ("7e17", "an hour"),
                "days": ("1.7e19", "a day"), "day": ("1.7e19", "a day")}  # fmt: skip
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
    if found is not None and found.role == "multiple" and (params := _sizes(candidates)):
        return f"{mapped(f'tokens={params}*{column}*20')} with your tokens for each parameter"
    if byte := BYTES.keys() & {*words}:
        tokens = BYTES[byte.pop()] / 4.0
        return f"{mapped(f'tokens={column}*{tokens:.15g}')} with your tokens for that many bytes"
    if found is not None and found.kind == "sequences":
        as_samples = mapped(f"samples={column}")
        return f"{mapped(f'tokens={column}:sequences_of_2048')} with your length, or {as_samples}"
    if {*words} == {"hours"}:
        return f"{mapped(f'samples={column}')}, if they are of data"
    unit = name_of(column).unit
    if {"hours", "hour", "h"} & {*words} and unit and unit.endswith("FLOP"):
        return mapped(f"flops={column}*{3600.0 * FLOP[unit[:-4].lower()]:g}")
    if "flops" not in words and (time := DEVICE_TIMES.keys() & {*words}):
        flop, said = DEVICE_TIMES[time.pop()]
        return f"{mapped(f'flops={column}*{flop}')} with your FLOP {said}"
    if (found is not None and found.role == "flops") or "compute" in words:
        middle = _middle(candidates.table.numbers(column).floats)
        if unit is None and set("([") & {*column} and middle < PLAIN_FROM["flops"]:
            return f"{mapped(f'flops={column}*1e18')} with the FLOP of its unit"
        return mapped(f"flops={column}{f':{unit}' if unit else ''}")
    if "macs" in words or "mac" in words:
        return mapped(f"flops={column}*2")
    if {"gmacs", "gmac"} & {*words}:
        return mapped(f"flops={column}:GMAC")
    if "epoch" in words or "epochs" in words:
        return f"{mapped(f'samples={column}*50000')} with your samples an epoch"
    if found is not None and found.role == "step" and not found.sure:
        seen = mapped(f"tokens={counted(column, candidates.table)}*524288")
        return f"{mapped(f'samples={column}')}, or {seen}"
    if found is not None and found.role in ("step", "batch"):
        seen = mapped(f"tokens={counted(column, candidates.table)}*524288")
        return f"{seen} with your tokens a step"
    return mapped(f"samples={column}" if "samples" in words else f"tokens={column}")


def _sizes(candidates: Candidates) -> str | None:
    """Column of the sizes, as it was said or by its name."""
    said = candidates.said.get("params")
    return said.column if said else next(iter(candidates.of("params")), None)


def _is_speed(
    column: str, candidates: Candidates, values: np.ndarray, params: np.ndarray | None
) -> bool:
    found = candidates.guesses.get(column)
    if found is None or found.kind != "speed" or params is None:
        return False
    with np.errstate(all="ignore"):
        compute = in_base_units("flops", name_of(column).unit, values)
        return float(np.nanmax(compute / (6.0 * params**2))) < 1.0


def letters(candidates: Candidates) -> list[str]:
    """What to type so that a single letter counts for what it usually stands for."""
    return [
        mapped(f"{what}={column}")
        for what in ("params", "tokens", "flops")
        for column in candidates.of(what, sure=False)
        if candidates.kind(column) == "letter" and candidates.table.varies(column)
    ]


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
    said = [mapped(f"params={column}") for column in found[:2]]
    return said or _sizes_of_shapes(table)


def _sizes_of_shapes(table: Table) -> list[str]:
    """What to type where layers and width of transformers stand: parameters without embeddings."""
    shape = [
        next(
            (
                column
                for column in table.columns
                if {*name_of(column).names} & word_list("columns", key) and table.is_numeric(column)
            ),
            None,
        )
        for key in ("depth", "width")
    ]
    if None in shape:
        return []
    depth, width = shape
    flag = mapped(f"params=12*{depth}*{width}*{width}")
    return [f"{flag} --params-convention non_embedding for transformers of the usual shape"]


def where_data_stand(candidates: Candidates, used: set[str]) -> list[str]:
    """What to type so that the data is known: columns of large counts without a meaning."""
    table = candidates.table
    found = []
    for column in table.columns:
        name = name_of(column)
        if data_in_names(table.cells[column]) is not None:
            found.append(mapped(f"tokens={column}"))
        if column in used or column not in candidates.free or guess(name) or is_other_metric(name):
            continue
        if not table.is_numeric(column):
            continue
        middle = _middle(table.numbers(column).floats)
        if middle >= PLAIN_FROM["tokens"] and table.varies(column):
            # No run has seen as many tokens as the smallest budgets of compute count FLOP.
            found.append(mapped(f"{'flops' if middle > MOST_TOKENS else 'tokens'}={column}"))
    return found[:2]


def where_compute_stands(candidates: Candidates, used: set[str]) -> list[str]:
    """What to type so that compute is known: columns called so, in a unit that is not known."""
    table = candidates.table
    found = []
    for column in candidates.free:
        words = {*name_of(column).words}
        called = "compute" in words or ("flops" in words and DEVICE_TIMES.keys() & words)
        if column not in used and called and table.is_numeric(column) and table.varies(column):
            found.append(how_to_say(column, candidates))
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
        if (values < 0).all() and "likelihood" in name.full.replace("logl", "log_l"):
            column, values = f"{column}*-1", -values
        fractions = bool((values != np.round(values)).any())
        rate = bool(RATES & {*name.words}) and float(np.max(values, initial=0.0)) <= 100.0
        if rate or (fractions and LOSSES[0] <= float(np.median(values)) <= LOSSES[1]):
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
    if any(candidates.of(what, sure=False) for what in ("tokens", "flops")):
        return []
    if len(counts) != 2 or not PLAIN_FROM["tokens"] <= middles[counts[1]] <= MOST_TOKENS:
        return []
    return [mapped(f"params={counts[0]}"), mapped(f"tokens={counts[1]}")]


def _middle(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else 0.0
