"""Bootstrap of a fit: thousands of warm-started refits in batches of fixed size."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from scaling_studies.engine.result import Fit
from scaling_studies.engine.uncertainty.bands import FEW
from scaling_studies.engine.uncertainty.blocks import block_numbers, block_size
from scaling_studies.engine.uncertainty.dependence import components, freedom_between
from scaling_studies.engine.uncertainty.draws import (
    cluster_counts,
    group_codes,
    interval_responses,
    model_responses,
    row_counts,
    stratified_counts,
    widening,
)
from scaling_studies.engine.uncertainty.few_groups import few_groups
from scaling_studies.engine.uncertainty.identified import undetermined_directions
from scaling_studies.engine.uncertainty.likelihood import error_model
from scaling_studies.engine.uncertainty.refits import (
    AUDITED,
    BASINS,
    COLD,
    COLD_WHERE_IT_MATTERS,
    Refits,
    cold_points,
    solve_resamples,
    spread_of,
)
from scaling_studies.engine.uncertainty.result import Bootstrap
from scaling_studies.errors import FitError

KINDS = ("pairs", "cluster", "stratified", "parametric")
#: Share of the variance that is none but for rounding: one unit says all.
NO_SHARE = 1e-9


@dataclass
class _Draw:
    """How one resample is drawn: row counts, or new responses.

    ``freedom`` says of how many independent units the spread is known, and ``share`` how much of
    the variance drawn units show, for which their estimates are spread out (`_spread_out`);
    responses are drawn with the right spread in the first place.
    """

    of: Callable[[int], np.ndarray]
    gives_counts: bool = True
    freedom: int | None = None
    share: float | None = None


def bootstrap(
    fit: Fit,
    resamples: int = 4000,
    seed: int = 0,
    groups: np.ndarray | str | None = None,
    *,
    kind: str = "pairs",
    first: int = 0,
    strata: np.ndarray | str | None = None,
    response_interval: tuple[np.ndarray, np.ndarray] | None = None,
    responses: Callable[[int], np.ndarray] | None = None,
    units: int | None = None,
    small_sample: bool = True,
    search: bool | int | None = None,
    threads: int = 1,
) -> Bootstrap:
    """Refit resampled rows or responses.

    Parameters
    ----------
    fit
        The fit; every refit starts from its optimum.
    resamples
        How many.
    seed
        Non-negative integer.
    groups
        One label a row: whole groups are drawn (implies ``kind="cluster"``). With ``parametric``
        what rows of a group have in common is drawn once for each, for groups that are too few to
        be drawn themselves.
    kind
        ``pairs`` draws rows; ``cluster`` groups (the fit's own if none are given);
        ``stratified`` rows within strata; ``parametric`` draws responses around the fitted law
        (Gaussian for squared objectives, smoothed residuals for robust ones), or from
        ``response_interval``.
    first
        Index of the first resample: shards of one bootstrap are ``[first, first + resamples)``.
    strata
        One label a row, for ``stratified``.
    response_interval
        Published 95 % intervals (low, high) of the responses, one a row, for ``parametric``.
    responses
        For ``parametric``: function of the resample's number that returns its responses, shape
        (n,), where they are made from something else that is drawn (a mean over problems, say).
    units
        How many independent things ``responses`` draws from, where they are few.
    small_sample
        Whether resamples are spread as Student's t says for the degrees of freedom: those of the
        residuals, n - p, or of groups by their leverage (`few_groups`). False gives
        plain refits, whose percentiles are too narrow by a tenth for a dozen of units and by half
        for three.
    search
        Whether resamples may leave the basin of the fit: the first 64 are also solved from cold
        starts, and all from where these ended lower. False follows the fit's optimum alone;
        when absent, so does a fit from given starts.
    threads
        Threads over blocks of resamples; the result does not depend on it.

    Returns
    -------
    Bootstrap

    Raises
    ------
    FitError
        Unknown kind, or groups, strata or intervals that do not match the rows.

    Examples
    --------
    >>> import scaling_studies as ss
    >>> x = np.geomspace(1, 1e4, 30)
    >>> noise = np.exp(0.02 * np.random.default_rng(0).normal(size=30))
    >>> fit = ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2 * noise}, "squared_log")
    >>> resamples = ss.bootstrap(fit, resamples=200)
    >>> low, high = resamples.interval("alpha")
    >>> bool(low < fit.parameters["alpha"] < high), resamples.converged
    (True, 1.0)
    """
    if resamples < 1 or first < 0 or seed < 0:
        raise FitError(
            "resamples must be positive, first and seed not negative", fix="correct them"
        )
    if kind not in KINDS:
        raise FitError(f"unknown kind of bootstrap {kind!r}", fix=f"one of {', '.join(KINDS)}")
    if groups is not None and kind == "pairs":
        kind = "cluster"
    if responses is not None and kind != "parametric":
        raise FitError("given responses make a parametric bootstrap", fix="use kind='parametric'")
    draw = (
        _make_draw(fit, seed, groups, kind, strata, response_interval, small_sample)
        if responses is None
        else _Draw(responses, False, *(() if units is None else (units - 1, 1.0 - 1.0 / units)))
    )
    numbers = block_numbers(max(fit.problem.cost, fit.n), first, resamples)
    everywhere = not fit.evidence.local if search is None else search
    starts = COLD if search is None or isinstance(search, bool) else search
    cold = _audit(fit, draw, starts) if everywhere else None
    solve = partial(_solve_block, fit, draw, cold)
    if threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            blocks = list(pool.map(solve, numbers))
    else:
        blocks = [solve(block) for block in numbers]
    offset = first - numbers[0][0]
    wanted = slice(offset, offset + resamples)
    parameters = {
        name: np.concatenate([block.parameters[name] for block in blocks])[wanted]
        for name in blocks[0].parameters
    }
    objective = np.concatenate([block.objective for block in blocks])[wanted]
    converged = np.concatenate([block.converged for block in blocks])[wanted]
    lower = np.concatenate([block.lower for block in blocks])[wanted]
    if small_sample and draw.freedom is not None and draw.share is not None:
        numbers_drawn = range(first, first + resamples)
        parameters = _spread_out(fit, parameters, seed, numbers_drawn, draw.freedom, draw.share)
    undetermined = undetermined_directions(fit)
    result = Bootstrap(
        fit.law,
        kind,
        first,
        parameters,
        objective,
        converged,
        [],
        estimate=dict(fit.parameters),
        freedom=draw.freedom,
        undetermined=undetermined,
        found_elsewhere=lower,
    )
    result.messages = _messages(fit, result, groups)
    return result


def _spread_out(
    fit: Fit,
    parameters: dict[str, np.ndarray],
    seed: int,
    numbers: range,
    freedom: int,
    share: float,
) -> dict[str, np.ndarray]:
    """Move each resample away from the fit, so that percentiles make up for few units.

    The law follows drawn units, so that they show a share of the variance alone, and the spread of
    few of them is itself uncertain: times the root of its inverse, times `widening`.
    Working coordinates are moved, within the bounds of the search.
    """
    few = freedom < FEW
    if share < NO_SHARE or (share == 1.0 and not few):  # without a degree of freedom it is 0
        return parameters
    problem, names = fit.problem, list(parameters)
    items = [problem.law.parameters[problem.law.index(name)] for name in names]
    factors = np.array([widening(seed, number, freedom) if few else 1.0 for number in numbers])
    factors /= np.sqrt(share)
    moved = {}
    for name, item in zip(names, items, strict=True):
        centre = float(item.to_working(fit.parameters[name]))
        working = item.to_working(parameters[name])
        if name in problem.fixed or not np.isfinite(centre):
            moved[name] = parameters[name]
            continue
        low, high = problem.bounds.get(name, (item.lower, item.upper))
        ends = float(item.to_working(low)), float(item.to_working(high))
        with np.errstate(over="ignore", invalid="ignore"):
            spread = centre + factors * (working - centre)
            moved[name] = item.to_natural(np.clip(spread, *ends))
    return moved


def _make_draw(fit, seed, groups, kind, strata, response_interval, small_sample) -> _Draw:
    # Estimators that fit a line through optima resample the rows under the optima.
    size = fit.n
    freedom = size - (fit.problem.width or len(fit.parameters))
    share = freedom / size if freedom < FEW else 1.0
    if kind == "pairs":
        return _Draw(lambda r: row_counts(seed, r, size), True, freedom, share)
    if kind == "cluster":
        labels = fit.groups if groups is None else _labels(fit, groups)
        if labels is None:
            raise FitError("a cluster bootstrap needs groups", fix="give groups=")
        codes, count = group_codes(labels, size)
        freedom = round(freedom_between(fit, codes, count))
        share, known = freedom / count, few_groups(fit, codes, count)
        if freedom > 0 and known is not None:
            share, freedom = known.middle
        return _Draw(lambda r: cluster_counts(seed, r, codes, count), True, freedom, share)
    if kind == "stratified":
        if strata is None:
            raise FitError("a stratified bootstrap needs strata", fix="give strata=")
        codes, count = group_codes(_labels(fit, strata), size, "strata")
        members = [np.flatnonzero(codes == code) for code in range(count)]
        return _Draw(lambda r: stratified_counts(seed, r, members, size), True, freedom, share)
    response = fit.problem.response
    if response_interval is not None:
        low, high = (np.asarray(side, dtype=float) for side in response_interval)
        if len(low) != size or len(high) != size:
            raise FitError("response_interval does not match the rows", fix="give one a row")
        if not ((low <= response) & (response <= high)).all():
            row = int(np.argmin((low <= response) & (response <= high)))
            raise FitError(
                "the interval of the response does not contain it", row=row + 1, fix="correct it"
            )
        return _Draw(lambda r: interval_responses(seed, r, response, low, high), gives_counts=False)
    spread, residuals = error_model(fit)
    shared = None
    if groups is not None:
        codes, count = group_codes(_labels(fit, groups), size)
        between, within, freedom = components(fit, codes, count)
        spread, residuals, shared = within, None, (between, codes)
    fitted, residual_kind = fit.fitted(), fit.objective.residual
    known = freedom if small_sample and 0 < freedom < FEW else None
    return _Draw(
        lambda r: model_responses(seed, r, fitted, residual_kind, spread, residuals, known, shared),
        False,
        freedom,
    )


def _labels(fit: Fit, labels: np.ndarray | str) -> np.ndarray:
    if isinstance(labels, str):
        if labels not in fit.problem.axes:
            raise FitError(
                "only axes of the law can be named here", column=labels, fix="give the array"
            )
        return fit.problem.axes[labels]
    return np.asarray(labels)


def _solve_block(fit: Fit, draw: _Draw, cold: np.ndarray | None, numbers: range) -> Refits:
    drawn = np.stack([draw.of(number) for number in numbers])
    return solve_resamples(fit, drawn, draw.gives_counts, cold)


def _audit(fit: Fit, draw: _Draw, starts: int) -> np.ndarray | None:
    """Further starts for all resamples, where the first of them show that these matter; else None.

    Starts are where the first resamples ended that left the basin of the fit. The first resamples
    decide in every shard, so that all shards do the same.
    """
    cold = cold_points(fit, starts)
    if not len(cold):
        return None
    size = block_size(max(fit.problem.cost, fit.n))
    blocks = [range(low, min(low + size, AUDITED)) for low in range(0, AUDITED, size)]
    ends = _lower_ends(fit, draw, cold, blocks)
    if not len(ends):
        return None
    more = _lower_ends(fit, draw, cold_points(fit, COLD_WHERE_IT_MATTERS), blocks)
    return spread_of(np.vstack([ends, more]), BASINS)


def _lower_ends(fit: Fit, draw: _Draw, cold: np.ndarray, blocks: list[range]) -> np.ndarray:
    """Where resamples ended that cold starts led lower, shape (m, q)."""
    solved = [_solve_block(fit, draw, cold, block) for block in blocks]
    return np.vstack([block.coordinates[block.lower, : fit.problem.width] for block in solved])


def _messages(fit: Fit, result: Bootstrap, groups: object) -> list[str]:
    messages = []
    free = len(fit.problem.coordinates.free)
    if result.kind == "pairs" and fit.refit is None and fit.n <= free + 2:
        messages.append(
            f"{fit.n} rows for {free} parameters: resampling rows is degenerate, use "
            "kind='parametric', with response_interval= where intervals are published."
        )
    if result.kind == "pairs" and fit.groups is not None:
        messages.append("The rows are grouped, and a pairs bootstrap takes them as independent.")
    if result.elsewhere_share > 0:
        messages.append(
            f"{result.elsewhere_share:.1%} of the refits found their optimum elsewhere than near "
            "that of the fit; all were also started where the first of these ended."
        )
    if result.converged < 0.99:
        messages.append(f"Only {result.converged:.1%} of the refits converged.")
    return messages
