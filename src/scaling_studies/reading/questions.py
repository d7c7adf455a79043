"""What only the user can say: asked where someone is there, else one line that names the flag."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence

from scaling_studies.errors import MustBeSaid

#: Asks one question: text, choices, and the proposal that an empty answer takes.
Ask = Callable[[str, Sequence[str], str | None], str]


def typed(flag: str, said: str) -> str:
    """A flag with what is said, as a shell takes it."""
    plain = not any(sign in said for sign in " ()[]{}&;<>|$!'\"`#~?\\\t\n")
    return f"{flag} {said}" if plain else f"{flag} {shlex.quote(said)}"


def mapped(said: str) -> str:
    """``--map`` with what is said, as a shell takes it."""
    return typed("--map", said)


class Questions:
    """Asks what cannot be known, or says which flag tells it.

    Parameters
    ----------
    name
        File, named in errors.
    ask
        Asks a person; None when no one is there.
    yes
        Whether safe proposals are taken without asking.
    """

    def __init__(self, name: str, ask: Ask | None = None, *, yes: bool = False) -> None:
        self.name = name
        self.ask = ask
        self.yes = yes

    def choice(
        self,
        what: str,
        choices: Sequence[str],
        flag: str,
        proposal: str | None = None,
        *,
        place: Mapping[str, object] | None = None,
    ) -> str:
        """Return one of the choices: the proposal, an answer, or an error that names the flag.

        Raises
        ------
        MustBeSaid
            When no one is there to ask and no proposal may be taken.
        """
        if self.yes and proposal is not None:
            return proposal
        if self.ask is not None:
            return self.ask(what, choices, proposal)
        taken = f"; --yes takes {proposal}" if proposal is not None else ""
        raise MustBeSaid(
            f"{what[0].lower()}{what[1:]} cannot be known from the table".replace(", c", " c"),
            table=self.name,
            fix=f"say it with {flag}{taken}",
            **dict(place or {}),  # type: ignore[arg-type]
        )

    def decide(
        self,
        problem: str,
        answers: Mapping[str, str],
        *,
        proposal: str | None = None,
        safe: bool = False,
        place: Mapping[str, object] | None = None,
    ) -> str:
        """Return what is to be done: a key of `answers`.

        Parameters
        ----------
        problem
            What cannot be known, as a sentence without a full stop.
        answers
            What may be done -> what to type for it.
        proposal
            What is proposed.
        safe
            Whether ``--yes`` may take the proposal.
        place
            Row and column that an error names.

        Raises
        ------
        MustBeSaid
            When no one is there to ask and the proposal may not be taken.
        """
        if self.yes and safe and proposal is not None:
            return proposal
        if self.ask is not None:
            return self.ask(problem, list(answers), proposal)
        typed = "; or ".join(f"{flag} ({what})" for what, flag in answers.items())
        also = ""
        if self.yes:
            also = "; --yes does not take this"
        elif safe and proposal is not None:
            also = f"; --yes takes {proposal}"
        raise MustBeSaid(
            problem,
            table=self.name,
            fix=f"type {typed}{also}",
            **dict(place or {}),  # type: ignore[arg-type]
        )


def ask_at_terminal(what: str, choices: Sequence[str], proposal: str | None) -> str:
    """Ask at the terminal until the answer is one of the choices."""
    hint = f" [{proposal}]" if proposal else ""
    while True:
        try:
            answer = input(f"{what}: {', '.join(choices)}{hint}? ").strip() or (proposal or "")
        except EOFError:
            raise KeyboardInterrupt from None
        if answer in choices:
            return answer
        print(f"  {answer!r} is none of these.")
