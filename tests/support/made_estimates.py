"""Estimates of made-up studies, and ladders of one: every number is a word of the test."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scaling_studies.choices.summary import answers
from scaling_studies.comparisons.agreement import compare_estimates
from scaling_studies.comparisons.estimates import FLAGS, NUMBERS, WORDS


def estimate(
    study: str, value: float, error: float | None = 0.02, **changes: Any
) -> dict[str, Any]:
    """One refitted exponent of best size with its interval."""
    half = float("nan") if error is None else 1.96 * error
    row = {
        "study": study,
        "fit": "main",
        "law": "additive",
        "quantity": "a_opt",
        "source": "refit",
        "params_count": "total",
        "flops_count": "6ND_total",
        "loss_unit": "nats_per_token",
        "schedule": "matched",
        "dataset": "web",
        "runs": f"{study}/main",
        "value": value,
        "low": value - half,
        "high": value + half,
        "level": 0.95,
        "standard_error": float("nan") if error is None else error,
        "n": 100,
        "headline": True,
        "allocates": True,
    }
    return row | changes


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """Estimates as a table."""
    return pd.DataFrame(rows, columns=[*WORDS, *NUMBERS, "n", *FLAGS])


def agreement_tables() -> dict[str, pd.DataFrame]:
    """Tables of agreement of four studies, and one ladder of two steps."""
    rows = [
        estimate(name, value) for name, value in zip("abcd", (0.5, 0.48, 0.6, 0.7), strict=True)
    ]
    rows += [
        estimate(name, 0.8 + 0.03 * place, params_count="non_embedding", fit="bare")
        for place, name in enumerate("abc")
    ]
    members, groups = compare_estimates(frame(*rows))
    nan = float("nan")
    rungs = [
        ("start", "", 0.8, nan),
        ("step", "one change", 0.6, 0.8),
        ("last", "another", 0.5, 0.6),
    ]
    ladder = pd.DataFrame(
        {
            "study": "a",
            "ladder": "start",
            "fit": [fit for fit, *_ in rungs],
            "quantity": "a_opt",
            "change": [change for _, change, *_ in rungs],
            "source": "refit",
            "before_fit": ["", "start", "step"],
            "place": range(3),
            "value": [value for *_, value, _ in rungs],
            "low": 0.4,
            "high": 0.9,
            "before": [before for *_, before in rungs],
        }
    )
    tables = {"estimates": members, "agreement": groups, "ladders": ladder}
    return tables | {
        "cross_predictions": cross_predictions(),
        "parabolas": parabolas(),
        "noise_floor": replicates(),
        "run_map": places(),
        "board": board(),
        "choices": choices(),
        "universes": answers(made_universes()),
    }


def made_universes() -> pd.DataFrame:
    """Combinations of two objectives, a choice of rows and another estimator, and what is printed.

    One of them is not usable.
    """
    objectives = ("huber_log(delta=0.001)", "squared_log")
    rows = ("every", "at least 20 tokens per parameter", "without the group of budget 10²⁰ FLOP")
    made = [("minimisation", objective, some) for objective in objectives for some in rows]
    made += [("Approach 2, 2 budgets a decade", "", "every"), ("published", "", "every")]
    table = pd.DataFrame(made, columns=["estimator", "objective", "rows"])
    size = range(len(table))
    return table.assign(
        study="a",
        fit="start",
        outliers="as the card",
        size="as the card",
        exponents="as the card",
        constants=["as given" if name == "published" else "" for name in table["estimator"]],
        published_fit=["printed" if name == "published" else "" for name in table["estimator"]],
        at_flops=1e24,
        as_the_card=[place == 0 for place in size],
        usable=[place != 1 for place in size],
        a_opt=[0.5 - 0.02 * place for place in size],
        tokens_per_parameter=[20.0 * 2.0**place for place in size],
    )


def choices() -> pd.DataFrame:
    """What choices do to the made fit, and to another one without an interval."""
    row = {"study": "a", "fit": "start", "law": "additive", "universes": 7, "usable": 6}
    row |= {"largest_choice": "rows", "inside": 0.6, "at_flops": 1e24}
    exponent = {"estimate": 0.5, "sampling_low": 0.45, "sampling_high": 0.55}
    exponent |= {"choices_low": 0.38, "choices_high": 0.5, "lowest": 0.38, "highest": 0.5}
    ratio = {"estimate": 20.0, "sampling_low": 15.0, "sampling_high": 40.0}
    ratio |= {"choices_low": 20.0, "choices_high": 1280.0, "lowest": 20.0, "highest": 1280.0}
    open_ends = dict.fromkeys(("sampling_low", "sampling_high", "inside"), float("nan"))
    return pd.DataFrame(
        [
            row | exponent | {"quantity": "a_opt"},
            row | ratio | {"quantity": "tokens_per_parameter"},
            row | exponent | open_ends | {"quantity": "a_opt", "fit": "other", "usable": 0},
        ]
    )


def board() -> pd.DataFrame:
    """Errors of forecasts by distance: a law, all of them, a naive peer, and a law without rank."""
    errors = {
        ("additive", 2.0): (0.01, 0.03, 0.05, 0.12),
        ("stacked", 1.0): (0.02, 0.02, 0.04, 0.08),
        ("last two sizes", 3.0): (0.03, 0.05, 0.1, 0.2),
        ("power", float("nan")): (0.001, 0.002, 0.003, 0.004),
    }
    bins = ("1 to 3", "3 to 10", "10 to 100", "over 100", "all")
    rows = [
        {"law": law, "distance_bin": place, "n": 50, "median_error": error, "rank": rank}
        for (law, rank), found in errors.items()
        for place, error in zip(bins, (*found, 0.0001), strict=True)
    ]
    return pd.DataFrame(rows)


def places() -> pd.DataFrame:
    """Where three studies have runs: one of them up to 6 x 10^22 FLOP, one along a line only."""
    runs = {
        ("a", "pre_training"): [(1e8, 2e9), (1e9, 2e10), (1e10, 1e12)],
        ("b", "pre_training"): [(1e7, 1e9), (1e8, 1e10)],
        ("c", ""): [(3e7, 2e11)],
    }
    rows = [
        {"study": study, "topic": topic, "params": size, "tokens": data, "runs": 1}
        for (study, topic), found in runs.items()
        for size, data in found
    ]
    return pd.DataFrame(rows)


def replicates() -> pd.DataFrame:
    """Scatter of seeds of two configurations, of a repeated run, and of two of one seed."""
    nan = float("nan")
    scatters = {"seeds": (0.002, 0.004), "repeats": (0.001, nan), "same seed": (0.01,)}
    rows = [
        {
            "study": "a",
            "table": "runs",
            "fits": "main",
            "kind": kind,
            "runs": f"{kind}-1, {kind}-2",
            "eval_set": "held_back_text",
            "unit": "nats_per_token",
            "params": 1.2e8,
            "tokens": 1e9,
            "mean": 3.0,
            "scatter": scatter,
            "low": 0.5 * scatter,
            "high": 3.0 * scatter,
            "floor": 0.6745 * scatter,
            "n": 4,
            "left_out": 0,
        }
        for kind, values in scatters.items()
        for scatter in values
    ]
    return pd.DataFrame(rows)


def cross_predictions() -> pd.DataFrame:
    """Errors of two laws on the runs of two studies."""
    errors = {("a", "a"): 0.004, ("a", "b"): 0.012, ("b", "a"): 0.009, ("b", "b"): 0.005}
    rows = [
        {
            "study": law,
            "fit": "main",
            "of_study": runs,
            "of_fit": "main",
            "shift": 0.1,
            "error": error,
            "own_error": errors[runs, runs],
            "spread": 0.08,
            "inside": 0.5,
            "same_runs": law == runs,
            "n": 30,
        }
        for (law, runs), error in errors.items()
    ]
    return pd.DataFrame(rows)


def parabolas() -> pd.DataFrame:
    """Approach 2 replayed over the runs of one study, and of one that has no budgets."""
    known = {"study": "a", "fit": "main", "failure": "", "flops": 1e20, "n": 30, "exponent": 0.5}
    read = {
        ("own surface", "as run"): 0.46,
        ("own surface", "centred"): 0.5,
        ("symmetric surface", "as run"): 0.48,
        ("symmetric surface", "centred"): 0.5,
    }
    rows = [
        known
        | {"surface": surface, "grid": grid, "read_exponent": value}
        | {"size": 1e9, "read_size": 1.1e9, "shift": 0.0953}
        for (surface, grid), value in read.items()
    ]
    without = {"study": "b", "fit": "main", "failure": "no budgets", "surface": "own surface"}
    return pd.DataFrame([*rows, without | {"grid": "as run", "n": 5}])
