"""Terms of the report, and a short explanation where a text first uses one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import markupsafe

from scaling_studies.cards.plain_yaml import read_yaml

TERMS = Path(__file__).resolve().parent / "templates/glossary.yaml"


@dataclass(frozen=True)
class Term:
    """A term: how it is called, a sentence, what more there is to say, how texts write it."""

    id: str
    term: str
    short: str
    more: str
    written: tuple[str, ...]


@cache
def terms() -> tuple[Term, ...]:
    """All terms, by name."""
    entries = read_yaml(TERMS)
    found = [
        Term(name, entry["term"], entry["short"], entry["more"], tuple(entry["written"]))
        for name, entry in entries.items()
    ]
    return tuple(sorted(found, key=lambda term: term.term.lower()))


@cache
def _writings() -> tuple[re.Pattern[str], dict[str, Term]]:
    of = {text: term for term in terms() for text in term.written}
    longest_first = sorted(of, key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)"), of


@dataclass
class Gloss:
    """Explains terms in the texts of one page, each where it first comes up.

    Parameters
    ----------
    home
        Way from the page to the folder of the report.
    """

    home: str
    said: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> markupsafe.Markup:
        """A text, escaped, with its terms explained."""
        pattern, of = _writings()
        pieces = []
        end = 0
        for found in pattern.finditer(text):
            term = of[found[1]]
            if term.id in self.said:
                continue
            self.said.add(term.id)
            pieces += [markupsafe.escape(text[end : found.start()]), self._link(term, found[1])]
            end = found.end()
        return markupsafe.Markup("").join([*pieces, markupsafe.escape(text[end:])])

    def _link(self, term: Term, written: str) -> markupsafe.Markup:
        return markupsafe.Markup(
            '<span class="gloss"><a class="term" href="{home}/glossary.html#{id}" '
            'aria-describedby="tip-{id}">{written}</a><span class="tip" role="tooltip" '
            'id="tip-{id}">{short}</span></span>'
        ).format(home=self.home, id=term.id, written=written, short=term.short)
