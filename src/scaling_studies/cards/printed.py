"""Numbers as papers print them: a value, and what rounding to its last digit leaves open."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: A number as text: digits, perhaps a point, perhaps a power of ten.
WRITTEN = re.compile(r"[-+]?(?P<whole>\d+)(\.(?P<decimals>\d+))?([eE](?P<power>[-+]?\d+))?")
#: Whole numbers below this mean what they say; of larger ones trailing zeros may be rounding.
LARGE = 1000


@dataclass(frozen=True)
class Printed:
    """A printed number.

    Attributes
    ----------
    value
        The number.
    half_unit
        Half a unit of its last digit: what was rounded lies within it.
    digits
        Significant digits.

    Examples
    --------
    >>> Printed.of("0.50")
    Printed(value=0.5, half_unit=0.005, digits=2)
    >>> Printed.of(0.5).digits
    1
    """

    value: float
    half_unit: float
    digits: int

    @classmethod
    def of(cls, written: str | float) -> Printed:
        """A number as it is written: text with all its digits, or a number.

        Parameters
        ----------
        written
            Text keeps trailing zeros (``"0.50"``). A number has lost them: its last digit is the
            last that is not zero, and of a whole number below 1000 the last of all.

        Raises
        ------
        ValueError
            The text is no number.
        """
        found = WRITTEN.fullmatch(written if isinstance(written, str) else repr(written))
        if not found:
            raise ValueError(f"{written!r} is no number as printed")
        whole, decimals = found["whole"], found["decimals"] or ""
        if not isinstance(written, str):
            decimals = decimals.rstrip("0")
            zeros = len(whole) - len(whole.rstrip("0"))
            if not decimals and zeros and abs(written) >= LARGE:
                return cls(float(written), 0.5 * 10.0**zeros, len(whole) - zeros)
        power = int(found["power"] or 0)
        digits = len((whole + decimals).lstrip("0")) or 1
        half = float(f"0.5e{power - len(decimals)}")
        return cls(float(written), half, digits)

    def holds(self, low: float, high: float | None = None) -> bool:
        """Whether a value, or one of a range, rounds to this number."""
        high = low if high is None else high
        # A value that lies on the edge counts, whatever its last bit.
        half = self.half_unit * (1 + 1e-9) + 1e-15 * abs(self.value)
        return low <= self.value + half and high >= self.value - half
