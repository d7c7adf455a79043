"""Which loss a run will reach."""

from __future__ import annotations

from typing import Any

import numpy as np

from scaling_studies import words
from scaling_studies.answers.answer import Answer, Table
from scaling_studies.answers.axes import SAME_COMPUTE, as_runs
from scaling_studies.answers.beside import with_other_rows
from scaling_studies.answers.fitted import FittedLaw, fitted_laws
from scaling_studies.answers.pictures import loss_picture
from scaling_studies.answers.plan import far_from, reservations
from scaling_studies.engine.allocation.allocate import FLOPS_PER_PARAMETER_TOKEN
from scaling_studies.errors import MustBeSaid

#: Columns of a run as a sentence writes them.
NOUNS = {"params": "parameters", "tokens": "tokens", "samples": "samples", "flops": "FLOP"}
#: Width of the runs over their length, in logarithms of size and data, below which they are a line.
THIN = 0.15
#: Factor off the runs up to which a run is still like them.
LIKE = 2.0


@with_other_rows
def predict(
    runs: Any,
    params: float | None = None,
    tokens: float | None = None,
    *,
    flops: float | None = None,
    law: str | None = None,
    **reading: Any,
) -> Answer:
    """Predict the loss of a run, with the interval of the law and that of a new run.

    Parameters
    ----------
    runs
        Path, frame or `reading.OwnRuns`.
    params, tokens, flops
        The run. Compute follows from size and tokens as C = 6ND.
    law
        Name or alias; the best that applies when None.
    **reading
        Passed to `read_runs`.

    Returns
    -------
    Answer
        Its object adds ``params``, ``tokens``, ``flops``, ``loss`` and ``new_run``, each of the
        last two with ``value``, ``low`` and ``high``, and ``new_run_basis``: what the interval of
        a new run rests on. Beyond the runs it is learned from many studies, see
        `engine.uncertainty.distance`.

    Raises
    ------
    ScalingStudiesError
        What the law needs is not given, or the runs do not determine the loss there.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import scaling_studies as ss
    >>> size, data = np.meshgrid([1e7, 1e8, 1e9], [1e9, 1e10, 1e11])
    >>> runs = pd.DataFrame({"params": size.ravel(), "tokens": data.ravel()})
    >>> runs["loss"] = 1.7 + 400 * runs["params"] ** -0.34 + 2000 * runs["tokens"] ** -0.37
    >>> said = {"unit": "nats_per_token", "params_convention": "total"}
    >>> answer = ss.predict(runs, 7e9, 2e12, law="chinchilla", **said)
    >>> round(answer.to_json()["loss"]["value"], 3)
    1.936
    """
    own = as_runs(runs, **reading)
    found, left_out = fitted_laws(own, law)
    one = found[0]
    point = _point(one, params, tokens, flops)
    _require_a_run_like_those(one, point)
    at = {name: np.array([value[0]]) for name, value in one.axes.at(one.law, point).items()}
    (loss,), (new,) = one.loss(at), one.loss(at, "run")
    if loss.is_open:
        raise MustBeSaid(
            f"the runs do not determine the loss of law {one.law.name} there",
            table=own.name,
            fix="ask for a run like those in the table, or use another law with --law",
        )
    (basis,) = one.new_run(at).basis
    said = _reservations(one, point)
    shown = ", ".join(f"{words.amount(value)} {NOUNS[name]}" for name, value in point.items())
    title = (
        f"Loss {loss.text()} at {shown}; a new run {words.interval(new.low, new.high, new.value)}"
    )
    rows = [
        ("the law", loss.text(), "where the law lies"),
        ("a new run", new.text(), basis),
    ]
    main = point[one.axes.main]
    return Answer(
        title=title + "".join(f"; this is {text}" for text in said),
        source=own.name,
        law=one.law.name,
        n=one.fit.n,
        parameters=one.parameters(),
        objective_value=one.fit.objective_value,
        converged=one.fit.converged,
        identified=one.fit.identified,
        warnings=(*own.warnings, *one.axes.of_compute, *left_out, *one.messages()),
        notes=own.notes,
        tables=(Table("Loss with 95 % intervals", ("of", "loss", "meaning"), rows),),
        part={
            **point,
            "loss": loss.to_dict(),
            "new_run": new.to_dict(),
            "new_run_basis": basis,
            "reservations": said,
        },
        draws=lambda: loss_picture(one, {main: new}, "the run asked for"),
    )


def _point(
    one: FittedLaw, params: float | None, tokens: float | None, flops: float | None
) -> dict[str, float]:
    """What is asked for, by column, with what follows from it."""
    given = {"params": params, "tokens": tokens, "flops": flops}
    point = {name: float(value) for name, value in given.items() if value is not None}
    for name, value in point.items():
        if not (np.isfinite(value) and value > 0):
            raise MustBeSaid(f"{name} is {value:g}", fix="give a number above zero")
    _require_axes_of_the_law(one, point)
    if len(point) == 3:
        counted = FLOPS_PER_PARAMETER_TOKEN * point["params"] * point["tokens"]
        if abs(np.log(point.pop("flops") / counted)) > SAME_COMPUTE:
            raise MustBeSaid(
                f"--flops {flops:g} is not 6ND of --params and --tokens, {counted:.4g}",
                fix="leave out one of the three",
            )
    if len(point) == 2:
        n, d, c = point.get("params"), point.get("tokens"), point.get("flops")
        point["params"] = n or c / (FLOPS_PER_PARAMETER_TOKEN * d)  # type: ignore[operator]
        point["tokens"] = d or c / (FLOPS_PER_PARAMETER_TOKEN * n)  # type: ignore[operator]
        point["flops"] = FLOPS_PER_PARAMETER_TOKEN * point["params"] * point["tokens"]
    if one.axes.data == "samples" and "tokens" in point:
        point["samples"] = point.pop("tokens")
        point.pop("flops", None)
    wanted = set(one.law.axis_names) if one.axes.two else {one.axes.main}
    wanted = {one.axes.main if name == "x" else name for name in wanted}
    if one.axes.data == "samples":
        wanted = {"samples" if name == "tokens" else name for name in wanted}
    missing = sorted(wanted - set(point))
    if missing or one.axes.main not in point:
        flags = " and ".join(f"--{name.replace('samples', 'tokens')}" for name in missing)
        raise MustBeSaid(
            f"law {one.law.name} of {one.axes.runs.name} needs {' and '.join(missing)}",
            fix=f"give {flags or '--params and --tokens'}",
        )
    return point


def _require_axes_of_the_law(one: FittedLaw, given: dict[str, float]) -> None:
    """Refuse what the runs do not know: a law along one axis would ignore it.

    Raises
    ------
    MustBeSaid
        A size is given to runs of data alone, or data to runs of sizes alone.
    """
    main = "tokens" if one.axes.main == "samples" else one.axes.main
    beside = [name for name in given if name != main]
    if one.axes.two or main == "flops" or main not in given or not beside:
        return
    flags = " and ".join(f"--{name}" for name in beside)
    raise MustBeSaid(
        f"{one.axes.runs.name} has runs that differ in {one.axes.main} alone, so what "
        f"{words.joined(beside)} {'does' if len(beside) == 1 else 'do'} is not known",
        fix=f"leave out {flags}, or add runs that vary {words.joined(beside)} too",
    )


def _require_a_run_like_those(one: FittedLaw, point: dict[str, float]) -> None:
    """Refuse a ratio of data to size of which a law along one axis, through such runs, is silent.

    Along one line of size and data, what leaves the line is not determined, however well the rows
    lie on the law: no scatter of theirs says anything about it.

    Raises
    ------
    MustBeSaid
        The run lies off the line of the runs, or outside their ratios where they make none.
    """
    axes = one.axes
    if len(one.law.axis_names) > 1 or not axes.two or not {"params", str(axes.data)} <= set(point):
        return
    logs = np.log([axes.columns["params"], axes.columns[str(axes.data)]])
    centre = logs.mean(axis=1)
    spread, ways = np.linalg.eigh(np.cov(logs))
    thin = spread[0] < THIN**2 * spread[1]
    across = ways[:, 0] if thin else np.array([1.0, -1.0]) / np.sqrt(2.0)
    own = across @ (logs - centre[:, None])
    asked = across @ (np.log([point["params"], point[str(axes.data)]]) - centre)
    beyond = max(asked - own.max(), own.min() - asked)
    if beyond > np.log(LIKE) + np.ptp(own):
        raise MustBeSaid(
            f"law {one.law.name} of {axes.main} knows runs like those of the table alone, with "
            f"{words.span(list(axes.ratios()), 2)} {axes.data} per parameter, and this run has "
            f"{words.rough(point[str(axes.data)] / point['params'])}: the loss there is not "
            "determined",
            table=axes.runs.name,
            fix="ask for a run like those in the table, or add runs that vary size and data apart",
        )


def _reservations(one: FittedLaw, point: dict[str, float]) -> list[str]:
    if {"params", "tokens"} <= set(point) and {"params", "tokens"} <= set(one.axes.columns):
        return reservations(one, point["params"], point["tokens"])
    main = one.axes.main
    return far_from(point[main], one.axes.columns[main], NOUNS[main])
