"""Learning-rate schedules as short text: parsed strictly, turned into one rate a step.

Grammar: pieces joined by ``+``; each piece is ``shape(rates, steps)``::

    constant(3e-4, 21840)
    linear(0->3e-4, 2160)
    cosine(3e-4->3e-5, 21840)
    exponential(3e-4->3e-5, 4000)

for example ``linear(0->3e-4,2160)+cosine(3e-4->3e-5,21840)``. Step i of a piece of n steps from
rate a to rate b stands at fraction ``t = i / n``, i = 0 .. n - 1, of the way: ``a + (b - a) t``
(linear), ``b + (a - b)(1 + cos(pi t)) / 2`` (cosine), ``a (b / a)^t`` (exponential). A linear piece
that rises is a warm-up and reaches b at its last step: ``t = i / (n - 1)``. A piece that begins
elsewhere than the one before it ends is a jump, so a drop is two constant pieces.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass

import numpy as np

from scaling_studies.errors import FitError

SHAPES = ("constant", "linear", "cosine", "exponential")
#: More steps than any published run; a descriptor cannot ask for all of the memory.
MOST_STEPS = 20_000_000

_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_PIECE = re.compile(
    rf"({'|'.join(SHAPES)})\(\s*({_NUMBER})\s*(?:->\s*({_NUMBER})\s*)?,\s*(\d+)\s*\)"
)


@dataclass(frozen=True)
class Piece:
    """One piece of a schedule.

    Attributes
    ----------
    shape
        One of `SHAPES`.
    begin, end
        Learning rates at fraction 0 and 1.
    steps
        Number of steps.
    """

    shape: str
    begin: float
    end: float
    steps: int

    def rates(self) -> np.ndarray:
        """Learning rate of each step, shape (steps,)."""
        fraction = np.arange(self.steps) / self.steps
        if self.shape == "constant":
            return np.full(self.steps, self.begin)
        if self.shape == "linear":
            if self.end > self.begin and self.steps > 1:
                return np.linspace(self.begin, self.end, self.steps)
            return self.begin + (self.end - self.begin) * fraction
        if self.shape == "cosine":
            return self.end + (self.begin - self.end) * 0.5 * (1.0 + np.cos(math.pi * fraction))
        return self.begin * (self.end / self.begin) ** fraction


def parse_schedule(text: str) -> tuple[Piece, ...]:
    """Pieces of a schedule descriptor.

    Raises
    ------
    FitError
        The text does not follow the grammar, a rate is out of place, or there are too many steps.
    """
    pieces = []
    # Only a plus sign after a bracket joins pieces; one within brackets belongs to an exponent.
    for part in re.split(r"(?<=\))\s*\+", str(text)):
        match = _PIECE.fullmatch(part.strip())
        if match is None:
            raise FitError(
                f"{part.strip()[:60]!r} is not a piece of a learning-rate schedule",
                column="schedule",
                fix="write shape(rate->rate, steps), shape one of " + ", ".join(SHAPES),
            )
        shape, begin, end, steps = match.groups()
        if (shape == "constant") != (end is None):
            raise FitError(
                f"{part.strip()[:60]!r}: constant takes one rate, the other shapes two",
                column="schedule",
                fix="write constant(rate, steps) or shape(rate->rate, steps)",
            )
        piece = Piece(shape, float(begin), float(begin if end is None else end), int(steps))
        if piece.steps < 1 or (shape == "exponential" and min(piece.begin, piece.end) <= 0):
            raise FitError(
                f"{part.strip()[:60]!r} has no steps, or decays exponentially from or to zero",
                column="schedule",
                fix="correct the piece",
            )
        pieces.append(piece)
    if sum(piece.steps for piece in pieces) > MOST_STEPS:
        raise FitError("the schedule has too many steps", column="schedule", fix="shorten it")
    return tuple(pieces)


@functools.lru_cache(maxsize=256)
def learning_rates(text: str) -> np.ndarray:
    """Learning rate of every step of a schedule, shape (steps,); read-only."""
    rates = np.concatenate([piece.rates() for piece in parse_schedule(text)])
    rates.setflags(write=False)
    return rates


@functools.lru_cache(maxsize=256)
def piece_starts(text: str) -> np.ndarray:
    """First step of every piece, and the number of steps at the end, shape (pieces + 1,)."""
    starts = np.cumsum([0, *(piece.steps for piece in parse_schedule(text))])
    starts.setflags(write=False)
    return starts


def check_steps(text: str, steps: np.ndarray) -> np.ndarray:
    """Steps as integers within a schedule, shape (n,).

    Raises
    ------
    FitError
        A step is not a whole number or lies outside the schedule.
    """
    whole = np.asarray(steps).astype(np.int64)
    total = len(learning_rates(text))
    bad = (whole != steps) | (whole < 0) | (whole >= total)
    if bad.any():
        row = int(np.argmax(bad))
        raise FitError(
            f"step {steps[row]:g} is not one of the {total} steps of schedule {text}",
            column="step",
            fix="correct the step or the schedule",
        )
    return whole
