"""The card of a user's own runs: every law that their columns allow, ranked and planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
import yaml

from scaling_studies.errors import TableError
from scaling_studies.reading.identify import identifiable, levels
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.roles import STATES

CARD = Path(__file__).with_name("card.yaml.jinja")
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
    "samples": "samples",
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
    frame
        Rows that are fitted, in base units; see `reading.OwnRuns`.
    read
        What was left out or made when the table was read, as sentences.
    """

    study: str
    title: str
    authors: str
    year: int
    file: str
    sha256: str
    cells: pd.DataFrame
    chosen: Mapping[str, Role]
    size: str
    metric: str
    held_out: float
    frame: pd.DataFrame
    read: tuple[str, ...] = ()

    def column(self, what: str) -> pd.Series:
        """Cells of the column that is something."""
        return self.cells[self.chosen[what].column]

    @property
    def repeated(self) -> bool:
        """Whether a run has several rows."""
        return "run" in self.frame and not self.frame["run"].is_unique

    @property
    def data(self) -> str | None:
        """Column of the data: tokens, samples, or None where they are not known."""
        return next((name for name in ("tokens", "samples") if name in self.frame), None)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why size and data cannot be told apart, where both are known."""
        if "params" not in self.frame or self.data is None:
            return ()
        found = identifiable(self.frame, "additive")
        return () if found else (f"{found.sentence} No law of size and data is fitted.",)

    @property
    def two_axes(self) -> bool:
        """Whether size and data are known and can be told apart."""
        return "params" in self.frame and self.data is not None and not self.problems

    @property
    def with_plan(self) -> bool:
        """Whether compute can be divided between size and data."""
        return self.two_axes and self.data == "tokens"

    @property
    def axes(self) -> dict[str, str]:
        """Axis (params, tokens, flops) -> column of the run table, of those that are known."""
        if self.two_axes:
            known = {"params": self.size, "tokens": str(self.data)}
            return known | ({"flops": "flops_6nd"} if self.data == "tokens" else {})
        if "params" in self.frame and "tokens" in self.frame:
            varying = {
                axis: column
                for axis, column in (("params", self.size), ("tokens", "tokens"))
                if levels(self.frame[axis].to_numpy(float)) >= FEWEST_SIZES
                and identifiable(self.frame, "power_offset", {"x": axis})
            }
            # Along one ratio, compute says where a run stands as well as size or data.
            return varying if len(varying) == 1 else {"flops": "flops_6nd"}
        columns = {"params": self.size, "tokens": str(self.data), "flops": "flops"}
        own = {"params": "params", "tokens": str(self.data), "flops": "flops"}
        return {axis: column for axis, column in columns.items() if own[axis] in self.frame}

    @property
    def main(self) -> str:
        """Column of the run table along which runs are held out and one-axis laws fitted."""
        return next(self.axes[axis] for axis in ("flops", "tokens", "params") if axis in self.axes)


def draft(runs: Runs) -> str:
    """Card of a table of runs, as YAML.

    Raises
    ------
    TableError
        When too few runs are there to fit a law, or none that their design can determine.
    """
    fitted, rows = _split(runs)
    _require_a_law(runs)
    environment = jinja2.Environment(
        trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["plain"] = _one_line
    return environment.from_string(CARD.read_text(encoding="utf-8")).render(
        runs=runs,
        words=AXIS_WORDS,
        columns=_columns(runs),
        measurement=_measurement(runs),
        fitted=fitted,
        broken=rows >= ROWS_FOR_BROKEN and not runs.two_axes,
        resample=_resampling(runs, rows),
        resample_all=_resampling(runs, len(runs.frame)),
    )


class _Dumper(yaml.SafeDumper):
    """Writes what is not plainly printed, line ends included, as escapes."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"'
    ),
)


def _one_line(value: Any) -> str:
    """A value as YAML on one line, good in any place of a card."""
    text = yaml.dump(
        [value],
        Dumper=_Dumper,
        default_flow_style=True,
        sort_keys=False,
        allow_unicode=True,
        width=float("inf"),
    )
    return text.strip()[1:-1]


def _columns(runs: Runs) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    targets = {"params": runs.size, "run": "run_id"}
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
        columns[targets.get(what, what)] = item
    if "tokens" in runs.frame and "tokens" not in runs.chosen:
        columns["tokens"] = {"derive": "tokens_from_6nd"}
    return columns


def _measurement(runs: Runs) -> dict[str, Any]:
    loss = runs.chosen["loss"]
    # Trackers log the loss of validation less often than the step.
    optional = {"optional": True} if (runs.column("loss") == "").any() else {}
    return {"metric": runs.metric, "unit": loss.unit, "from": loss.column, **optional}


def _sizes(runs: Runs) -> pd.Series:
    """How large each row is along the main axis, in the run table's unit."""
    frame = runs.frame
    if runs.main == "flops_6nd":
        return 6.0 * frame["params"] * frame["tokens"]
    return frame["params" if runs.main.startswith("params") else runs.main]


def _split(runs: Runs) -> tuple[dict[str, Any] | None, int]:
    """Conditions of the rows that are fitted, None for all, and how many rows that are.

    Runs are counted, and those of one size stay together: the largest sizes are held out, as many
    as come nearest to the share that was asked for.
    """
    sizes = _sizes(runs)
    names = runs.frame["run"] if runs.repeated else pd.Series(sizes.index, sizes.index)
    # A run is as large as its largest row.
    largest = sizes.groupby(names).max().sort_values()
    steps = np.unique(largest.to_numpy())
    if len(steps) < FEWEST_SIZES:
        raise TableError(
            f"{len(steps)} runs of different {AXIS_WORDS[runs.main]} are too few to fit a law",
            fix=f"give at least {FEWEST_SIZES}, in rows where size and loss are filled",
            study=runs.study,
            table="runs",
        )
    if runs.held_out <= 0:
        return None, len(sizes)
    cuts = range(FEWEST_SIZES - 1, len(steps))
    shares = [float((largest >= steps[cut]).mean()) for cut in cuts]
    cut = min(cuts, key=lambda each: abs(shares[each - cuts.start] - runs.held_out))
    if runs.repeated:
        kept = sorted(largest.index[largest < steps[cut]])
        return {"run_id": kept}, int(names.isin(kept).sum())
    # Half-way to the next size, so that rounding in the units cannot move a run across.
    limit = float(f"{(steps[cut - 1] * steps[cut]) ** 0.5:.6g}")
    return {runs.main: {"max": limit}}, int((sizes <= limit).sum())


def _require_a_law(runs: Runs) -> None:
    """Refuse runs that determine no law, as `fit` does, before anything is fitted."""
    if runs.two_axes:
        return
    frame = runs.frame.assign(x=_sizes(runs))
    main = "flops" if runs.main.startswith("flops") else runs.main
    main = "params" if main.startswith("params") else main
    found = identifiable(frame.assign(**{main: frame["x"]}), "power_offset", {"x": main})
    if not found:
        raise TableError(
            f"no law can be fitted to these runs: {found.sentence[:1].lower()}"
            f"{found.sentence[1:].rstrip('.')}",
            fix="add runs of other sizes or amounts of data",
            study=runs.study,
            table="runs",
        )


def _resampling(runs: Runs, rows: int) -> dict[str, Any]:
    if runs.repeated:
        reason = "Rows of one run are not independent, so whole runs are drawn."
        return {"kind": "cluster", "reason": reason}
    if rows < ROWS_FOR_PAIRS:
        reason = "Too few runs to draw them with repetition, so residuals are drawn."
        return {"kind": "parametric", "reason": reason}
    return {"kind": "pairs", "reason": "Each row is a run of its own, so rows are drawn."}
