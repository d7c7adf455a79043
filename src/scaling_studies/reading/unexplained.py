"""What tells runs apart beside the one axis that is known: columns that explain what is left."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scaling_studies.errors import one_line
from scaling_studies.reading.guesses import guess
from scaling_studies.reading.hints import MOST_TOKENS, how_to_say, where_sizes_stand
from scaling_studies.reading.labels import data_in_names, sizes_in_names
from scaling_studies.reading.marks import is_mixture
from scaling_studies.reading.names import name_of, word_list
from scaling_studies.reading.questions import Questions, mapped
from scaling_studies.reading.roles import Candidates
from scaling_studies.reading.selection import Selection
from scaling_studies.words import joined, percent

#: Fewest runs, and sizes among them, of which is asked.
FEWEST, FEWEST_SIZES = 8, 4
#: Scatter of the loss about a smooth curve, as a share, that no noise of runs is.
SCATTER = 0.015
#: Scatter that is said where no column goes with it.
WORTH_SAYING = 0.03
#: Correlation with what is left that is no chance.
EXPLAINS = 0.8
#: Words of quantities that are counted before a run, among those that are no loss.
COUNTED = {"tokens", "params", "flops", "samples", "step", "steps", "epoch", "time", "runtime"}
#: Words of columns that only name a run.
NAMES = {"run", "name", "id", "experiment", "exp", "model", "trial", "seed", "index", "job"}
#: Most levels of a text for each run.
MOST_LEVELS = 0.5


def scatter_along(frame: pd.DataFrame, axis: str) -> tuple[np.ndarray, np.ndarray] | None:
    """What a smooth curve along an axis leaves of log loss, and the curve's columns.

    Returns
    -------
    tuple or None
        Shape (n,) and (n, 3); None where too few runs differ along the axis.
    """
    size, loss = (frame[name].to_numpy(dtype=float) for name in (axis, "loss"))
    if len(size) < FEWEST or len(np.unique(size)) < FEWEST_SIZES or not (loss > 0).all():
        return None
    logs = np.log(size)
    curve = np.vander((logs - logs.mean()) / (np.std(logs) or 1.0), 3)
    return _rest(np.log(loss), curve), curve


def explaining(
    candidates: Candidates, frame: pd.DataFrame, axis: str, used: set[str]
) -> tuple[list[str], float]:
    """Columns without a role that explain what one axis leaves of the loss, and how much it is.

    Parameters
    ----------
    candidates
        Columns of the table.
    frame
        The rows that count, with the axis and ``loss``.
    axis
        Name of the axis in the frame.
    used
        Columns that have a role.

    Returns
    -------
    tuple
        Names of columns, the best first, and the scatter as a share of the loss (0 when unknown).
        A measured quantity that depends on the loss is none of them.
    """
    left = scatter_along(frame, axis)
    if left is None:
        return [], 0.0
    rest, curve = left
    scatter = float(np.sqrt((rest**2).sum() / max(len(rest) - 3, 1)))
    if scatter < SCATTER:
        return [], scatter
    table, shares = candidates.table, {}
    for column in candidates.free:
        name = name_of(column)
        found = guess(name)
        measured = {*name.words} & (word_list("not_loss") - COUNTED)
        if column in used or measured or (found is not None and found.role == "loss"):
            continue
        cells = table.cells[column].loc[frame.index]
        shares[column] = _share(cells, rest, curve, names=bool({*name.words} & NAMES))
    best = [column for column, share in shares.items() if share >= EXPLAINS]
    return sorted(best, key=lambda column: -shares[column]), scatter


def _share(cells: pd.Series, rest: np.ndarray, curve: np.ndarray, *, names: bool) -> float:
    """How much of what is left a column explains, from 0 to 1; `names` are those of runs."""
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
    if not np.isfinite(values).all():
        named = sizes_in_names(cells)
        named = data_in_names(cells) if named is None else named
        named = _with_one_unit(cells) if named is None and not names else named
        if named is None:
            return _share_of_levels(cells, rest, curve)
        values = named
    if np.ptp(values) == 0 or np.abs(values).max() <= 1.0:  # shares and scores
        return 0.0
    beside = _rest(_ranks(values), curve)
    if np.std(beside) < 1e-9 * np.ptp(_ranks(values)):
        return 0.0
    return float(abs(np.corrcoef(_ranks(rest), _ranks(beside))[0, 1]))


def _with_one_unit(cells: pd.Series) -> np.ndarray | None:
    """Numbers of cells that all have the same letters around them, as ``9500ba`` and ``0.28x``."""
    number = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
    around = {*cells.str.replace(number, "", n=1, regex=True)}
    if len(around) > 1:
        return None
    found = pd.to_numeric(cells.str.extract(f"({number})")[0], errors="coerce")
    return found.to_numpy(dtype=float) if found.notna().all() else None


def _share_of_levels(cells: pd.Series, rest: np.ndarray, curve: np.ndarray) -> float:
    """Correlation of what is left with the levels of a text beside the curve, less chance."""
    levels = cells.nunique()
    spare = len(cells) - levels - 2
    if not 1 < levels <= MOST_LEVELS * len(cells) or spare < 1 or (cells == "").any():
        return 0.0
    left = _rest(rest, np.hstack([pd.get_dummies(cells).to_numpy(dtype=float), curve[:, :2]]))
    share = float((left**2).sum()) / spare / (float((rest**2).sum()) / (len(rest) - 3))
    return float(np.sqrt(max(1.0 - share, 0.0)))


def _rest(values: np.ndarray, curve: np.ndarray) -> np.ndarray:
    solved, *_ = np.linalg.lstsq(curve, values, rcond=None)
    return np.asarray(values - curve @ solved)


def _ranks(values: np.ndarray) -> np.ndarray:
    return pd.Series(values).rank().to_numpy(dtype=float)


def ask_what_explains(
    candidates: Candidates, chosen: Selection, axis: str, questions: Questions
) -> None:
    """Ask when a column without a role explains what the one axis leaves of the losses.

    Raises
    ------
    MustBeSaid
        There is such a column, and it was not said that the axis stands alone.
    """
    steps = {chosen.roles["step"].column} if "step" in chosen.roles else set()
    columns, scatter = explaining(candidates, chosen.frame, axis, chosen.used - steps)
    other = "tokens" if axis == "params" else "params"
    known = "sizes" if axis == "params" else "compute" if axis == "flops" else "data"
    if not columns:
        if scatter > WORTH_SAYING:
            chosen.warnings.append(
                f"Losses scatter by {percent(scatter, 2)} about a smooth curve of {known} alone. "
                f"Where runs differ in {'data' if other == 'tokens' else 'size'} too, give it with "
                f"--map {other}=COLUMN or --join FILE."
            )
        return
    questions.decide(
        f"losses scatter by {percent(scatter, 2)} about a curve of {known} alone, and "
        f"{joined(one_line(each, 40) for each in columns[:3])} "
        f"{'goes' if len(columns) == 1 else 'go'} with what is left",
        {
            "what else differs": _how_to_take(columns[0], other, candidates, chosen),
            f"{known} alone": f"--map {other}=none",
        },
        place={"column": columns[0]},
    )


def _how_to_take(column: str, other: str, candidates: Candidates, chosen: Selection) -> str:
    """What to type so that a column counts as the other axis."""
    table, words = candidates.table, {*name_of(column).words}
    if words & {"time", "runtime", "hours", "h", "clock", "seconds", "days"}:
        return f"--join FILE with the {'size' if other == 'params' else 'tokens'} of each run"
    if other == "params" and is_mixture(table.cells[column].iloc[0]):
        return f"{mapped(f'params={column}')} --params-convention active"
    if not table.is_numeric(column):
        named = sizes_in_names if other == "params" else data_in_names
        if named(table.cells[column]) is not None:
            return mapped(f"{other}={column}")
        return f"--join FILE with the {'size' if other == 'params' else 'tokens'} of each {column}"
    if other == "tokens":
        large = np.nanmedian(table.numbers(column).floats) > MOST_TOKENS
        return mapped(f"flops={column}") if large else how_to_say(column, candidates)
    if {"flops", "per", "tokens"} <= words:
        return mapped(f"params={column}*{1 / 6:.12g}")
    sizes = where_sizes_stand(candidates, chosen.used)
    return sizes[0] if sizes else mapped(f"params={column}")
