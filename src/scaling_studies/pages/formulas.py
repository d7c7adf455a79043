"""Formulas of laws and symbols of quantities as MathML, read from the plain text of the law.

The formula of a law is written once, as plain text in its plug-in; what a page shows is made from
it. Products are written side by side, ``/`` is a fraction, ``^`` raises, ``_`` lowers, a star or
a prime directly behind a name belongs to it, and words are words.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape

import markupsafe

from scaling_studies.cards.names import GREEK

TOKEN = re.compile(
    r"\s*(?P<name>[A-Za-z]+[0-9]*(?:_[A-Za-z0-9]+)*[*']*)(?P<sum>_\([^)]*\)|(?<=prod_i))?"
    r"|\s*(?P<number>\d+(?:\.\d+)?)|\s*(?P<sign><=|∝|.)"
)
FUNCTIONS = {"exp", "log", "ln", "log10", "min", "max"}
BIG = {"sum": "∑", "prod": "∏"}
SUBSCRIPTS = {"inf": "∞", "star": "∗"}
SIGNS = {"-": "−", "<=": "≤"}
CLOSING = {"(": ")", "[": "]"}
SPACE = '<mspace width="0.17em"></mspace>'
#: Characters from which a formula may go on in a new line, and what marks where in the making.
LONG, BREAK = 36, "\0"
#: Longer names are words, except these.
VARIABLES = {"Elo", "Err", "err"}


@cache
def formula(text: str) -> markupsafe.Markup:
    """A formula as MathML: one element, or several side by side where a long one may be broken.

    No browser breaks an element, and a screen cuts off what is wider.

    Parameters
    ----------
    text
        Plain text, for example ``L = E + A N^-alpha``.

    Examples
    --------
    >>> print(formula("A x^-alpha"))
    <math><mi>A</mi><mo>&InvisibleTimes;</mo><msup><mi>x</mi><mrow><mo>−</mo><mi>α</mi></mrow></msup></math>
    """
    reader = _Reader(text)
    reader.breaks = len(text) >= LONG
    parts = reader.row(set()).split(BREAK)
    return markupsafe.Markup(" ".join(f"<math>{part}</math>" for part in parts))


def symbol(name: str) -> markupsafe.Markup:
    """A symbol, for example ``N_c`` or ``R_D_star``, as a MathML element."""
    return markupsafe.Markup(f"<math>{_name(name)}</math>")


class _Reader:
    """Recursive descent through the tokens of a formula."""

    def __init__(self, text: str) -> None:
        self.tokens = [
            (kind, found[kind], found["sum"] or "")
            for found in TOKEN.finditer(text.strip())
            for kind in ("name", "number", "sign")
            if found[kind]
        ]
        self.place = 0
        self.raised = 0
        self.breaks = False

    def next_is(self, *signs: str) -> bool:
        """Whether the next token is one of these signs."""
        return self.place < len(self.tokens) and self.tokens[self.place][:2] in [
            ("sign", sign) for sign in signs
        ]

    def row(self, ends: set[str]) -> str:
        """Terms up to a closing bracket or the end."""
        parts: list[str] = []
        outermost = self.breaks and not ends
        factor_before = False
        while self.place < len(self.tokens) and not self.next_is(*ends):
            if self.next_is("/") and parts and not self.raised:
                self.place += 1
                parts[-1] = f"<mfrac>{_bare(parts[-1])}{_bare(self.factor())}</mfrac>"
                continue
            kind, text, _ = self.tokens[self.place]
            if kind == "sign" and text not in CLOSING:
                self.place += 1
                added = outermost and factor_before and text in "+-"
                # At the beginning of an element a sign would stand without space around it.
                parts += [BREAK, _sign(text, ' form="infix"')] if added else [_sign(text)]
                parts += [BREAK] if outermost and text == "," else []
                factor_before = False
                continue
            if factor_before:
                parts.append("<mo>&InvisibleTimes;</mo>")
            parts.append(self.factor())
            factor_before = not parts[-1].startswith(("<mtext", "<munder"))
        return "".join(parts)

    def factor(self) -> str:
        """One factor with what it is raised to; nothing where the formula ends."""
        if self.place >= len(self.tokens):
            return "<mrow></mrow>"
        kind, text, below = self.tokens[self.place]
        self.place += 1
        if kind == "sign" and text in CLOSING:
            inner = self.row({CLOSING[text]})
            self.place += 1
            base = f"<mrow><mo>{text}</mo>{inner}<mo>{CLOSING[text]}</mo></mrow>"
        elif kind == "number":
            base = f"<mn>{text}</mn>"
        elif kind == "sign":
            return f"<mrow>{_sign(text)}{self.factor()}</mrow>"
        else:
            base = self.named(text, below)
        if not self.next_is("^"):
            return base
        self.place += 1
        self.raised += 1
        power = _bare(self.factor())
        self.raised -= 1
        return f"<msup>{base}{power}</msup>"

    def named(self, text: str, below: str) -> str:
        """A variable, a function with its argument, a sum, or a word."""
        head, _, index = text.partition("_")
        if head in BIG:
            under = _Reader(below[2:-1] or index).row(set())
            return f"<munder><mo>{BIG[head]}</mo><mrow>{under}</mrow></munder>"
        if head in FUNCTIONS and self.place < len(self.tokens):
            called = (
                "<msub><mi>log</mi><mn>10</mn></msub>" if head == "log10" else f"<mi>{head}</mi>"
            )
            return f"<mrow>{SPACE}{called}<mo>&ApplyFunction;</mo>{self.factor()}</mrow>"
        if below:
            return f"<msub>{_name(text)}<mrow>{_Reader(below[2:-1]).row(set())}</mrow></msub>"
        return _name(text)


def _sign(text: str, form: str = "") -> str:
    text = SIGNS.get(text, text)
    return f'<mo separator="true">{text}</mo>' if text in ",;" else f"<mo{form}>{escape(text)}</mo>"


def _bare(part: str) -> str:
    """A part without the brackets around it, where a fraction or a power shows what belongs."""
    inner = re.fullmatch(r"<mrow><mo>\(</mo>(.*)<mo>\)</mo></mrow>", part)
    return f"<mrow>{inner[1]}</mrow>" if inner else part


def _name(text: str) -> str:
    """A variable with its index, star and primes; a word of several letters as text."""
    stem = text.rstrip("*'")
    ticks = text[len(stem) :]
    head, *lowered = re.sub(r"(?<=[a-zA-Z])(?=\d+$)", "_", stem).split("_")
    if lowered[-1:] == ["star"]:
        lowered, ticks = lowered[:-1], f"{ticks}*"
    if head in FUNCTIONS and lowered:
        inner = _name("_".join(lowered) + ticks)
        return f"<mrow><mi>{head}</mi><mo>&ApplyFunction;</mo>{inner}</mrow>"
    if len(head) > 2 and head not in GREEK and head not in VARIABLES:
        return f"<mtext>&nbsp;{escape(text.replace('_', ' '))}&nbsp;</mtext>"
    base = f"<mi>{GREEK.get(head, head)}</mi>"
    # Raised once more, the sign of a prime is a speck in fonts without mathematics.
    primes = "′" * ticks.count("'")
    if primes:
        base = f'<mrow>{base}<mo lspace="0" rspace="0">{primes}</mo></mrow>'
    below = "".join(
        f"<mn>{part}</mn>"
        if part.isdigit()
        else f"<mi>{GREEK.get(part, SUBSCRIPTS.get(part, part))}</mi>"
        for part in lowered
    )
    above = "∗" * ticks.count("*")
    if below and above:
        return f"<msubsup>{base}<mrow>{below}</mrow><mo>{above}</mo></msubsup>"
    if below:
        return f"<msub>{base}<mrow>{below}</mrow></msub>"
    return f"<msup>{base}<mo>{above}</mo></msup>" if above else base
