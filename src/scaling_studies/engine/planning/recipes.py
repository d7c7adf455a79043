"""Runs of several recipes: what their columns say, and which shifts they can determine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scaling_studies import words
from scaling_studies.engine.planning.independence import why_dependent
from scaling_studies.engine.planning.shared_shape import Rows, SharedFit, fit_shared
from scaling_studies.errors import FitError
from scaling_studies.models.columns import read_column

#: Largest factor between the tokens per parameter of groups that are compared along compute.
SAME_RATIO = 1.25


@dataclass(frozen=True)
class Group:
    """Runs of one recipe: logarithms of size, data and compute (empty where not known), loss."""

    name: str
    log_params: np.ndarray
    log_tokens: np.ndarray
    log_flops: np.ndarray
    loss: np.ndarray

    @classmethod
    def read(cls, name: str, table: Mapping[str, np.ndarray], response: str) -> Group:
        """Columns of a table, checked; errors name the group."""
        try:
            columns = {
                key: np.log(read_column(table, key, positive=True))
                for key in ("params", "tokens", "flops", response)
                if key in table
            }
        except FitError as error:
            raise FitError(f"group {name}: {error.problem}", fix=error.fix, **error.place) from None
        missing = [key for key in (response,) if key not in columns]
        if "flops" not in columns and not {"params", "tokens"} <= set(columns):
            missing.append("flops, or params and tokens")
        if missing:
            raise FitError(f"group {name}: no column {missing[0]}", fix="map one to it")
        nothing = np.empty(0)
        sizes = {"params", "tokens"} <= set(columns)
        params, tokens = (columns[key] if sizes else nothing for key in ("params", "tokens"))
        flops = columns.get("flops", params + tokens + np.log(6.0) if sizes else nothing)
        return cls(name, params, tokens, flops, np.exp(columns[response]))

    @property
    def has_sizes(self) -> bool:
        """Whether size and data of the runs are known."""
        return len(self.log_params) > 0

    @property
    def cost(self) -> np.ndarray:
        """Log of compute by parameter and token, one a run."""
        return self.log_flops - self.log_params - self.log_tokens

    @property
    def independent(self) -> bool:
        """Whether size and data vary, and not together."""
        return not why_dependent(np.exp(self.log_params), np.exp(self.log_tokens))


def one_ratio(runs: Sequence[Group]) -> tuple[bool, list[str]]:
    """Whether to compare along compute because no group tells size from data.

    Raises
    ------
    FitError
        The groups have different ratios of data to size, and none tells the two apart.
    """
    if any(group.independent for group in runs):
        return False, []
    ratios = [float(np.exp(np.median(g.log_tokens - g.log_params))) for g in runs]
    within = max(float(np.ptp(g.log_tokens - g.log_params)) for g in runs)
    if max(ratios) / min(ratios) > SAME_RATIO or within > 2.0 * np.log(SAME_RATIO):
        listed = words.joined(
            f"{g.name} at {words.number(x, 3)}" for g, x in zip(runs, ratios, strict=True)
        )
        raise FitError(
            "size and data of the runs rise together, and their tokens per parameter differ "
            f"({listed}): recipe and ratio cannot be told apart",
            fix="compare runs of the same tokens per parameter, or add runs that vary size and "
            "data apart to one of the groups",
        )
    return True, [
        "Size and data rise together in all groups: the multiplier holds at "
        f"{words.number(float(np.median(ratios)), 3)} tokens per parameter."
    ]


def arrange(runs: Sequence[Group], along_compute: bool) -> tuple[Rows, list[str]]:
    """Rows of all groups, with one or two shifts for each but the first."""
    loss = np.concatenate([group.loss for group in runs])
    number = np.repeat(np.arange(len(runs)), [len(group.loss) for group in runs])
    if along_compute:
        logs = np.concatenate([group.log_flops for group in runs])[None]
        shifts = np.zeros((len(runs), 1, len(runs) - 1))
        shifts[range(1, len(runs)), 0, range(len(runs) - 1)] = 1.0
        return Rows(logs, loss, number, shifts), []
    logs = np.stack(
        [
            np.concatenate([group.log_params for group in runs]),
            np.concatenate([group.log_tokens for group in runs]),
        ]
    )
    # A reference that cannot tell size from data leaves both shifts of the others open.
    apart = [group.independent and len(group.loss) > 3 and runs[0].independent for group in runs]
    columns: list[tuple[int, float, float]] = []
    for place in range(1, len(runs)):
        columns += [(place, 1.0, 0.0), (place, 0.0, 1.0)] if apart[place] else [(place, 0.5, 0.5)]
    shifts = np.zeros((len(runs), 2, len(columns)))
    for column, (place, *parts) in enumerate(columns):
        shifts[place, :, column] = parts
    joined = [g.name for g, two in zip(runs[1:], apart[1:], strict=True) if not two]
    note = [
        f"The runs do not tell whether {name} saves parameters or tokens; both are taken to be "
        "needed in the same proportion."
        for name in joined
    ]
    return Rows(logs, loss, number, shifts), note


def how_far(runs: Sequence[Group], rows: Rows, found: SharedFit) -> str:
    """Multiplier by each group's own curve at both ends of the compute that all groups share."""
    low = max(float(group.log_flops.min()) for group in runs)
    high = min(float(group.log_flops.max()) for group in runs)
    if low >= high:
        low, high = high, low
    own = []
    for number in range(len(runs)):
        kept = rows.group == number
        alone = Rows(
            rows.logs[:, kept],
            rows.loss[kept],
            np.zeros(int(kept.sum()), int),
            np.zeros((1, rows.terms, 0)),
        )
        try:
            own.append(fit_shared(alone))
        except FitError:
            return f"{runs[number].name} has too few runs for a curve of its own"
    said = []
    for number in range(1, len(runs)):
        ends = [
            equal_loss_ratio(own[0], own[number], compute, runs[0], runs[number])
            for compute in (low, high)
        ]
        texts = [words.rough(value) if np.isfinite(value) else "infinitely many" for value in ends]
        said.append(
            f"{runs[number].name} needs {texts[0]} times the compute of {runs[0].name} at "
            f"{words.number(float(np.exp(low)), 2)} FLOP and {texts[1]} times at "
            f"{words.number(float(np.exp(high)), 2)} FLOP"
        )
    return "; ".join(said)


def lowest_loss(found: SharedFit) -> tuple[float, float, float]:
    """E, log K and g of the lowest loss at N D = X: E + K X^-g."""
    logs, exponents = found.log_coefficients, found.exponents
    if found.terms == 1:
        return found.offset, float(logs[0]), float(exponents[0])
    alpha, beta = exponents
    log_size = (np.log(alpha / beta) + logs[0] - logs[1]) / (alpha + beta)
    log_k = np.logaddexp(logs[0] - alpha * log_size, logs[1] + beta * log_size)
    return found.offset, float(log_k), float(alpha * beta / (alpha + beta))


def equal_loss_ratio(
    first: SharedFit, second: SharedFit, log_flops: float, a: Group, b: Group
) -> float:
    """Compute of the second over that of the first for the loss that the first reaches."""
    cost_a, cost_b = (float(np.median(group.cost)) if first.terms == 2 else 0.0 for group in (a, b))
    offset, log_k, gamma = lowest_loss(first)
    loss = offset + np.exp(log_k - gamma * (log_flops - cost_a))
    offset, log_k, gamma = lowest_loss(second)
    if loss <= offset:
        return float("inf")
    with np.errstate(over="ignore"):
        return float(np.exp((log_k - np.log(loss - offset)) / gamma + cost_b - log_flops))
