"""Whether the title of a figure holds on what was built, and the numbers its claim may name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from scaling_studies.cards import placeholders
from scaling_studies.cards.expressions import holds
from scaling_studies.engine.uncertainty.distance import BINS
from scaling_studies.errors import CardError
from scaling_studies.verdicts.counts import tally, tally_of_laws

PLAN = re.compile(
    r"(?P<purpose>serving|over_trained)_(?P<amount>\d+e\d+)_(?P<column>[a-z_]+)"
    r"_(?P<which>least|median|most)_at_(?P<flops>\d+e\d+)"
)
#: Of choices: ``most_lowest_a_opt`` of the fit that was varied most, or the median over all fits.
CHOICE = re.compile(r"(?P<most>most_)?(?P<column>\w+?)_(?P<quantity>a_opt|tokens_per_parameter)")
Number = Callable[[str, str, str | None], float | None]


def claim_holds(statement: str, number: Number, error: Callable[[str, str], CardError]) -> bool:
    """Whether a statement about numbers of artefacts is true."""
    expression, known = placeholders.with_values(statement, number, error)
    return holds(expression, known)


def number_of_points(points: pd.DataFrame | None, quantity: str) -> float | None:
    """A number that sums up the rows of a fit; None for another name or without such rows.

    ``share_above``: share of the fitted rows that lie above the law; ``residual_median``: median of
    predicted over observed less one of the fitted rows; ``held_out_mean``, ``held_out_worst``: mean
    and largest size of it among the rows that were not fitted.
    """
    if points is None or "relative_residual" not in points:
        return None
    role = "held_out" if quantity.startswith("held_out") else "fit"
    errors = points.loc[points["role"] == role, "relative_residual"].to_numpy(dtype=float)
    errors = errors[np.isfinite(errors)]
    sums: Mapping[str, Callable[[np.ndarray], float]] = {
        "share_above": lambda values: float(np.mean(values < 0)),
        "residual_median": lambda values: float(np.median(values)),
        "held_out_mean": lambda values: float(np.mean(np.abs(values))),
        "held_out_worst": lambda values: float(np.max(np.abs(values))),
    }
    return sums[quantity](errors) if quantity in sums and len(errors) else None


#: What texts call the laws of the table of allocations: those of size and data, and those of the
#: best size alone, which give no loss.
ALLOCATIONS = ("allocation", "best_sizes")


def allocations(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of the table of allocations that belong to a name of `ALLOCATIONS`."""
    return frame[frame["loss_opt"].isna() == (name == ALLOCATIONS[1])]


def number_of_allocation(frame: pd.DataFrame, quantity: str) -> float | None:
    """Smallest and largest of a column over the laws at a compute, and their ratio.

    ``params_opt_least_at_1e20``, ``tokens_per_parameter_most_at_1e24``,
    ``params_opt_spread_at_1e26``; None for another name.
    """
    name, _, compute = quantity.rpartition("_at_")
    column, _, which = name.rpartition("_")
    if column not in frame or which not in ("least", "most", "spread"):
        return None
    try:
        flops = float(compute)
    except ValueError:
        return None
    if frame.empty:
        # No law of this run divides compute: a claim on such laws does not hold.
        return math.nan
    values = frame.loc[np.isclose(frame["flops"], flops, rtol=1e-6), column].dropna()
    if values.empty:
        return None
    least, most = float(values.min()), float(values.max())
    found = {"least": least, "most": most, "spread": most / least if least else math.inf}
    return found[which]


def number_of_plans(frame: pd.DataFrame, name: str) -> float | None:
    """A number of the plans of all laws at a budget; None for another name.

    ``serving_1e13_size_median_at_1e22``: purpose, amount, column, which (``least``, ``median`` or
    ``most``) and budget; not-a-number where no law has such a plan.
    """
    found = PLAN.fullmatch(name)
    if found is None or found["column"] not in frame:
        return None
    amount, flops = float(found["amount"]), float(found["flops"])
    wanted = (frame["purpose"] == found["purpose"]) & np.isclose(frame["amount"], amount)
    values = frame.loc[wanted & np.isclose(frame["asked"], flops), found["column"]]
    ends = {"least": values.min(), "median": values.median(), "most": values.max()}
    return float(ends[found["which"]])


#: What names of claims call the groups of `comparisons.agreement`.
SHORT = {
    "published": "as published",
    "output": "with the output layer",
    "bare": "without embeddings",
}


def number_of_agreement(frame: pd.DataFrame, name: str) -> float | None:
    """A number of a table over all studies, not-a-number without rows; None for another name.

    ``a_opt_output_i2``, ``a_opt_bare_mean``, ``a_opt_published_tau``: quantity, group, column of
    the table. Of ladders: ``largest``, the furthest that one step moves a number. Of laws on other
    runs: ``others``, ``own``, the median error on other and on own runs. Of parabolas:
    ``exponent``, the furthest that one reads wrongly. Of replicates: ``least``, ``most``, the
    floors that seeds leave. Of the map of runs: ``studies``, and ``reach_1e22``, those that have a
    run of that compute 6ND. Of the board of forecasts: ``least_near``, ``least_far``, the least
    median error of a ranked law in the nearest and in the farthest bin. Of choices: see `CHOICE`;
    ``choices_width`` and ``sampling_width`` are columns too.
    """
    if "distance_bin" in frame:
        bins = {"least_near": BINS[0], "least_far": BINS[-1]}
        ranked = frame[frame["rank"].notna() & (frame["distance_bin"] == bins.get(name))]
        return float(ranked["median_error"].min()) if name in bins else None
    if "largest_choice" in frame:
        return _number_of_choices(frame, name)
    if "topic" in frame:
        return _number_of_map(frame, name)
    if "floor" in frame:
        floors = frame.loc[frame["kind"] == "seeds", "floor"]
        ends = {"least": floors.min(), "most": floors.max()}
        return float(ends[name]) if name in ends else None
    if "read_exponent" in frame:
        rows = frame[(frame["surface"] == "own surface") & (frame["grid"] == "as run")]
        return _largest(rows["read_exponent"] - rows["exponent"]) if name == "exponent" else None
    if "own_error" in frame:
        errors = {"others": frame.loc[~frame["same_runs"], "error"], "own": frame["own_error"]}
        return float(errors[name].median()) if name in errors else None
    if "before" in frame:
        return _largest(frame["value"] - frame["before"]) if name == "largest" else None
    for short, group in SHORT.items():
        quantity, found, column = name.partition(f"_{short}_")
        if found and column in frame:
            own = (frame["quantity"] == quantity) & (frame["counted_as"] == group)
            # Not a number where a run has no such group: its claim does not hold.
            return float(frame.loc[own, column].sum(min_count=1)) if own.sum() < 2 else None
    return None


def _number_of_map(frame: pd.DataFrame, name: str) -> float | None:
    what, _, flops = name.partition("_")
    if name != "studies" and not (what == "reach" and re.fullmatch(r"\d+e\d+", flops)):
        return None
    # Budgets are met but for rounding.
    least = 0.0 if name == "studies" else float(flops) * (1 - 1e-6)
    reached = frame[6.0 * frame["params"] * frame["tokens"] >= least]
    return float(reached["study"].nunique()) if len(frame) else math.nan


def _number_of_choices(frame: pd.DataFrame, name: str) -> float | None:
    for which in ("choices", "sampling"):
        frame = frame.assign(**{f"{which}_width": frame[f"{which}_high"] - frame[f"{which}_low"]})
    found = CHOICE.fullmatch(name)
    if found is None or found["column"] not in frame.select_dtypes("number"):
        return None
    rows = most_varied(frame, found["quantity"])
    return float(rows[found["column"]].iloc[: 1 if found["most"] else None].median())


def most_varied(choices: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Rows of a summary of choices on a quantity with an interval, most combinations first."""
    rows = choices[(choices["quantity"] == quantity) & choices["inside"].notna()]
    return rows.sort_values("usable", ascending=False, kind="stable")


def _largest(moves: pd.Series) -> float:
    return float(moves.abs().max())


def count_of_table(frame: pd.DataFrame, table: str, what: str) -> float | None:
    """Count refits and arithmetic among verdicts on numbers, or laws by verdict."""
    rows = [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
    return (tally(rows) if table == "verdicts" else tally_of_laws(rows)).get(what)
