"""Numbers in the texts of a card: ``{fit.quantity:format}`` stands for one of an artefact."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import Formatter

from scaling_studies.errors import ScalingStudiesError
from scaling_studies.words import counted_in, without_e

#: Last part of a name that asks for a number of a column of the fit's rows: an end of what all of
#: them span, or the sum over those that were fitted.
PARTS_OF_ROWS = ("least", "most", "fitted_total")
#: Last part that asks for a number of the quantity's interval, for the printed one, or of rows.
INTERVAL_PARTS = ("low", "high", "standard_error", "median", "printed", *PARTS_OF_ROWS)
#: As in Python, and `C` for counts in thousands, millions, billions: `{x:.3C}` is `73.1B`.
FORMAT_SPEC = re.compile(r"[+]?,?(\.[0-9]{1,2})?[efgd%]?|\.[1-9]C")


def fill(
    text: str,
    lookup: Callable[[str, str, str | None], float | None],
    error: Callable[[str, str], ScalingStudiesError],
) -> str:
    """Replace ``{fit.quantity:format}`` and ``{fit.quantity.low:format}`` by numbers.

    Parameters
    ----------
    text
        Text of a card. Doubled braces stand for themselves.
    lookup
        Function of (fit, quantity, interval part or None) that returns a number or None.
    error
        Function of (problem, fix) that makes the error to raise.

    Returns
    -------
    str
        The text; numbers carry a true minus sign and powers of ten.

    Notes
    -----
    Only numbers of artefacts can be reached: no attribute access, indexing, conversion or
    nested field as in :meth:`str.format`.
    """
    filled = []
    for literal, name, spec, conversion in _pieces(text, error):
        filled.append(literal)
        if name is None:
            continue
        if conversion or not FORMAT_SPEC.fullmatch(spec or ""):
            raise error(
                f"placeholder {{{name}}} has the format {(spec or conversion)!r}",
                "use a format such as :.3f, :.3g, :,d or :.1%",
            )
        value = lookup(*_split_name(name))
        if value is None:
            raise error(
                f"placeholder {{{name}}} is no number of an artefact that is read here",
                "write {fit.quantity:.3f} with a fit that is read here and one of its quantities",
            )
        filled.append(_written(value, spec or ""))
    # A number and its per cent sign stay on one line.
    return " ".join("".join(filled).replace(" %", "\N{NO-BREAK SPACE}%").split(" "))


def with_values(
    text: str,
    lookup: Callable[[str, str, str | None], float | None],
    error: Callable[[str, str], ScalingStudiesError],
) -> tuple[str, dict[str, float]]:
    """Replace ``{fit.quantity}`` in arithmetic by names, and give the number behind each.

    Parameters
    ----------
    text, lookup, error
        As in :func:`fill`; placeholders have no format.
    """
    known: dict[str, float] = {}
    pieces = []
    for literal, name, spec, conversion in _pieces(text, error):
        pieces.append(literal)
        if name is None:
            continue
        value = None if spec or conversion else lookup(*_split_name(name))
        if value is None:
            raise error(
                f"placeholder {{{name}}} is no number of an artefact that is read here",
                "write {fit.quantity} with a fit that is read here and one of its quantities",
            )
        key = f"v{len(known)}"
        known[key] = float(value)
        pieces.append(key)
    return "".join(pieces), known


def _pieces(text: str, error: Callable[[str, str], ScalingStudiesError]) -> list[tuple]:
    """Texts and placeholders, as :meth:`string.Formatter.parse` divides them."""
    try:
        return list(Formatter().parse(text))
    except ValueError as problem:
        raise error(f"the text has a stray brace ({problem})", "write {{ for a brace") from None


def _written(value: float, spec: str) -> str:
    if spec.endswith("C"):
        return counted_in(value, int(spec[1]))
    # Thousands are told apart, as everywhere else.
    spec = ",d" if spec == "d" else spec or ".4g"
    number = without_e(format(round(value) if spec.endswith("d") else value, spec))
    number = number.replace("inf", "∞")
    if number.endswith("%"):
        number = f"{number[:-1]} %"
    if number.startswith("-"):
        # What rounds to nothing has no sign.
        return f"−{number[1:]}" if re.search("[1-9∞]", number) else number[1:]
    return number


def _split_name(name: str) -> tuple[str, str, str | None]:
    """Split into fit, quantity and interval part; fit ids may hold dots, quantities do not."""
    head, _, last = name.rpartition(".")
    if last in INTERVAL_PARTS and "." in head:
        fit, _, quantity = head.rpartition(".")
        return fit, quantity, last
    return head, last, None
