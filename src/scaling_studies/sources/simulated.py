"""What adapters of simulated tables share: designs that are checked, numbers that are rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scaling_studies.errors import TableError

#: Digits kept: far fewer than the 10 or so to which linear algebra agrees between platforms.
DIGITS = 5


def to_digits(value: float) -> float:
    """Return the value with `DIGITS` significant digits."""
    return float(f"{value:.{DIGITS - 1}e}")


def mean_and_error(drawn: Sequence[float]) -> tuple[float, float]:
    """Return the mean of independent draws and its standard error, rounded.

    Parameters
    ----------
    drawn
        Two values or more.
    """
    error = float(np.std(drawn, ddof=1)) / len(drawn) ** 0.5
    return to_digits(float(np.mean(drawn))), to_digits(error)


def require_design(
    option: str, design: Mapping[str, Any], limits: Mapping[str, tuple[int, int]]
) -> None:
    """Refuse a design that cannot be run.

    Parameters
    ----------
    option
        Name of the option that gives it.
    design
        Whole numbers, or lists of them, by name.
    limits
        Least and most of each; every name must be there, and no other.

    Raises
    ------
    TableError
        Names the option and what it takes.
    """
    if set(design) != set(limits):
        raise TableError(
            f"option {option!r} gives {', '.join(map(str, design)) or 'nothing'}",
            fix=f"give {', '.join(limits)}",
        )
    for name, (least, most) in limits.items():
        values = design[name] if isinstance(design[name], list) else [design[name]]
        if not values or not all(type(value) is int and least <= value <= most for value in values):
            raise TableError(
                f"option '{option}.{name}' is {str(design[name])[:60]}",
                fix=f"give whole numbers from {least} to {most}",
            )
