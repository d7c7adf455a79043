"""The card of a user's own runs: every law that their columns allow, ranked and planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scaling_studies.cli.columns import STATES, TARGETS, Choice, numbers
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
AXIS_WORDS = {
    "flops_6nd": "training compute 6ND",
    "flops": "training compute",
    "tokens": "tokens",
    "params_total": "parameters",
    "params_non_embedding": "parameters without embeddings",
    "params_active": "active parameters",
}


@dataclass(frozen=True)
class Runs:
    """A table of runs, with what its columns are.

    Attributes
    ----------
    study, title, authors, year
        As in the card.
    file, sha256
        File of the table as the card names it, and its checksum.
    columns
        Column -> cells as text.
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
    columns: Mapping[str, list[str]]
    chosen: Mapping[str, Choice]
    size: str
    metric: str
    held_out: float

    @property
    def repeated(self) -> bool:
        """Whether a run has several rows."""
        if "run" not in self.chosen:
            return False
        runs = self.columns[self.chosen["run"].column]
        return len(set(runs)) < len(runs)

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
    fitted, held_out = _split(runs)
    fits = _fits(runs, fitted, held_out)
    contenders = [name for name in fits if not name.endswith("_all_runs")]
    plans = [name for name in fits if name.endswith("_all_runs")]
    card: dict[str, Any] = {
        "study": runs.study,
        "title": runs.title,
        "citation": {"authors": runs.authors, "year": runs.year, "title": runs.title},
        "question": "Which law predicts larger runs, and what does it say about the next one?",
        "notes": _notes(runs),
        "tables": {"runs": _table(runs)},
        "fits": fits,
        "ranking": {"fits": contenders, "by": runs.axes},
    }
    if plans:
        card["plan"] = {"fits": plans, "multiples": [1, 10, 100]}
    card["figures"] = _figures(runs, fits)
    return card


def _table(runs: Runs) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for what, choice in runs.chosen.items():
        if what == "loss":
            continue
        target = runs.size if what == "params" else TARGETS.get(what, what)
        item: dict[str, Any] = {"from": choice.column}
        if choice.unit is not None:
            item["unit"] = choice.unit
        if what == "status":
            cells = dict.fromkeys(cell for cell in runs.columns[choice.column] if cell)
            item["values"] = {cell: STATES.get(cell.lower(), cell) for cell in cells}
        if any(cell == "" for cell in runs.columns[choice.column]) and what not in ("run", "step"):
            item["optional"] = True
        columns[target] = item
    if runs.two_axes and "tokens" not in runs.chosen:
        columns["tokens"] = {"derive": "tokens_from_6nd"}
    loss = runs.chosen["loss"]
    measured: dict[str, Any] = {"metric": runs.metric, "unit": loss.unit, "from": loss.column}
    if any(cell == "" for cell in runs.columns[loss.column]):
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


def _sizes(runs: Runs) -> list[float]:
    """How large each row is along the main axis, in the run table's unit; zero when not known."""

    def column(what: str) -> list[float]:
        choice = runs.chosen[what]
        found = unit({"params": "params", "tokens": "tokens", "flops": "flops"}[what], choice.unit)
        values = []
        for cell in runs.columns[choice.column]:
            value = numbers([cell])
            values.append(value[0] * found.factor / found.divisor if value else 0.0)
        return values

    if runs.main == "flops_6nd" and "tokens" in runs.chosen:
        pairs = zip(column("params"), column("tokens"), strict=True)
        return [6.0 * params * tokens for params, tokens in pairs]
    if runs.main in ("flops", "flops_6nd"):
        return column("flops")
    return column("tokens" if runs.main == "tokens" else "params")


def _split(runs: Runs) -> tuple[dict[str, Any], int]:
    """Conditions of the rows that are fitted, and how many rows there are of them."""
    sizes = _sizes(runs)
    losses = runs.columns[runs.chosen["loss"].column]
    usable = [row for row, cell in enumerate(losses) if cell != "" and sizes[row] > 0]
    place = {"study": runs.study, "table": "runs"}
    if runs.repeated:
        names = runs.columns[runs.chosen["run"].column]
        largest: dict[str, float] = {}
        for row in usable:
            largest[names[row]] = max(largest.get(names[row], 0.0), sizes[row])
        units, count = sorted(set(largest.values())), len(largest)
    else:
        units, count = sorted({sizes[row] for row in usable}), len(usable)
    if len(units) < MOST_PARAMETERS:
        raise TableError(
            f"{len(units)} runs of different {AXIS_WORDS[runs.main]} are too few to fit a law",
            fix=f"give at least {MOST_PARAMETERS}, in rows where size and loss are filled",
            **place,
        )
    spared = min(max(1, round(runs.held_out * count)), len(units) - MOST_PARAMETERS + 1)
    if runs.held_out <= 0 or spared < 1:
        return {}, len(usable)
    limit = units[-spared - 1]
    if runs.repeated:
        kept = sorted(name for name, size in largest.items() if size <= limit)
        rows = sum(names[row] in set(kept) for row in usable)
        return {"run_id": kept}, rows
    # Half-way to the next size, so that rounding in the units cannot move a run across.
    limit = (limit * units[-spared]) ** 0.5
    return {runs.main: {"max": float(f"{limit:.6g}")}}, sum(sizes[row] <= limit for row in usable)


#: Runs of different size that are needed: more than a power law with an offset has parameters.
MOST_PARAMETERS = 4


def _fits(runs: Runs, fitted: Mapping[str, Any], rows: int) -> dict[str, Any]:
    response = {"metric": runs.metric}
    axes = {"params": runs.size, "tokens": "tokens"}
    common: dict[str, Any] = {"response": response, "objective": OBJECTIVE}
    split = {"rows": {"where": dict(fitted)}, "held_out": "rest"} if fitted else {}
    fits: dict[str, Any] = {}
    unit_text = AXIS_WORDS[runs.main]
    if runs.two_axes:
        for law, words in TWO_AXES.items():
            fits[law] = {
                "title": f"{words}, largest runs held out",
                "law": law,
                **common,
                "axes": axes,
                **split,
                "resample": _resampling(runs, rows),
            }
    for law, words in ONE_AXIS.items():
        fits[law] = {
            "title": f"{words} in {unit_text}, largest runs held out",
            "law": law,
            **common,
            "axes": {"x": runs.main},
            **split,
            "resample": _resampling(runs, rows),
        }
    if rows >= ROWS_FOR_BROKEN and not runs.two_axes:
        fits["broken"] = {
            "title": f"Broken power law in {unit_text}, largest runs held out",
            "law": "broken",
            **common,
            "axes": {"x": runs.main},
            **split,
            "resample": {"kind": "none", "reason": "Its breaks move from resample to resample."},
        }
    if runs.two_axes:
        total = len(runs.columns[runs.chosen["loss"].column])
        for law, words in TWO_AXES.items():
            fits[f"{law}_all_runs"] = {
                "title": f"{words}, all runs",
                "law": law,
                **common,
                "axes": axes,
                "resample": _resampling(runs, total),
            }
        fits["additive_all_runs"]["headline"] = ["alpha", "beta", "a_opt"]
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
    return {"kind": "pairs"}


#: Rows from which drawing rows is no worse than drawing residuals: four for each parameter.
ROWS_FOR_PAIRS = 20


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
    contenders = [name for name in fits if not name.endswith("_all_runs") and name != "broken"]
    labels = {name: fits[name]["title"].split(",")[0] for name in contenders}
    what = AXIS_WORDS[runs.main]
    one_axis = [name for name in ("power_offset", "power", "broken") if name in fits]
    figures: dict[str, Any] = {}
    if runs.two_axes:
        figures["loss_surface"] = {
            "kind": "loss_surface",
            "key": True,
            "title": "The additive law through all runs: α = {additive_all_runs.alpha:.2f}, "
            "β = {additive_all_runs.beta:.2f}",
            "subtitle": "Loss over size and data, {additive_all_runs.n:d} rows",
            "caption": "Contours of equal loss under the additive law fitted to all runs.",
            "alt": "Runs over parameters and tokens on logarithmic axes, with contours of equal "
            "loss under the additive law and its residuals.",
            "fits": ["additive_all_runs"],
            "options": {"labels": {"additive_all_runs": "additive law"}},
        }
        figures["optimal_params"] = {
            "kind": "optimal_params",
            "title": "Compute-optimal size under the laws fitted to these runs",
            "subtitle": "N* over training compute C = 6ND, with 95 % bands",
            "caption": "Compute-optimal parameters under the laws fitted to all runs; lighter "
            "where compute lies outside that of the runs.",
            "alt": "Compute-optimal parameters over training compute on logarithmic axes, one "
            "line a law with its band.",
            "fits": ["additive_all_runs", "overtrained_all_runs", "kaplan_all_runs"],
            "options": {"labels": {f"{law}_all_runs": words for law, words in TWO_AXES.items()}},
        }
    figures["along_main_axis"] = {
        "kind": "lines",
        "title": f"Loss over {what}, with the largest runs held out",
        "subtitle": "Fitted rows, held-out rows (crosses) and one-axis laws with 95 % bands",
        "caption": "The largest runs were held out: the laws saw none of them.",
        "alt": f"Loss over {what} on logarithmic axes with power laws and their bands; held-out "
        "runs are crosses.",
        "fits": one_axis,
        "options": {"x": runs.main, "labels": {name: fits[name]["law"] for name in one_axis}},
    }
    if not runs.two_axes:
        figures["along_main_axis"]["key"] = True
    figures["residuals"] = {
        "kind": "residuals",
        "title": "What each law leaves unexplained",
        "subtitle": "Relative residuals (predicted/observed − 1) in per cent",
        "caption": "Residuals of fitted rows, and of held-out rows as crosses.",
        "alt": "Relative residuals of each law against the size of the runs.",
        "fits": contenders,
        "options": {"labels": labels, "against": list(runs.axes.values())},
    }
    return figures
