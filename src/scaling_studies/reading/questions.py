"""What only the user can say: asked where someone is there, else one line that names the flag."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scaling_studies.errors import MustBeSaid

#: Asks one question: text, choices, and the proposal that an empty answer takes.
Ask = Callable[[str, Sequence[str], str | None], str]


class Questions:
    """Asks what cannot be known, or says which flag tells it.

    Parameters
    ----------
    name
        File, named in errors.
    ask
        Asks a person; None when no one is there.
    yes
        Whether proposals are taken without asking.
    """

    def __init__(self, name: str, ask: Ask | None = None, *, yes: bool = False) -> None:
        self.name = name
        self.ask = ask
        self.yes = yes

    def choice(
        self, what: str, choices: Sequence[str], flag: str, proposal: str | None = None
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
            f"{what[0].lower()}{what[1:]} cannot be known from the table",
            table=self.name,
            fix=f"say it with {flag}{taken}",
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
