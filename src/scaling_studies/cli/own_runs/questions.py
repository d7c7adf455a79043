"""What ``new`` asks its user, or says which flag tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scaling_studies.cli.own_runs.columns import Choice, numbers
from scaling_studies.cli.own_runs.exports import Export
from scaling_studies.errors import CardError, one_line

#: Kind of an export -> what it is called.
KINDS = {
    "plain": "a plain table",
    "nested": "a history in JSON lines",
    "wide": "an export with a column a run",
    "folder": "a folder with a file a run",
    "joined": "two tables, joined by run",
}


class Questions:
    """Asks what cannot be known, or says which flag tells it.

    Parameters
    ----------
    study
        Named in errors.
    interactive
        Whether someone is there to answer.
    yes
        Whether proposals are taken without asking.
    """

    def __init__(self, study: str, *, interactive: bool, yes: bool) -> None:
        self.study = study
        self.interactive = interactive
        self.yes = yes

    def show(self, export: Export, chosen: Mapping[str, Choice]) -> None:
        """Print what the columns are taken for."""
        name, (rows, columns) = one_line(export.path.name, 80), export.cells.shape
        print(f"{name}: {KINDS[export.kind]}, {rows} rows, {columns} columns.")
        for what, choice in chosen.items():
            values = numbers(export.cells[choice.column])
            span = "" if values.empty else f", {values.min():g} to {values.max():g}"
            column = one_line(choice.column, 60)
            print(f"  {what:<14} from {column!r} ({choice.why}{span})")
        used = {choice.column for choice in chosen.values()}
        unused = [one_line(name, 40) for name in export.columns if name not in used]
        if unused:
            print(f"  not used: {', '.join(unused[:12])}{' ...' if len(unused) > 12 else ''}")

    def choice(
        self, what: str, choices: Sequence[str], flag: str, proposal: str | None = None
    ) -> str:
        """Return one of the choices: the proposal, an answer, or an error that names the flag."""
        if proposal is not None and (self.yes or not self.interactive):
            if not self.yes:
                raise self._unknown(what, f"{flag}; --yes takes {proposal}")
            return proposal
        if not self.interactive:
            raise self._unknown(what, flag)
        hint = f" [{proposal}]" if proposal else ""
        while True:
            answer = self._input(f"{what}: {', '.join(choices)}{hint}? ") or (proposal or "")
            if answer in choices:
                return answer
            print(f"  {answer!r} is none of these.")

    def text(self, what: str, proposal: str) -> str:
        """Return an answer, or the proposal when no one is there to give one."""
        return (self._input(f"{what} [{proposal}]? ") if self.interactive else "") or proposal

    def _input(self, prompt: str) -> str:
        try:
            return input(prompt).strip()
        except EOFError:
            raise KeyboardInterrupt from None

    def _unknown(self, what: str, flag: str) -> CardError:
        return CardError(
            f"{what[0].lower()}{what[1:]} cannot be known from the table",
            study=self.study,
            fix=f"say it with {flag}",
        )
