"""Sentences of findings: lists, shares and ranges as people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def joined(words: Iterable[str]) -> str:
    """Join words: ``a``, ``a and b``, ``a, b and c``."""
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def rough(value: float, digits: int = 2) -> str:
    """Write a number rounded to a few significant digits, also before its decimal point."""
    return number(float(f"{value:.{digits}g}"), digits)


def percent(share: float, digits: int = 3) -> str:
    """Write a share as per cent with a space that does not break."""
    return f"{number(100 * share, digits)}\N{NO-BREAK SPACE}%"


def span(values: Sequence[float], digits: int = 3) -> str:
    """Write the smallest and the largest value, or the one value when they read the same."""
    low, high = rough(min(values), digits), rough(max(values), digits)
    return low if low == high else f"{low} to {high}"


def fits(count: int) -> str:
    """Write how many fits."""
    return "1 fit" if count == 1 else f"{count} fits"


def factor(ratio: float) -> str:
    """Write how large a number is next to another: per cent above it, or a multiple from 2 on."""
    return f"{rough(ratio)} times" if ratio >= 2.0 else f"{percent(ratio - 1.0)} above"
