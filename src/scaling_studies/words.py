"""Numbers and names as people write them: digits, a true minus sign, powers of ten, near names."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
EXPONENT = re.compile(r"(?<=[0-9])e([+-][0-9]+)")
#: Digits shown of a number without uncertainty.
PLAIN_DIGITS = 5


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
        mantissa = f"{value / 10.0**magnitude:.{digits - 1}f}".rstrip("0").rstrip(".")
        text = f"{mantissa}{power_of_ten(magnitude)}"
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
