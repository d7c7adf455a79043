"""Which law runs follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scaling_studies import words
from scaling_studies.answers.answer import Answer, Table
from scaling_studies.answers.axes import as_runs
from scaling_studies.answers.beside import with_other_rows
from scaling_studies.answers.estimate import finite
from scaling_studies.answers.fitted import FittedLaw, fitted_laws
from scaling_studies.answers.pictures import loss_picture


@with_other_rows
def fit_runs(runs: Any, law: str | None = None, **reading: Any) -> Answer:
    """Fit runs of one's own, of which laws apply the best first.

    Parameters
    ----------
    runs
        Path, frame or `reading.OwnRuns`.
    law
        Name or alias of a law; without one all that apply are fitted and ranked by Akaike's
        criterion, and the first is reported in full.
    **reading
        Passed to `read_runs`.

    Returns
    -------
    Answer
        Its object adds ``statistics``, ``evidence``, ``derived`` and ``laws`` (in order).

    Raises
    ------
    ScalingStudiesError
        Something must be said first, or no law can be fitted.

    Examples
    --------
    >>> import pandas as pd
    >>> from scaling_studies.answers.fit import fit_runs
    >>> frame = pd.DataFrame({"params": [1e7, 1e7, 1e8, 1e8, 1e9, 1e9] * 2})
    >>> frame["tokens"] = frame["params"] * [10, 20, 20, 40, 40, 80, 30, 60, 60, 9, 15, 90]
    >>> frame["loss"] = 1.7 + 400 * frame["params"] ** -0.34 + 2000 * frame["tokens"] ** -0.37
    >>> answer = fit_runs(frame, "chinchilla", unit="nats_per_token", params_convention="total")
    >>> answer.law, round(answer.parameters["alpha"].value, 4)
    ('additive', 0.34)
    """
    own = as_runs(runs, **reading)
    found, left_out = fitted_laws(own, law, confirm=True)
    best = found[0]
    parameters = best.parameters()
    derived = best.derived()
    statistics = best.fit.statistics
    tables = [_constants(best, {**parameters, **derived})]
    if len(found) > 1:
        tables.append(_ranked(found))
    return Answer(
        title=_title(best),
        source=own.name,
        law=best.law.name,
        n=best.fit.n,
        parameters=parameters,
        objective_value=best.fit.objective_value,
        converged=best.fit.converged,
        identified=best.fit.identified,
        warnings=(*own.warnings, *best.axes.of_compute, *left_out, *best.messages()),
        notes=own.notes,
        tables=tuple(tables),
        part={
            "formula": best.law.formula,
            "derived": {name: item.to_dict() for name, item in derived.items()},
            "statistics": {name: finite(value) for name, value in statistics.items()},
            "evidence": best.fit.evidence.as_dict(),
            "laws": [
                {
                    "law": one.law.name,
                    "aicc": finite(one.fit.statistics["aicc"]),
                    "identified": one.fit.identified,
                    "converged": one.fit.converged,
                    "rmse": finite(one.fit.statistics["rmse"]),
                }
                for one in found
            ],
        },
        draws=lambda: loss_picture(best),
    )


def _title(best: FittedLaw) -> str:
    head = f"{best.law.title}, {best.law.formula}"
    if not best.fit.identified:
        return f"{head}: these runs do not determine all of its constants"
    spread = words.percent(best.fit.statistics["rmse"] / best.axes.columns["loss"].mean(), 2)
    return f"{head}: runs scatter by {spread} around it"


def _constants(best: FittedLaw, estimates: dict) -> Table:
    meanings = {item.name: item.meaning for item in best.law.parameters}
    rows = [(name, item.text(), meanings.get(name, "")) for name, item in estimates.items()]
    return Table(
        f"Constants with 95 % intervals ({best.draws.kind} resampling of {best.fit.n} rows)",
        ("constant", "value", "meaning"),
        rows,
    )


def _ranked(found: Sequence[FittedLaw]) -> Table:
    scores = [one.fit.statistics["aicc"] for one in found]
    rows = []
    for one, score in zip(found, scores, strict=True):
        state = "" if one.fit.identified else "not identified"
        difference = finite(score - scores[0])
        rows.append(
            (
                one.law.name,
                words.number(difference, 3),
                words.number(one.fit.statistics["rmse"], 3),
                state,
            )
        )
    return Table(
        "Laws that apply, by Akaike's criterion (`scaling-studies rank` tries them on larger runs)",
        ("law", "difference", "rms error of the loss", ""),
        rows,
    )
