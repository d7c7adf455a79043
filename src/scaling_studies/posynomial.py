"""Laws that are an offset plus signed monomials: the closed-form kernel of the hot path.

``L = E + sum_t s_t exp(log c_t + sum_j e_j z_tj)`` with coefficients c_t, exponents e_j and
columns z_tj that depend on the rows alone. Most scaling laws have this form; their value,
gradient and Hessian need one exponential a term.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from scaling_studies.law import Evaluation

Column = Callable[[Mapping[str, np.ndarray]], np.ndarray]


@dataclass(frozen=True)
class Term:
    """One monomial.

    Attributes
    ----------
    coefficient
        Name of its (positive, log-transformed) coefficient.
    exponents
        Exponent name -> function of the axes that gives the column it multiplies in the
        logarithm of the term, shape (n,).
    sign
        +1 or -1.
    """

    coefficient: str
    exponents: Mapping[str, Column]
    sign: float = 1.0


class Posynomial:
    """Model of a law with an optional offset and signed monomial terms.

    Parameters
    ----------
    names
        Parameter names in the order of the working vector.
    terms
        The monomials.
    offset
        Name of the additive constant (identity transform), or None.
    """

    def __init__(
        self, names: tuple[str, ...], terms: tuple[Term, ...], offset: str | None = None
    ) -> None:
        self.size = len(names)
        self.row_cost = 1
        self.terms = terms
        self.offset = None if offset is None else names.index(offset)
        self.coefficients = [names.index(term.coefficient) for term in terms]
        self.exponents = [[names.index(name) for name in term.exponents] for term in terms]
        linear = set(self.coefficients)
        if self.offset is not None:
            linear.add(self.offset)
        self.linear = sorted(linear)

    def prepare(self, axes: Mapping[str, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Exponent columns (k, n) and products of (1, columns) by pairs (n, pairs), by term."""
        length = len(next(iter(axes.values())))
        prepared = []
        for term in self.terms:
            columns = [np.asarray(function(axes), float) for function in term.exponents.values()]
            stacked = np.array(columns).reshape(len(columns), length)
            extended = np.vstack([np.ones((1, length)), stacked])
            first, second = np.triu_indices(len(extended))
            prepared.append((stacked, np.ascontiguousarray((extended[first] * extended[second]).T)))
        return prepared

    def _term_values(self, working: np.ndarray, columns: list) -> list[np.ndarray]:
        values = []
        for term, coefficient, exponents, (stacked, _) in zip(
            self.terms, self.coefficients, self.exponents, columns, strict=True
        ):
            logarithm = working[:, exponents[0], None] * stacked[0]
            for position in range(1, len(exponents)):
                logarithm += working[:, exponents[position], None] * stacked[position]
            logarithm += working[:, coefficient, None]
            np.exp(logarithm, out=logarithm)
            if term.sign < 0:
                np.negative(logarithm, out=logarithm)
            values.append(logarithm)
        return values

    def evaluate(self, working: np.ndarray, columns: list, order: int) -> Evaluation:
        """Values and derivatives; see `scaling_studies.law.Model`."""
        with np.errstate(over="ignore"):
            parts = self._term_values(working, columns)
        value = parts[0] + (0.0 if self.offset is None else working[:, self.offset, None])
        for part in parts[1:]:
            value += part
        if order == 0:
            return Evaluation(value)
        batch, rows = value.shape
        jacobian = np.empty((batch, self.size, rows))
        written = set()
        if self.offset is not None:
            jacobian[:, self.offset] = 1.0
        for part, coefficient, exponents, (stacked, _) in zip(
            parts, self.coefficients, self.exponents, columns, strict=True
        ):
            jacobian[:, coefficient] = part
            for position, exponent in enumerate(exponents):
                if exponent in written:
                    jacobian[:, exponent] += part * stacked[position]
                else:
                    np.multiply(part, stacked[position], out=jacobian[:, exponent])
                    written.add(exponent)
        if order == 1:
            return Evaluation(value, jacobian)

        def curvature(weights: np.ndarray) -> np.ndarray:
            hessian = np.zeros((batch, self.size, self.size))
            for part, coefficient, exponents, (_, pairs) in zip(
                parts, self.coefficients, self.exponents, columns, strict=True
            ):
                moments = (weights * part) @ pairs
                members = [coefficient, *exponents]
                first, second = np.triu_indices(len(members))
                for moment, left, right in zip(moments.T, first, second, strict=True):
                    row, column = members[left], members[right]
                    hessian[:, row, column] += moment
                    if left != right:
                        hessian[:, column, row] += moment
            return hessian

        return Evaluation(value, jacobian, curvature)

    def basis(self, working: np.ndarray, columns: list) -> np.ndarray:
        """Columns of the linear parameters in the order of the working vector, (B, T, n)."""
        unit = np.array(working, dtype=float)
        unit[:, self.coefficients] = 0.0
        with np.errstate(over="ignore"):
            parts = self._term_values(unit, columns)
        by_parameter: dict[int, np.ndarray] = {}
        if self.offset is not None:
            by_parameter[self.offset] = np.ones_like(parts[0])
        for coefficient, part in zip(self.coefficients, parts, strict=True):
            previous = by_parameter.get(coefficient)
            by_parameter[coefficient] = part if previous is None else previous + part
        return np.stack([by_parameter[position] for position in self.linear], axis=1)


def log_of(name: str, sign: float = 1.0) -> Column:
    """Column function: ``sign * log(axes[name])``."""

    def column(axes: Mapping[str, np.ndarray]) -> np.ndarray:
        return sign * np.log(axes[name])

    return column


def centring_of(terms: tuple[Term, ...]) -> dict[str, Mapping[str, Column]]:
    """Centring metadata of a law made of these terms."""
    return {term.coefficient: dict(term.exponents) for term in terms}
