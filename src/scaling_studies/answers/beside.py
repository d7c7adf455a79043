"""An answer beside those of other rows, where rows were chosen: all are shown."""

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
    """Decorate a question about ``runs``, so that other rows of the table answer it too.

    They are asked under the law of the answer, so that nothing but rows differs.
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

        def ask(frame: pd.DataFrame) -> Answer:
            bound.arguments["runs"] = of_other_rows(own, frame)
            return question(*bound.args, **bound.kwargs)

        others = own.alternatives.items()
        return beside(answer, {flag: functools.partial(ask, frame) for flag, frame in others})

    return asked


def of_other_rows(own: OwnRuns, frame: pd.DataFrame) -> OwnRuns:
    """The runs with other rows; what was said of them stands in the answer already."""
    return replace(own, frame=frame, alternatives={}, warnings=(), notes=())


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
    tables = [Table("The answer by which rows are fitted", ("rows", "number", "answer"), rows)]
    same = {flag: one for flag, one in given.items() if one.law == answer.law}
    if len(same) > 1:
        constants = [
            (name, *(one.parameters[name].text() for one in same.values()))
            for name in answer.parameters
        ]
        caption = "The constants by which rows are fitted"
        tables.append(Table(caption, ("constant", *same), constants))
    part = {**answer.part, "other_rows": objects}
    return replace(answer, tables=(*answer.tables, *tables), part=part)


def _object(found: Answer) -> dict[str, object]:
    whole = found.to_json()
    names = ("n", "law", "answer", "parameters", "objective_value", "converged", "identified")
    return {name: whole[name] for name in names}
