"""Second-order forward differentiation of batched array expressions.

A `Jet` carries a value and its first and second derivatives by a few parameters. A law written as
ordinary arithmetic on its parameters thereby has an exact gradient and Hessian, and stays one
small file. Derivatives that are zero are not stored.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Pair = tuple[int, int]


class Jet:
    """Value with derivatives by parameters numbered 0 .. p - 1.

    Parameters
    ----------
    value
        Array that broadcasts with (B, n).
    first
        Parameter number -> derivative.
    second
        (i, j) with i <= j -> derivative; stays empty at order 1.
    order
        Whether second derivatives are carried: 1 or 2.
    """

    __array_ufunc__ = None
    __slots__ = ("first", "order", "second", "value")

    def __init__(
        self, value: Array, first: dict[int, Array], second: dict[Pair, Array], order: int
    ) -> None:
        self.value = value
        self.first = first
        self.second = second
        self.order = order

    def map(self, value: Array, slope: Array, bend: Array) -> Jet:
        """Apply a function of one variable, given its value and derivatives here."""
        result = Jet(value, *self._parts(lambda part: slope * part), self.order)
        if self.order > 1:
            numbers = sorted(self.first)
            for k, i in enumerate(numbers):
                bent = bend * self.first[i]
                for j in numbers[k:]:
                    _add(result.second, (i, j), bent * self.first[j])
        return result

    def _parts(
        self, function: Callable[[Array], Array]
    ) -> tuple[dict[int, Array], dict[Pair, Array]]:
        """Apply a linear function to all derivatives."""
        first = {i: function(part) for i, part in self.first.items()}
        return first, {pair: function(part) for pair, part in self.second.items()}

    def __add__(self, other: Jet | Array | float) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value + other, self.first, self.second, self.order)
        first, second = dict(self.first), dict(self.second)
        for i, part in other.first.items():
            _add(first, i, part)
        for pair, part in other.second.items():
            _add(second, pair, part)
        return Jet(self.value + other.value, first, second, self.order)

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return self * -1.0

    def __sub__(self, other: Jet | Array | float) -> Jet:
        return self + (-other)

    def __rsub__(self, other: Array | float) -> Jet:
        return (-self) + other

    def __mul__(self, other: Jet | Array | float) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value * other, *self._parts(lambda part: part * other), self.order)
        first, second = self._parts(lambda part: part * other.value)
        for i, part in other.first.items():
            _add(first, i, part * self.value)
        if self.order > 1:
            for pair, part in other.second.items():
                _add(second, pair, part * self.value)
            for i, left in self.first.items():
                for j, right in other.first.items():
                    product = left * right
                    _add(second, (min(i, j), max(i, j)), 2.0 * product if i == j else product)
        return Jet(self.value * other.value, first, second, self.order)

    __rmul__ = __mul__

    def __truediv__(self, other: Jet | Array | float) -> Jet:
        if isinstance(other, Jet):
            return self * other.reciprocal()
        return self * (1.0 / other)

    def __rtruediv__(self, other: Array | float) -> Jet:
        return self.reciprocal() * other

    def reciprocal(self) -> Jet:
        """Return one over this."""
        inverse = 1.0 / self.value
        return self.map(inverse, -(inverse**2), 2.0 * inverse**3)


def _add(parts: dict, key: int | Pair, value: Array) -> None:
    parts[key] = parts[key] + value if key in parts else value


def variable(value: Array, number: int, order: int) -> Jet:
    """Start of a jet: parameter ``number`` itself."""
    return Jet(value, {number: np.ones_like(value)}, {}, order)


def exp(x: Jet | Array) -> Jet | Array:
    """Exponential."""
    if not isinstance(x, Jet):
        return np.exp(x)
    value = np.exp(x.value)
    return x.map(value, value, value)


def log(x: Jet | Array) -> Jet | Array:
    """Natural logarithm."""
    if not isinstance(x, Jet):
        return np.log(x)
    inverse = 1.0 / x.value
    return x.map(np.log(x.value), inverse, -(inverse**2))


def log1p(x: Jet | Array) -> Jet | Array:
    """Natural logarithm of 1 + x, precise near zero."""
    if not isinstance(x, Jet):
        return np.log1p(x)
    inverse = 1.0 / (1.0 + x.value)
    return x.map(np.log1p(x.value), inverse, -(inverse**2))


def expm1(x: Jet | Array) -> Jet | Array:
    """Exponential minus 1, precise near zero."""
    if not isinstance(x, Jet):
        return np.expm1(x)
    value = np.exp(x.value)
    return x.map(np.expm1(x.value), value, value)


def softplus(x: Jet | Array) -> Jet | Array:
    """log(1 + exp(x)) without overflow."""
    plain = x.value if isinstance(x, Jet) else x
    value = np.logaddexp(0.0, plain)
    if not isinstance(x, Jet):
        return value
    slope = np.exp(plain - value)
    return x.map(value, slope, slope * (1.0 - slope))


def logaddexp(x: Jet | Array, y: Jet | Array) -> Jet | Array:
    """log(exp(x) + exp(y)) without overflow."""
    if not isinstance(x, Jet) and not isinstance(y, Jet):
        return np.logaddexp(x, y)
    return y + softplus(x - y) if isinstance(y, Jet) else softplus(x - y) + y


def where(condition: Array, x: Jet | Array, y: Jet | Array) -> Jet | Array:
    """Choose element-wise; derivatives are those of the chosen side."""
    order = max((side.order for side in (x, y) if isinstance(side, Jet)), default=0)
    if not order:
        return np.where(condition, plain(x), plain(y))
    x, y = (
        side if isinstance(side, Jet) else Jet(np.asarray(side, float), {}, {}, order)
        for side in (x, y)
    )
    first = {
        i: np.where(condition, x.first.get(i, 0.0), y.first.get(i, 0.0))
        for i in {*x.first, *y.first}
    }
    second = {
        pair: np.where(condition, x.second.get(pair, 0.0), y.second.get(pair, 0.0))
        for pair in {*x.second, *y.second}
    }
    return Jet(np.where(condition, x.value, y.value), first, second, order)


def plain(x: Jet | Array) -> Array:
    """Value of a jet or array, for conditions."""
    return x.value if isinstance(x, Jet) else x


def minimum(x: Jet | Array, y: Jet | Array) -> Jet | Array:
    """Smaller of the two."""
    return where(plain(x) <= plain(y), x, y)


def maximum(x: Jet | Array, y: Jet | Array) -> Jet | Array:
    """Larger of the two."""
    return where(plain(x) >= plain(y), x, y)
