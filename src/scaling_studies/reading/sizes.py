"""Which columns are the sizes of the models, and what they count."""

from __future__ import annotations

from scaling_studies.errors import CardError, one_line
from scaling_studies.reading.guesses import guess
from scaling_studies.reading.maps import SIZES
from scaling_studies.reading.names import name_of
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions, mapped
from scaling_studies.reading.roles import AMOUNTS, Candidates, one_of


def choose_sizes(
    candidates: Candidates, convention: str | None, questions: Questions
) -> tuple[dict[str, Role], str | None]:
    """Columns of sizes: ``params`` and, where they stand beside it, those of other conventions.

    Returns
    -------
    dict
        Roles.
    str or None
        What ``params`` counts; None when the name does not tell.

    Raises
    ------
    MustBeSaid
        When a column may be the size of the model or of the data.
    """
    if convention is not None and convention not in SIZES:
        raise CardError(f"{convention!r} is no convention", fix=f"use one of {', '.join(SIZES)}")
    said = candidates.said
    if "params" in said:
        role = said["params"]
        if role is None:
            return {}, None
        found = guess(name_of(role.column))
        own = found.kind if found and found.role == "params" and found.kind in SIZES else None
        return {"params": role}, convention or own
    kinds: dict[str, list[str]] = {}
    for column in candidates.of("params"):
        if candidates.kind(column) != "letter":
            kinds.setdefault(candidates.kind(column), []).append(column)
    sizes = {
        kind: one_of(columns, "params", candidates.table, questions)
        for kind, columns in kinds.items()
    }
    if not sizes:
        return _unsure_sizes(candidates, questions), convention
    _ask_active(candidates, sizes, questions)
    order = ["active", "total", "", "non_embedding"]
    if convention in sizes:
        order = [convention]
    kind = next(each for each in order if each in sizes)
    roles = {"params": Role(sizes[kind])}
    for other, column in sizes.items():
        if other != kind and other in SIZES:
            roles[SIZES[other]] = Role(column)
    return roles, convention or kind or None


def _ask_active(candidates: Candidates, sizes: dict[str, str], questions: Questions) -> None:
    """Ask whether a column that may hold active parameters is meant; put it into `sizes`."""
    for column in candidates.of("params", sure=False):
        values = candidates.table.numbers(column).floats
        if candidates.kind(column) != "active" or "active" in sizes or not (values > 1e5).any():
            continue
        first = next(iter(sizes.values()))
        answer = questions.decide(
            f"{one_line(column, 60)!r} may be the active parameters",
            {"active": mapped(f"params={column}"), "total": mapped(f"params={first}")},
            place={"column": column},
        )
        if answer == "active":
            sizes["active"] = column
        return


def _unsure_sizes(candidates: Candidates, questions: Questions) -> dict[str, Role]:
    for column in candidates.of("params", sure=False):
        letter = candidates.kind(column) == "letter"
        if not candidates.table.varies(column) or (letter and "tokens" in candidates.said):
            continue
        other = (
            {"samples": mapped(f"samples={column}")} if letter else {"none": "--map params=none"}
        )
        answer = questions.decide(
            f"{one_line(column, 60)!r} may be the parameters of the model"
            + (" or its samples" if letter else ""),
            {"params": mapped(f"params={column}"), **other},
            place={"column": column},
        )
        return {} if answer == "none" else {answer: Role(column, why="as you said")}
    for column in candidates.of("size", sure=False):
        data = [each for each in candidates.free if each != column and _is_data(each, candidates)]
        data += [role.column for what in AMOUNTS if (role := candidates.said.get(what))]
        if data:
            return {"params": Role(column, why=f"by its name beside {one_line(data[0], 40)}")}
        answer = questions.decide(
            f"{column!r} may be the size of the model or of the data",
            {
                "params": mapped(f"params={column}"),
                "samples": mapped(f"samples={column}"),
                "tokens": mapped(f"tokens={column}"),
            },
            place={"column": column},
        )
        return {answer: Role(column, why="as you said")}
    if "params" not in candidates.unread:
        candidates.require_read("size")
    return {}


def _is_data(column: str, candidates: Candidates) -> bool:
    """Whether a column of numbers is plainly data, so that a size beside it is the model's."""
    found = candidates.guesses.get(column)
    return candidates.table.is_numeric(column) and (
        name_of(column).words == ("data",)
        or (found is not None and found.sure and found.role in ("tokens", "samples", "flops"))
    )
