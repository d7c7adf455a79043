"""How much compute one recipe needs next to another for the same loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scaling_studies import words
from scaling_studies.engine.planning.plain import json_safe
from scaling_studies.engine.planning.recipes import Group, arrange, how_far, one_ratio
from scaling_studies.engine.planning.robust import contrast_error, extra_columns_test
from scaling_studies.engine.planning.shared_shape import Rows, SharedFit, fit_shared
from scaling_studies.errors import FitError

#: Shapes whose equality has a smaller p value than this are different.
SHAPE_LEVEL = 0.01
#: A residual beyond this many robust standard deviations is named.
FAR_OUT = 6.0
#: Standard error of a logarithm (coefficient, shift) from which the rows leave it open, as in fits.
OPEN_FACTOR = 3.0


@dataclass(frozen=True)
class Multiplier:
    """Compute of one group over that of the reference, for equal loss.

    Attributes
    ----------
    group, reference
        Names.
    value, low, high
        The multiplier and its interval; an end that is not known is infinite (or zero).
    params, tokens
        Its two factors: how many times the parameters and the tokens are needed; nan where runs
        do not tell them apart.
    runs
        Runs of the group.
    """

    group: str
    reference: str
    value: float
    low: float
    high: float
    params: float
    tokens: float
    runs: int

    def sentence(self) -> str:
        """Say it in a line."""
        interval = words.interval(self.low, self.high, self.value).replace(" to ", ", ")
        known = f" [{interval}]" if interval else " (no interval: the runs do not bound it)"
        return (
            f"{self.group} needs {words.estimate(self.value, self.low, self.high)}{known} times "
            f"the compute of {self.reference} for equal loss."
        )


@dataclass(frozen=True)
class Comparison:
    """Recipes under one curve.

    Attributes
    ----------
    law
        ``additive`` (size and data apart) or ``power_offset`` (of compute).
    reference
        The group that the others are compared with.
    multipliers
        One for each other group.
    parameters, intervals
        E and exponents that the groups share, and the ends of their intervals; an end that is not
        known is infinite.
    objective_value
        Sum of squared residuals of log loss.
    converged
        Whether the minimisation met its own criterion.
    identified
        Whether the rows determine every shared parameter and every shift.
    runs
        Number of runs by group.
    noise
        Robust standard deviation of log loss around the curve.
    level
        Of the intervals.
    shape_p, shape_directions
        p value of the hypothesis that all groups have one shape, and how many differences in
        shape the runs could show (0: none, the hypothesis stands untested).
    warnings
        What a reader must know.

    Examples
    --------
    >>> params, tokens = (x.ravel() for x in np.meshgrid([1e7, 1e8, 1e9], [2e9, 2e10, 2e11]))
    >>> wave = np.exp(0.002 * np.sin(np.arange(9.0)))
    >>> a = {"params": params, "tokens": tokens}
    >>> b = dict(a)
    >>> a["loss"] = wave * (1.7 + 400 * params**-0.34 + 400 * tokens**-0.28)
    >>> b["loss"] = wave[::-1] * (1.7 + 400 * params**-0.34 + 400 * (tokens / 0.8) ** -0.28)
    >>> answer = compare({"A": a, "B": b})
    >>> answer.lines()[0]
    'B needs 0.799 [0.779, 0.819] times the compute of A for equal loss.'
    """

    law: str
    reference: str
    multipliers: tuple[Multiplier, ...]
    parameters: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    objective_value: float
    converged: bool
    identified: bool
    runs: Mapping[str, int]
    noise: float
    level: float
    shape_p: float
    shape_directions: int
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; numbers that are not known, and open ends, are None."""
        return json_safe(asdict(self) | {"warnings": list(self.warnings)})

    def lines(self) -> list[str]:
        """Sentences for people."""
        shared = ", ".join(f"{name} {words.number(x, 3)}" for name, x in self.parameters.items())
        counted = words.joined(f"{n} of {name}" for name, n in self.runs.items())
        return [
            *(item.sentence() for item in self.multipliers),
            f"One curve with shared {shared}, fitted to {counted}; residual noise "
            f"{words.percent(self.noise, 2)} of the loss.",
            *self.warnings,
        ]


def compare(
    tables: Mapping[str, Mapping[str, np.ndarray]],
    *,
    response: str = "loss",
    level: float = 0.95,
    assume_same_shape: bool = False,
) -> Comparison:
    """Compute multiplier between recipes: how much compute each needs for the loss of the first.

    Parameters
    ----------
    tables
        Name of a recipe -> its runs: a DataFrame or a mapping with the columns ``params`` and
        ``tokens`` (and ``flops`` where compute is not 6ND), or ``flops`` alone, and the response.
        The first is the reference. Designs need not be equal.
    response
        Column of the loss.
    level
        Of the intervals.
    assume_same_shape
        Whether to go on when the recipes' curves differ in shape, in which case one multiplier
        is an average over the runs and a warning says so.

    Returns
    -------
    Comparison

    Raises
    ------
    FitError
        Too few runs; runs that cannot separate the recipe from the ratio of data to size; curves
        of different shapes (the message says how far apart they are).

    Notes
    -----
    The groups share E and the exponents of ``L = E + A N^-alpha + B D^-beta``; group g needs u_g
    times the parameters and v_g times the tokens of the reference for an equal term, hence
    u_g v_g times the compute for an equal lowest loss, at any compute: the factor by which
    ``(A_g/A)^(1/alpha) (B_g/B)^(1/beta)`` enters equation 4 of Hoffmann et al. 2022. Where the
    runs of a group cannot tell u from v both are taken as equal. Intervals are those of
    `scaling_studies.engine.planning.robust`, so that noise need not be the same in every run.

    Examples
    --------
    >>> flops = np.geomspace(1e18, 1e21, 8)
    >>> wave = np.exp(0.003 * np.cos(np.arange(8.0)))
    >>> a = {"flops": flops, "loss": wave * (1.8 + 1500 * flops**-0.16)}
    >>> b = {"flops": flops, "loss": wave[::-1] * (1.8 + 1500 * (flops / 1.5) ** -0.16)}
    >>> compare({"A": a, "B": b}).lines()[0]
    'B needs 1.497 [1.463, 1.533] times the compute of A for equal loss.'
    """
    if len(tables) < 2:
        raise FitError("a comparison needs two groups of runs", fix="give a second table")
    runs = [Group.read(name, table, response) for name, table in tables.items()]
    along_compute = not all(group.has_sizes for group in runs)
    warnings: list[str] = []
    if not along_compute:
        along_compute, note = one_ratio(runs)
        warnings += note
    rows, note = arrange(runs, along_compute)
    warnings += note
    found = fit_shared(rows)
    p_value, directions = extra_columns_test(found.jacobian, found.extra, found.residuals)
    if directions == 0:
        warnings.append("The runs are too few to test whether the curves have one shape.")
    elif p_value < SHAPE_LEVEL:
        far = how_far(runs, rows, found)
        if not assume_same_shape:
            raise FitError(
                f"{words.joined(tables)}: the curves differ in shape (p = {p_value:.1g}), so that "
                f"no one multiplier holds: {far}",
                fix="compare runs with one metric over one range, or assume_same_shape=True for an "
                "average over the runs",
            )
        warnings.append(
            f"The curves differ in shape (p = {p_value:.1g}); the multiplier is an average over "
            f"these runs: {far}."
        )
    noise = float(1.4826 * np.median(np.abs(found.residuals)))
    noise *= float(np.sqrt(len(rows.loss) / (len(rows.loss) - rows.size)))
    multipliers = tuple(
        multiplier(rows, found, runs, number, level) for number in range(1, len(runs))
    )
    warnings += remarks(runs, found, noise, multipliers)
    names = ("E", "alpha") if along_compute else ("E", "alpha", "beta")
    places = [0, *range(1 + rows.terms, 1 + 2 * rows.terms)]
    intervals = {
        name: interval(found, place, level) for name, place in zip(names, places, strict=True)
    }
    identified = determined(found)
    if not found.converged:
        warnings.append("The search for the shared curve did not converge.")
    if not identified:
        warnings.append("The runs do not determine all constants of the shared curve.")
    return Comparison(
        law="power_offset" if along_compute else "additive",
        reference=runs[0].name,
        multipliers=multipliers,
        parameters={
            name: float(found.parameters[place]) for name, place in zip(names, places, strict=True)
        },
        intervals=intervals,
        objective_value=float(found.residuals @ found.residuals),
        converged=found.converged,
        identified=identified,
        runs={group.name: len(group.loss) for group in runs},
        noise=noise,
        level=level,
        shape_p=p_value,
        shape_directions=directions,
        warnings=tuple(warnings),
    )


def interval(found: SharedFit, place: int, level: float) -> tuple[float, float]:
    """Interval of a shared parameter, none of which can be negative; infinite where unknown."""
    value = float(found.parameters[place])
    half = contrast_error(found.jacobian, found.residuals, unit(found, place)).half_width(level)
    return (max(value - half, 0.0), value + half) if np.isfinite(half) else (-np.inf, np.inf)


def determined(found: SharedFit) -> bool:
    """Whether the rows determine all parameters; one at a bound says no, but for E at zero."""
    for place, value in enumerate(found.parameters):
        if found.held[place]:
            if place > 0 or value > 1e-6:
                return False
            continue
        error = contrast_error(found.jacobian, found.residuals, unit(found, place)).error
        exponent = 1 + found.terms <= place < 1 + 2 * found.terms
        # E lies between zero and the lowest loss, whatever its error.
        limit = np.inf if place == 0 else value if exponent else OPEN_FACTOR
        if not np.isfinite(error) or error >= limit:
            return False
    return True


def unit(found: SharedFit, place: int) -> np.ndarray:
    """Contrast of one parameter."""
    return np.eye(len(found.parameters))[place]


def multiplier(
    rows: Rows, found: SharedFit, runs: Sequence[Group], number: int, level: float
) -> Multiplier:
    """Multiplier of a group over the first, with its interval."""
    by_term = rows.shifts[number]
    contrast = np.zeros(rows.size)
    contrast[1 + 2 * rows.terms :] = by_term.sum(axis=0)
    logarithm = float(contrast[1 + 2 * rows.terms :] @ found.shifts)
    parts = by_term @ found.shifts
    told_apart = rows.terms == 2 and np.count_nonzero(by_term.any(axis=0)) == 2
    if rows.terms == 2:
        # Compute by parameter and token may differ: longer context, another architecture.
        logarithm += float(np.median(runs[number].cost) - np.median(runs[0].cost))
    half = contrast_error(found.jacobian, found.residuals, contrast).half_width(level)
    if found.held[1 + rows.terms : 1 + 2 * rows.terms].any():
        half = float("inf")  # losses that do not fall with anything have no equal-loss compute
    with np.errstate(over="ignore"):
        return Multiplier(
            group=runs[number].name,
            reference=runs[0].name,
            value=float(np.exp(logarithm)),
            low=float(np.exp(logarithm - half)),
            high=float(np.exp(logarithm + half)),
            params=float(np.exp(parts[0])) if told_apart else float("nan"),
            tokens=float(np.exp(parts[1])) if told_apart else float("nan"),
            runs=len(runs[number].loss),
        )


def remarks(
    runs: Sequence[Group], found: SharedFit, noise: float, multipliers: Sequence[Multiplier]
) -> list[str]:
    """Warnings about single runs, losses that do not overlap, and multipliers without bounds."""
    notes = []
    start = 0
    for group in runs:
        own = found.residuals[start : start + len(group.loss)]
        for row in np.flatnonzero(np.abs(own) > FAR_OUT * max(noise, 1e-12)):
            notes.append(
                f"Run {row + 1} of {group.name} lies {words.percent(abs(own[row]), 2)} from the "
                "curve: look at it."
            )
        start += len(group.loss)
    reference = runs[0]
    for group, item in zip(runs[1:], multipliers, strict=True):
        if group.loss.min() > reference.loss.max() or group.loss.max() < reference.loss.min():
            notes.append(
                f"No loss of {group.name} lies within those of {reference.name}: their multiplier "
                "is extrapolated."
            )
        if not np.isfinite(item.high):
            notes.append(f"The runs do not bound the multiplier of {group.name}.")
        if reference.has_sizes and group.has_sizes:
            spread = max(float(np.ptp(reference.cost)), float(np.ptp(group.cost)))
            if spread > 0.1:
                notes.append(
                    f"Compute by parameter and token varies by {words.percent(np.expm1(spread), 2)}"
                    f" within a group ({group.name}, {reference.name}); its median is used."
                )
    return notes
