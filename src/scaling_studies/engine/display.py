"""Results as readable text and HTML: a head, rows of names and values, and lines below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Display:
    """What a result says of itself.

    Attributes
    ----------
    head
        Lines above the rows.
    rows
        Name, value and meaning of each quantity.
    state
        One line below the rows.
    messages
        Plain statements that a reader must see.
    """

    head: Sequence[str]
    rows: Sequence[tuple[str, str, str]]
    state: str
    messages: Sequence[str]

    def text(self) -> str:
        """Plain text, for a terminal."""
        rows = (
            f"  {name:<12} {value:>14}  {meaning}".rstrip() for name, value, meaning in self.rows
        )
        return "\n".join([*self.head, *rows, self.state, *self.messages])

    def html(self) -> str:
        """Return the same as HTML, for a notebook; every text is escaped."""
        first, *others = map(escape, self.head)
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td><td>{escape(meaning)}</td></tr>"
            for name, value, meaning in self.rows
        )
        messages = "".join(f"<li>{escape(message)}</li>" for message in self.messages)
        return (
            f"<p>{'<br>'.join([f'<b>{first}</b>', *others])}</p><table>{rows}</table>"
            f"<p>{escape(self.state)}</p>" + (f"<ul>{messages}</ul>" if messages else "")
        )
