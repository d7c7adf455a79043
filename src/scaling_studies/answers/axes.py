"""Which laws runs allow, and the columns that each of them reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from scaling_studies import words
from scaling_studies.engine.allocation.allocate import FLOPS_PER_PARAMETER_TOKEN
from scaling_studies.errors import FitError, one_line
from scaling_studies.laws import get_law
from scaling_studies.models.law import Law
from scaling_studies.reading import OwnRuns, read_runs
from scaling_studies.reading.contradictions import APART
from scaling_studies.reading.identify import identifiable
from scaling_studies.reading.questions import mapped
from scaling_studies.reading.units import in_base_units

#: Laws that are tried when none is named, of size and data and of one axis.
TWO_AXES, ONE_AXIS = ("additive", "kaplan", "overtrained"), ("power", "power_offset")
#: Share by which compute of the runs may differ from 6ND before an answer says that it does.
SAME_COMPUTE = 0.1
#: What the horizontal axis of a one-axis law is, the surest first.
MAIN = ("flops", "tokens", "samples", "params")
WORDS = {
    "flops": "training compute C in FLOP",
    "tokens": "training tokens D",
    "samples": "training samples D",
    "params": "parameters N",
}


def as_runs(runs: Any, **reading: Any) -> OwnRuns:
    """Runs from a path or a frame, read as `reading.read_runs` does, or as they are."""
    return runs if isinstance(runs, OwnRuns) else read_runs(runs, **reading)


def tokens_of_samples(own: OwnRuns) -> str:
    """What to type so that samples count as tokens; 256 stands for those of a sample."""
    role = own.roles["samples"]
    factor = 256.0 * float(in_base_units("samples", role.unit, np.array([1.0]))[0])
    return f"{mapped(f'tokens={role.column}*{factor:.15g}')} with your tokens a sample"


@dataclass(frozen=True)
class Axes:
    """Columns of runs by the names that laws use.

    Parameters
    ----------
    runs
        The runs.
    """

    runs: OwnRuns

    @cached_property
    def columns(self) -> dict[str, np.ndarray]:
        """Of params, tokens, samples, flops and loss what is known, compute being 6ND."""
        frame = self.runs.frame
        known = {
            name: frame[name].to_numpy(dtype=float)
            for name in (*MAIN, "loss")
            if name in frame.columns
        }
        if "params" in known and "tokens" in known:
            known["flops"] = FLOPS_PER_PARAMETER_TOKEN * known["params"] * known["tokens"]
        elif "params" in known and "flops" in known and "samples" not in known:
            known["tokens"] = known["flops"] / (FLOPS_PER_PARAMETER_TOKEN * known["params"])
        return known

    @property
    def of_compute(self) -> tuple[str, ...]:
        """That compute is 6ND, where a column of the table counts it otherwise; else nothing."""
        frame = self.runs.frame
        if not {"params", "tokens", "flops"} <= set(frame.columns):
            return ()
        ratio = frame["flops"].to_numpy(float) / self.columns["flops"]
        ratio = ratio[np.isfinite(ratio)]
        if not len(ratio) or (np.abs(np.log(ratio)) <= np.log1p(SAME_COMPUTE)).all():
            return ()
        column = one_line(self.runs.roles["flops"].column, 60)
        given, middle = words.span(list(ratio), 2), words.rough(float(np.median(ratio)))
        text = f"Compute in answers is 6ND; column {column!r} gives {given} times that"
        if middle == "1" or ratio.max() > APART * ratio.min():
            return (f"{text}, so no one factor turns a budget that is counted as there into 6ND.",)
        return (f"{text}. Divide a budget that is counted as there by {middle}.",)

    @property
    def data(self) -> str | None:
        """What the data of a law of size and data are: tokens, samples, or None without any."""
        return next((name for name in ("tokens", "samples") if name in self.columns), None)

    @property
    def two(self) -> bool:
        """Whether size and data are known."""
        return "params" in self.columns and self.data is not None

    @property
    def main(self) -> str:
        """Axis of laws that have one: compute where it is known."""
        return next(name for name in MAIN if name in self.columns)

    def table(self, law: Law) -> dict[str, np.ndarray]:
        """Columns of a law, and the loss.

        Raises
        ------
        FitError
            The runs lack an axis of the law; names the laws that can be fitted.
        """
        return {**self.at(law, self.columns), "loss": self.columns["loss"]}

    def at(self, law: Law, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Axes of a law from sizes, data and compute."""
        offered = dict(values)
        if self.main in offered:
            offered["x"] = offered[self.main]
        if self.data == "samples" and "samples" in offered:
            offered["tokens"] = offered["samples"]
        missing = [name for name in law.axis_names if name not in offered]
        if missing:
            raise FitError(
                f"law {law.name} needs {', '.join(missing)}, which {self.runs.name} does not give",
                fix=f"use --law with one of {', '.join(self.candidates())}",
            )
        return {name: np.atleast_1d(offered[name]) for name in law.axis_names}

    def candidates(self) -> tuple[str, ...]:
        """Laws whose columns are there."""
        return TWO_AXES + ONE_AXIS if self.two else ONE_AXIS

    def why_not(self, name: str, main: str | None = None) -> str:
        """Why the design of the runs cannot determine a law; empty when it can.

        ``main`` is the axis of a law that has one, `main` of the runs when None.
        """
        law = get_law(name)
        names = set(law.axis_names)
        if not names <= {"x", "params", "tokens"}:
            return ""
        chosen = {"x": main or self.main} if names == {"x"} else None
        sentence = identifiable(pd.DataFrame(self.columns), law, chosen).sentence.rstrip(".")
        return sentence[:1].lower() + sentence[1:]

    def groups(self) -> np.ndarray | None:
        """Run of each row where runs have several, or None."""
        frame = self.runs.frame
        if "run" in frame.columns and frame["run"].duplicated().any():
            return frame["run"].astype(str).to_numpy()
        return None

    def ratios(self) -> tuple[float, float]:
        """Smallest and largest data per parameter; not-a-number where they are not known."""
        if not self.two or self.data is None:
            return math.nan, math.nan
        ratio = self.columns[self.data] / self.columns["params"]
        return float(ratio.min()), float(ratio.max())
