"""An answer beside those of other rows or losses, where they were chosen: all are shown."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ParamSpec

import pandas as pd

from scaling_studies.answers.answer import Answer, Table
from scaling_studies.answers.axes import as_runs
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.reading import OwnRuns

#: What the rows of an answer are called.
CHOSEN = "as chosen"

Said = ParamSpec("Said")


def with_other_rows(question: Callable[Said, Answer]) -> Callable[Said, Answer]:
    """Decorate a question about ``runs``, so that other rows and losses answer it too.

    They are asked under the law of the answer, so that nothing but the data differs.
    """
    signature = inspect.signature(question)

    @functools.wraps(question)
    def asked(*given: Said.args, **said: Said.kwargs) -> Answer:
        bound = signature.bind(*given, **said)
        own = as_runs(bound.arguments["runs"], **bound.arguments.pop("reading", {}))
        bound.arguments["runs"] = own
        answer = question(*bound.args, **bound.kwargs)
        if "law" in signature.parameters:
            bound.arguments["law"] = answer.law

        def ask(other: OwnRuns) -> Answer:
            bound.arguments["runs"] = other
            return question(*bound.args, **bound.kwargs)

        return beside(answer, {flag: functools.partial(ask, one) for flag, one in others_of(own)})

    return asked


def others_of(own: OwnRuns) -> list[tuple[str, OwnRuns]]:
    """What to type -> the runs with other rows, and with the other losses that were said."""
    rows = [(flag, of_other_rows(own, frame)) for flag, frame in own.alternatives.items()]
    losses = [(flag, of_other_rows(one, one.frame)) for flag, one in own.other_losses.items()]
    return rows + losses


def of_other_rows(own: OwnRuns, frame: pd.DataFrame) -> OwnRuns:
    """The runs with other rows; what was said of them stands in the answer already."""
    return replace(own, frame=frame, alternatives={}, other_losses={}, warnings=(), notes=())


def beside(answer: Answer, others: Mapping[str, Callable[[], Answer]]) -> Answer:
    """Add to an answer those of other rows.

    Parameters
    ----------
    answer
        Of the rows that were chosen.
    others
        What to type for other rows -> gives their answer.

    Returns
    -------
    Answer
        With a table of all answers and one of all constants. Its object adds ``other_rows``: what
        to type -> ``n``, ``law``, ``answer``, ``parameters``, ``objective_value``, ``converged``
        and ``identified``; or ``refused``, why these rows give no answer.
    """
    if not others:
        return answer
    given, rows = {CHOSEN: answer}, [(CHOSEN, str(answer.n), answer.title)]
    objects: dict[str, dict[str, object]] = {}
    for flag, ask in others.items():
        try:
            found = given[flag] = ask()
        except ScalingStudiesError as error:
            objects[flag] = {"refused": str(error)}
            rows.append((flag, "", f"no answer: {error}"))
            continue
        objects[flag] = _object(found)
        rows.append((flag, str(found.n), found.title))
    tables = [Table("The answer by what is fitted", ("fitted", "rows", "answer"), rows)]
    same = {flag: one for flag, one in given.items() if one.law == answer.law}
    if len(same) > 1:
        constants = [
            (name, *(one.parameters[name].text() for one in same.values()))
            for name in answer.parameters
        ]
        caption = "The constants by what is fitted"
        tables.append(Table(caption, ("constant", *same), constants))
    part = {**answer.part, "other_rows": objects}
    return replace(answer, tables=(*answer.tables, *tables), part=part)


def _object(found: Answer) -> dict[str, object]:
    whole = found.to_json()
    names = ("n", "law", "answer", "parameters", "objective_value", "converged", "identified")
    return {name: whole[name] for name in names}
