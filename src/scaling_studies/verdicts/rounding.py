"""What rounding of printed inputs leaves open in what follows from them."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from scaling_studies.cards.expressions import evaluate, names_in
from scaling_studies.cards.printed import Printed
from scaling_studies.fits.printed import printed_quantities
from scaling_studies.laws import get_law

if TYPE_CHECKING:
    from scaling_studies.cards.models.fit import FitEntry

#: Low and high end of what may have been meant.
Range = tuple[float, float]
#: Printed number -> how far it is moved, in half units of its last digit.
Moves = Mapping[Printed, float]


def implied_range(entry: FitEntry, quantity: str) -> Range | None:
    """Values that a quantity of a printed law may have had before its inputs were rounded.

    Inputs are the constants of the card and the numbers in its arithmetic; a whole number there is
    meant exactly, and equal numbers are one number.

    Parameters
    ----------
    entry
        Fit of which nothing but constants is needed (`printed`, or `evaluate` for what follows
        from its constants alone).
    quantity
        One of its quantities.

    Returns
    -------
    (float, float) or None
        None where constants alone give no finite value: rows are needed, or a constant is free.
    """
    needed = _needed(entry, quantity)
    asked = {name: entry.quantities[name] for name in needed}
    of_rows = any(item.held_out or item.wald_against for item in asked.values())
    if of_rows or not {*get_law(entry.law).parameter_names} <= entry.fixed.keys():
        return None
    written = {name: item.expression for name, item in asked.items() if item.expression}
    inputs = [number for text in written.values() for number, _, _ in _numbers_in(text)]
    for constant in entry.fixed.values():
        inputs += _inputs_of(constant)

    def value(moves: Moves) -> float:
        fixed = {name: _moved_constant(constant, moves) for name, constant in entry.fixed.items()}
        quantities = {
            name: item.model_copy(update={"expression": _moved(written[name], moves)})
            if name in written
            else item
            for name, item in asked.items()
        }
        moved = entry.model_copy(update={"quantities": quantities})
        return printed_quantities("", moved, fixed).get(quantity, math.nan)

    return _range(value, inputs)


def range_of_expression(expression: str, known: Mapping[str, float]) -> Range | None:
    """Values that arithmetic may have had before the numbers in it were rounded.

    Parameters
    ----------
    expression
        Arithmetic as in cards.
    known
        Values by name; they are exact.

    Examples
    --------
    >>> low, high = range_of_expression("0.05 / 0.21", {})
    >>> round(low, 3), round(high, 3)
    (0.209, 0.268)
    """
    arrays = {name: np.array([number]) for name, number in known.items()}
    inputs = [number for number, _, _ in _numbers_in(expression)]
    return _range(lambda moves: float(evaluate(_moved(expression, moves), arrays)[0]), inputs)


def _range(value: Callable[[Moves], float], inputs: Iterable[Printed]) -> Range | None:
    """Lowest and highest value when every input moves by half a unit of its last digit.

    All move in the direction in which each alone lowers the value, then all in the other: exact as
    long as the value rises or falls with each of them.
    """
    middle = value({})
    if not math.isfinite(middle):
        return None
    up = {
        number: 1.0 if value({number: 1.0}) >= value({number: -1.0}) else -1.0
        for number in dict.fromkeys(inputs)
    }
    ends = (value({number: -move for number, move in up.items()}), value(up), middle)
    finite = [end for end in ends if math.isfinite(end)]
    return min(finite), max(finite)


def _numbers_in(text: str) -> list[tuple[Printed, int, int]]:
    """Printed numbers of an expression, and where each begins and ends."""
    found = []
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Constant):
            start, end = node.col_offset, node.end_col_offset or 0
            if not text[start:end].isdigit():
                found.append((Printed.of(text[start:end]), start, end))
    return sorted(found, key=lambda item: item[1])


def _moved(text: str, moves: Moves) -> str:
    """An expression whose printed numbers have been moved."""
    for number, start, end in reversed(_numbers_in(text)):
        value = number.value + moves.get(number, 0.0) * number.half_unit
        text = f"{text[:start]}({value!r}){text[end:]}"
    return text


def _inputs_of(constant: str | float) -> list[Printed]:
    """Printed numbers that a constant of a card is made of; a small whole one is exact."""
    if isinstance(constant, str):
        return [number for number, _, _ in _numbers_in(constant)]
    exact = float(constant).is_integer() and abs(constant) < 1000
    return [] if exact else [Printed.of(constant)]


def _moved_constant(constant: str | float, moves: Moves) -> float:
    if isinstance(constant, str):
        return float(evaluate(_moved(constant, moves), {})[0])
    inputs = _inputs_of(constant)
    return float(constant) + sum(moves.get(one, 0.0) * one.half_unit for one in inputs)


def _needed(entry: FitEntry, quantity: str) -> list[str]:
    """The card's quantities that a quantity is made of, itself among them, in the card's order."""
    found: set[str] = set()
    waiting = {quantity}
    while waiting:
        name = waiting.pop()
        if name in found or name not in entry.quantities:
            continue
        found.add(name)
        asked = entry.quantities[name]
        waiting |= names_in(asked.expression) if asked.expression else {asked.of or ""}
    return [name for name in entry.quantities if name in found]
