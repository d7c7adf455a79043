"""Words of a page as they are set: lowered indices, raised powers, spaces that do not break."""

from __future__ import annotations

import re

from scaling_studies.cards.names import GREEK, INDEXED

#: What is to be typed, read by a program or set already; a tag; words.
PIECES = re.compile(
    r"<(?P<kept>code|pre|script|style|title|option|textarea|button|math)\b.*?</(?P=kept)>|<[^>]*>"
    r"|(?P<words>[^<]+)",
    re.DOTALL,
)
RAISED = re.compile(r"(?<=[\w)])\^(?P<power>\([^()]*\)|[-−]?\w+(?:\.\d+|<sub>\w+</sub>)?)")
#: Writing -> how it is set.
SPACED = (
    (re.compile(r"(?<=\d) ?%"), "\N{NO-BREAK SPACE}%"),
    (re.compile(r"(?<![\w.])1e\+?(?=-?\d{1,2}\b)"), "10^"),
    (re.compile(r"(?<![\w.])(\d(?:\.\d+)?)e\+?(?=-?\d{1,2}\b)"), r"\1×10^"),
    (re.compile(r"(?<![^\s(])-(?=\d)"), "−"),
    (re.compile(r"(?<=\d) ×(?! ?\d)"), "\N{NO-BREAK SPACE}×"),
    (re.compile(r" · "), "\N{NO-BREAK SPACE}· "),
    (re.compile(r"(?<=\d) - (?=\d)"), " − "),
)


def as_set(html: str) -> str:
    """A page whose words are set as people print them, its tags and what is typed left alone.

    Examples
    --------
    >>> as_set("<p>β_g, R_D* and N^-alpha</p><code>a_b</code>")
    '<p>β<sub>g</sub>, R<sub>D</sub>* and N<sup>−α</sup></p><code>a_b</code>'
    """
    return PIECES.sub(lambda piece: _set(piece[0]) if piece["words"] else piece[0], html)


def _set(words: str) -> str:
    for writing, printed in SPACED:
        words = writing.sub(printed, words)
    return RAISED.sub(_raised, INDEXED.sub(_lowered, words.replace("alpha_C_min", "α_C min")))


def _lowered(found: re.Match[str]) -> str:
    base, index = (GREEK.get(found[part], found[part]) for part in ("base", "index"))
    return f"{base}<sub>{index}</sub>{(found['star'] or '').replace('_star', '*')}"


def _raised(found: re.Match[str]) -> str:
    power = found["power"].removeprefix("(").removesuffix(")").replace("-", "−")
    sign = "−" if power.startswith("−") else ""
    return f"<sup>{sign}{GREEK.get(power.removeprefix(sign), power.removeprefix(sign))}</sup>"
