"""The card of a user's own runs: every law that their columns allow, ranked and planned."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from scaling_studies.cards.expand import DEFAULTS
from scaling_studies.cli.own_runs.columns import QUANTITIES, STATES, TARGETS, Choice
from scaling_studies.errors import TableError
from scaling_studies.runs.units import unit

#: Objective of every fit: laws are compared by what they say, not by how they are fitted.
OBJECTIVE = {"name": "huber_log", "delta": 1.0e-3}
#: Laws over size and data, and over one axis, with what they are called.
TWO_AXES = {
    "additive": "Additive law",
    "kaplan": "Kaplan's law",
    "overtrained": "Law of over-training",
}
ONE_AXIS = {"power": "Power law", "power_offset": "Power law with an offset"}
#: A broken power law has six parameters; fewer rows say nothing about a break.
ROWS_FOR_BROKEN = 20
#: Rows from which drawing rows is no worse than drawing residuals: four for each parameter.
ROWS_FOR_PAIRS = 20
#: Runs of different size that are needed: more than a power law with an offset has parameters.
FEWEST_SIZES = 4
AXIS_WORDS = {
    "flops_6nd": "training compute 6ND",
    "flops": "training compute",
    "tokens": "tokens",
    "params_total": "parameters",
    "params_non_embedding": "parameters without embeddings",
    "params_active": "active parameters",
}
#: What ends the name of a fit that no run is held out from.
ALL_RUNS = "_all_runs"
FIGURES = Path(__file__).with_name("figures.yaml")


@dataclass(frozen=True)
class Runs:
    """A table of runs, with what its columns are.

    Attributes
    ----------
    study, title, authors, year
        As in the card.
    file, sha256
        File of the table as the card names it, and its checksum.
    cells
        The table, as text.
    chosen
        What the columns are; every unit is known.
    size
        Run-table column of the sizes, for example ``params_total``.
    metric
        What was measured.
    held_out
        Share of the runs that fits predict and do not see.
    """

    study: str
    title: str
    authors: str
    year: int
    file: str
    sha256: str
    cells: pd.DataFrame
    chosen: Mapping[str, Choice]
    size: str
    metric: str
    held_out: float

    def column(self, what: str) -> pd.Series:
        """Cells of the column that is something."""
        return self.cells[self.chosen[what].column]

    @property
    def repeated(self) -> bool:
        """Whether a run has several rows."""
        return "run" in self.chosen and not self.column("run").is_unique

    @property
    def two_axes(self) -> bool:
        """Whether size and data are known, the latter perhaps from compute."""
        return "params" in self.chosen and bool({"tokens", "flops"} & set(self.chosen))

    @property
    def axes(self) -> dict[str, str]:
        """Axis (params, tokens, flops) -> column of the run table, of those that are known."""
        if self.two_axes:
            return {"params": self.size, "tokens": "tokens", "flops": "flops_6nd"}
        known = {"params": self.size, "tokens": "tokens", "flops": "flops"}
        return {axis: column for axis, column in known.items() if axis in self.chosen}

    @property
    def main(self) -> str:
        """Column of the run table along which runs are held out and one-axis laws fitted."""
        return next(self.axes[axis] for axis in ("flops", "tokens", "params") if axis in self.axes)


def draft(runs: Runs) -> dict[str, Any]:
    """Card of a table of runs.

    Raises
    ------
    TableError
        When too few runs are there to fit a law.
    """
    fits = _fits(runs, *_split(runs))
    plans = [name for name in fits if name.endswith(ALL_RUNS)]
    contenders = [name for name in fits if name not in (DEFAULTS, *plans)]
    return {
        "study": runs.study,
        "title": runs.title,
        "citation": {"authors": runs.authors, "year": runs.year, "title": runs.title},
        "question": "Which law predicts larger runs, and what does it say about the next one?",
        "notes": _notes(runs),
        "tables": {"runs": _table(runs)},
        "fits": fits,
        "ranking": {"fits": contenders, "by": runs.axes},
        **({"plan": {"fits": plans, "multiples": [1, 10, 100]}} if plans else {}),
        "figures": _figures(runs, {name: fits[name] for name in contenders}),
    }


def _table(runs: Runs) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for what, choice in runs.chosen.items():
        if what == "loss":
            continue
        cells = runs.column(what)
        item: dict[str, Any] = {"from": choice.column}
        if choice.unit is not None:
            item["unit"] = choice.unit
        if what == "status":
            item["values"] = {
                cell: STATES.get(cell.lower(), cell) for cell in cells.unique() if cell
            }
        if what not in ("run", "step") and (cells == "").any():
            item["optional"] = True
        columns[runs.size if what == "params" else TARGETS.get(what, what)] = item
    if runs.two_axes and "tokens" not in runs.chosen:
        columns["tokens"] = {"derive": "tokens_from_6nd"}
    loss = runs.chosen["loss"]
    measured: dict[str, Any] = {"metric": runs.metric, "unit": loss.unit, "from": loss.column}
    if (runs.column("loss") == "").any():
        # Trackers log the loss of validation less often than the step.
        measured["optional"] = True
    table: dict[str, Any] = {
        "file": runs.file,
        "sha256": runs.sha256,
        "provenance": "measured",
        "columns": columns,
        "measurements": [measured],
    }
    if runs.repeated:
        table["group"] = [runs.chosen["run"].column]
        if "step" not in runs.chosen:
            table["allow"] = {"duplicate_runs": True}
    return table


def _sizes(runs: Runs) -> pd.Series:
    """How large each row is along the main axis, in the run table's unit; NaN when not known."""

    def column(what: str) -> pd.Series:
        values = pd.to_numeric(runs.column(what), errors="coerce")
        found = unit(QUANTITIES[what], runs.chosen[what].unit or "")
        return pd.Series(found.convert(values.to_numpy(float))).replace(np.inf, np.nan)

    if runs.main == "flops_6nd" and "tokens" in runs.chosen:
        return 6.0 * column("params") * column("tokens")
    if runs.main in ("flops", "flops_6nd"):
        return column("flops")
    return column("tokens" if runs.main == "tokens" else "params")


def _split(runs: Runs) -> tuple[dict[str, Any], int]:
    """Conditions of the rows that are fitted, and how many rows there are of them."""
    usable = (runs.column("loss") != "").to_numpy()
    sizes = _sizes(runs)[usable]
    sizes = sizes[sizes > 0]
    names = runs.column("run")[sizes.index] if runs.repeated else sizes.index
    # A run is as large as its largest row.
    largest = sizes.groupby(names).max()
    steps = sorted(largest.unique())
    if len(steps) < FEWEST_SIZES:
        raise TableError(
            f"{len(steps)} runs of different {AXIS_WORDS[runs.main]} are too few to fit a law",
            fix=f"give at least {FEWEST_SIZES}, in rows where size and loss are filled",
            study=runs.study,
            table="runs",
        )
    held_out = min(max(1, round(runs.held_out * len(largest))), len(steps) - FEWEST_SIZES + 1)
    if runs.held_out <= 0:
        return {}, len(sizes)
    limit = steps[-held_out - 1]
    if runs.repeated:
        kept = sorted(largest.index[largest <= limit])
        return {"run_id": kept}, int(names.isin(kept).sum())
    # Half-way to the next size, so that rounding in the units cannot move a run across.
    limit = float(f"{(limit * steps[-held_out]) ** 0.5:.6g}")
    return {runs.main: {"max": limit}}, int((sizes <= limit).sum())


def _fits(runs: Runs, fitted: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """Fits of the card; what they have in common is said once."""
    what = AXIS_WORDS[runs.main]
    over_two, over_one = {"params": runs.size, "tokens": "tokens"}, {"x": runs.main}
    split = {"rows": dict(fitted), "held_out": "rest"} if fitted else {}
    fits: dict[str, Any] = {
        DEFAULTS: {
            "response": {"metric": runs.metric},
            "objective": OBJECTIVE,
            **split,
            "resample": _resampling(runs, rows),
        }
    }
    for law, words in TWO_AXES.items() if runs.two_axes else ():
        fits[law] = {"title": f"{words}, largest runs held out", "law": law, "axes": over_two}
    for law, words in ONE_AXIS.items():
        title = f"{words} in {what}, largest runs held out"
        fits[law] = {"title": title, "law": law, "axes": over_one}
    if rows >= ROWS_FOR_BROKEN and not runs.two_axes:
        fits["broken"] = {
            "title": f"Broken power law in {what}, largest runs held out",
            "law": "broken",
            "axes": over_one,
            "resample": {"kind": "none", "reason": "Its breaks move from resample to resample."},
        }
    for law, words in TWO_AXES.items() if runs.two_axes else ():
        fits[f"{law}{ALL_RUNS}"] = {
            "like": law,
            "title": f"{words}, all runs",
            # An empty value takes away what the other fits say.
            **dict.fromkeys(split),
            "resample": _resampling(runs, len(runs.cells)),
        }
    if runs.two_axes:
        fits[f"additive{ALL_RUNS}"]["headline"] = ["alpha", "beta", "a_opt"]
    else:
        fits["power_offset"]["headline"] = ["alpha"]
    return fits


def _resampling(runs: Runs, rows: int) -> dict[str, Any]:
    if runs.repeated:
        reason = "Rows of one run are not independent, so whole runs are drawn."
        return {"kind": "cluster", "reason": reason}
    if rows < ROWS_FOR_PAIRS:
        reason = "Too few runs to draw them with repetition, so residuals are drawn."
        return {"kind": "parametric", "reason": reason}
    return {"kind": "pairs", "reason": "Each row is a run of its own, so rows are drawn."}


def _notes(runs: Runs) -> list[str]:
    loss = runs.chosen["loss"]
    notes = [
        f"Sizes are taken from the column {runs.chosen['params'].column} as "
        f"{AXIS_WORDS[runs.size]}."
        if "params" in runs.chosen
        else "The table holds no sizes, so no law divides compute between size and data.",
        f"The response is the column {loss.column}, in {loss.unit}.",
    ]
    if runs.two_axes:
        notes.append("Compute is 6ND; exponents of other studies may count parameters otherwise.")
    if runs.repeated:
        notes.append(
            "All checkpoints are used. Before its learning rate has decayed, a checkpoint has a "
            "higher loss than a run that ends there; where that matters, keep the last ones alone."
        )
    return notes


def _figures(runs: Runs, fits: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of the card; `fits` are those that are ranked."""
    text = FIGURES.read_text(encoding="utf-8")
    drawn = yaml.safe_load(
        string.Template(text).substitute(what=AXIS_WORDS[runs.main], main=runs.main)
    )
    lines, residuals = drawn["all"]["along_main_axis"], drawn["all"]["residuals"]
    lines["fits"] = [name for name in ("power_offset", "power", "broken") if name in fits]
    lines["options"]["labels"] = {name: fits[name]["law"] for name in lines["fits"]}
    residuals["fits"] = [name for name in fits if name != "broken"]
    residuals["options"] = {
        "labels": {name: fits[name]["title"].split(",")[0] for name in residuals["fits"]},
        "against": list(runs.axes.values()),
    }
    if runs.two_axes:
        return drawn["two_axes"] | drawn["all"]
    return {"along_main_axis": {**lines, "key": True}, "residuals": residuals}
