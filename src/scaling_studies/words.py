"""Numbers, intervals, amounts and names as people write them."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
EXPONENT = re.compile(r"(?<=[0-9])e([+-][0-9]+)")
#: Digits shown of a number without uncertainty.
PLAIN_DIGITS = 5
#: Ratio of the ends of an interval from which each is written with digits of its own.
WIDE = 30.0


def number(value: float | None, digits: int = PLAIN_DIGITS) -> str:
    """Write a number with significant digits, a true minus sign and powers of ten as people do.

    Parameters
    ----------
    value
        The number; None and NaN give a dash.
    digits
        Significant digits.
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if not is_plain(value):
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        text = f"{mantissa}{power_of_ten(int(exponent))}"
    else:
        decimals = max(digits - 1 - magnitude, 0)
        text = f"{value:,.{decimals}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−", 1) if text.startswith("-") else text


def is_plain(value: float) -> bool:
    """Whether a number is written in full rather than as a power of ten."""
    return value == 0 or 1e-4 <= abs(value) < 1e6


def fixed(value: float, places: int) -> str:
    """Write a number with digits after the point, all of them, and a true minus sign."""
    text = f"{abs(value):,.{places}f}"
    rounds_to_zero = not float(text.replace(",", ""))
    return f"−{text}" if value < 0 and not rounds_to_zero else text


def power_of_ten(exponent: int) -> str:
    """Write the second half of ``1.4×10¹²``."""
    return f"×10{str(exponent).translate(SUPERSCRIPTS)}"


def without_e(text: str) -> str:
    """Replace the exponent of a formatted number, ``4.04e+10``, by a power of ten."""
    return EXPONENT.sub(lambda found: power_of_ten(int(found[1])), text)


def digits_for(value: float, low: float | None, high: float | None) -> int:
    """Significant digits of a value that its interval warrants: two of the half width."""
    if low is None or high is None or not math.isfinite(high - low) or high <= low or value == 0:
        return PLAIN_DIGITS
    half = (high - low) / 2
    return int(
        min(max(2 + math.floor(math.log10(abs(value))) - math.floor(math.log10(half)), 2), 6)
    )


def decimals_for(low: float | None, high: float | None) -> int | None:
    """Digits after the point that an interval warrants: two digits of its half width."""
    if low is None or high is None or not math.isfinite(high - low) or high <= low:
        return None
    return max(1 - math.floor(math.log10((high - low) / 2)), 0)


def estimate(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """Write a value with the digits that its interval warrants."""
    if value is None or not math.isfinite(value):
        return "–"
    places = decimals_for(low, high)
    if places is not None and value and is_plain(value):
        return fixed(value, max(places, 1 - math.floor(math.log10(abs(value)))))
    return number(value, digits_for(value, low, high))


def estimate_like(
    value: float | None, published: float, low: float | None, high: float | None
) -> str:
    """Write a refit with the digits its interval warrants, at least those that were published."""
    if value is None or not math.isfinite(value):
        return "–"
    mantissa = f"{published:.9e}".split("e")[0].rstrip("0").replace(".", "").lstrip("-")
    return number(value, max(digits_for(value, low, high), min(len(mantissa), 9)))


def interval(low: float | None, high: float | None, value: float | None = None) -> str:
    """Write an interval as ``low to high`` or, with one open side, ``at least low``; else empty."""
    low, high = (None if end is None or not math.isfinite(end) else end for end in (low, high))
    if (low is None) != (high is None):
        side, end = ("at least", low) if high is None else ("at most", high)
        return f"{side} {number(end or 0.0, 3)}"
    if low is None or high is None:
        return ""
    if low * high > 0 and max(low / high, high / low) > WIDE:
        return f"{number(low, 2)} to {number(high, 2)}"
    places = decimals_for(low, high)
    if places is not None and is_plain(low) and is_plain(high):
        return f"{fixed(low, places)} to {fixed(high, places)}"
    middle = value if value is not None and math.isfinite(value) else (low + high) / 2
    digits = digits_for(middle or 1.0, low, high)
    return f"{number(low, digits)} to {number(high, digits)}"


def signed_percent(value: float | None) -> str:
    """Write a fraction as signed per cent, two digits after the point."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{100 * value:+.2f} %".replace("-", "−")
    return "0.00 %" if text in ("+0.00 %", "−0.00 %") else text


def percent(share: float, digits: int = 3) -> str:
    """Write a share as per cent with a space that does not break."""
    return f"{number(100 * share, digits)}\N{NO-BREAK SPACE}%"


def rough(value: float, digits: int = 2) -> str:
    """Write a number rounded to a few significant digits, also before its decimal point."""
    return number(float(f"{value:.{digits}g}"), digits)


def amount(value: float, digits: int = 3) -> str:
    """Write an amount rounded to significant digits, a power of ten without its one.

    Examples
    --------
    >>> amount(1e22), amount(7.04e9), amount(1250)
    ('10²²', '7.04×10⁹', '1,250')
    """
    return rough(value, digits).removeprefix("1×")


def counted_in(value: float, digits: int = 3) -> str:
    """Write an amount in thousands, millions and so on, as people count parameters and tokens.

    Examples
    --------
    >>> counted_in(1.6e8), counted_in(7.04e9), counted_in(1250), counted_in(0.064, 2)
    ('160M', '7.04B', '1,250', '0.064')
    """
    if float(value).is_integer() and abs(value) < 1e4:
        return f"{value:,.0f}"
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if float(f"{abs(value):.{digits}g}") >= size:
            unit = 1e3 if letter == "k" else size
            return f"{rough(value / unit, digits)}{letter}"
    return rough(value, digits)


def span(values: Sequence[float], digits: int = 3) -> str:
    """Write the smallest and the largest value, or the one value when they read the same."""
    low, high = rough(min(values), digits), rough(max(values), digits)
    return low if low == high else f"{low} to {high}"


def factor(ratio: float) -> str:
    """Write how large a number is next to another: per cent above it, or a multiple from 2 on."""
    return f"{rough(ratio)} times" if ratio >= 2.0 else f"{percent(ratio - 1.0)} above"


def count_of(amount: int, singular: str, plural: str | None = None) -> str:
    """Write an amount with its noun."""
    return f"{amount:,d} {singular if amount == 1 else plural or singular + 's'}"


def joined(words: Iterable[str]) -> str:
    """Join words: ``a``, ``a and b``, ``a, b and c``."""
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def suggest(name: object, known: Iterable[object], otherwise: str) -> str:
    """Ask for the nearest known name, or return the other fix when none is near.

    Parameters
    ----------
    name
        What was written.
    known
        What may be written.
    otherwise
        The fix when nothing is near.

    Examples
    --------
    >>> suggest("aditive", ["additive", "power"], "use one of them")
    "did you mean 'additive'?"
    """
    names = [str(item) for item in known]
    by_lower = {item.lower(): item for item in names}
    near = difflib.get_close_matches(str(name), names, n=1) or [
        by_lower[item] for item in difflib.get_close_matches(str(name).lower(), by_lower, n=1)
    ]
    return f"did you mean {near[0]!r}?" if near else otherwise
