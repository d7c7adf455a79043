"""Errors that a user can act on: each is one line that names the place and the fix."""

from __future__ import annotations

from typing import Any

#: What to do when a file cannot be written.
UNWRITABLE_FIX = "free disk space or make the folder writable, then run the same command again"


class ScalingStudiesError(Exception):
    """Something the user can mend.

    Parameters
    ----------
    problem
        What is wrong, in plain words, without a trailing full stop.
    fix
        What to do about it.
    study, table, row, column, key
        Where it is. Only the parts that are given are shown.

    Notes
    -----
    ``str(error)`` is always one line: ``study x, table y, row 3, column z: problem. Fix: ...``.
    """

    def __init__(
        self,
        problem: str,
        *,
        fix: str | None = None,
        study: str | None = None,
        table: str | None = None,
        row: object | None = None,
        column: str | None = None,
        key: str | None = None,
    ) -> None:
        self.problem = problem
        self.fix = fix
        self.place: dict[str, Any] = {
            name: value
            for name, value in (
                ("study", study),
                ("table", table),
                ("row", row),
                ("column", column),
                ("key", key),
            )
            if value is not None
        }
        super().__init__(self._line())

    def _line(self) -> str:
        where = ", ".join(f"{name} {one_line(value, 200)}" for name, value in self.place.items())
        problem = one_line(self.problem, 1000)
        text = f"{where}: {problem}" if where else problem
        if self.fix:
            text = f"{text}. Fix: {one_line(self.fix, 3000)}"
        return text


def one_line(text: object, longest: int) -> str:
    """Text as one line of visible characters, shortened.

    What a stranger's card or table holds may end up in a terminal: control characters, which would
    be obeyed there, and characters that turn the direction of text are written as escapes.
    """
    line = " ".join(str(text)[: 4 * longest].split())
    visible = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
        for sign in line
    )
    return visible if len(visible) <= longest else f"{visible[: longest - 3]}..."


class CardError(ScalingStudiesError):
    """A study card or the configuration is not valid."""


class TableError(ScalingStudiesError):
    """A raw table or a run table breaks its contract."""


class MustBeSaid(ScalingStudiesError):
    """Something that only the user can say comes first; the fix is what to type."""


class SourceError(ScalingStudiesError):
    """An upstream file is missing, truncated or not the pinned one."""


class ArtefactError(ScalingStudiesError):
    """A generated file is damaged or not what its record says."""


class FitError(ScalingStudiesError):
    """A fit cannot be carried out on the rows it was given."""


class PreflightError(ScalingStudiesError):
    """A run cannot begin here: folder, disk, Python, packages or another run."""
