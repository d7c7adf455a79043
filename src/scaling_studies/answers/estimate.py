"""A number with its interval, whose ends may be open."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scaling_studies import words


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval.

    Attributes
    ----------
    value
        The number; None where it is not known.
    low, high
        Ends of the interval; None where an end is open or there is no interval.

    Examples
    --------
    >>> Estimate(0.34212, 0.331, 0.352).text()
    '0.342 (0.331 to 0.352)'
    >>> Estimate(3.1, None, None).text()
    '3.1 (open interval)'
    """

    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, value: float, low: float, high: float) -> Estimate:
        """Of numbers that may be infinite or not a number, which become None."""
        return cls(*(finite(number) for number in (value, low, high)))

    @property
    def is_open(self) -> bool:
        """Whether the interval has no ends at all."""
        return self.low is None and self.high is None

    def to_dict(self) -> dict[str, float | None]:
        """Mapping of ``value``, ``low`` and ``high``, ready for JSON."""
        return {"value": self.value, "low": self.low, "high": self.high}

    def text(self) -> str:
        """As people write it."""
        value = words.estimate(self.value, self.low, self.high)
        if self.is_open:
            return f"{value} (open interval)"
        if self.high is None:
            return f"{value} (at least {words.number(self.low, 3)})"
        if self.low is None:
            return f"{value} (at most {words.number(self.high, 3)})"
        return f"{value} ({words.interval(self.low, self.high, self.value)})"


def finite(number: float | None) -> float | None:
    """The number, or None for what JSON cannot hold."""
    return float(number) if number is not None and math.isfinite(number) else None
