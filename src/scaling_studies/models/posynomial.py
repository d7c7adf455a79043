"""Laws that are an offset plus signed monomials: the closed-form kernel of the hot path.

``L = E + sum_t s_t exp(log c_t + sum_j e_j z_tj)`` with coefficients c_t, exponents e_j and
columns z_tj that depend on the rows alone. Most scaling laws have this form; their value,
gradient and Hessian need one exponential a term.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scaling_studies.models.law import Evaluation, Model, Parameter

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


@dataclass(frozen=True)
class Columns:
    """What one term needs of the rows.

    Attributes
    ----------
    exponents
        Columns of the exponents, shape (k, n).
    extended
        Ones and those columns, shape (n, k + 1).
    products
        Number of this or a later term -> products of the extended columns of the two, shape
        (n, (k + 1) (k' + 1)).
    """

    exponents: np.ndarray
    extended: np.ndarray
    products: dict[int, np.ndarray]


class PosynomialEvaluation(Evaluation):
    """Values of a posynomial; sums over rows go straight to moments of the columns.

    Every derivative of a term is the term times columns, so that a gradient or Hessian is a few
    matrix products, and the Jacobian need not be written out.
    """

    def __init__(
        self, model: Posynomial, columns: list[Columns], parts: list[np.ndarray], value: np.ndarray
    ) -> None:
        super().__init__(value)
        self.model = model
        self.columns = columns
        self.parts = parts
        self.members = [
            [coefficient, *exponents]
            for coefficient, exponents in zip(model.coefficients, model.exponents, strict=True)
        ]

    @property
    def jacobian(self) -> np.ndarray:
        """Derivatives of the values, shape (B, p, n)."""
        batch, rows = self.value.shape
        jacobian = np.zeros((batch, self.model.size, rows))
        if self.model.offset is not None:
            jacobian[:, self.model.offset] = 1.0
        for part, members, column in zip(self.parts, self.members, self.columns, strict=True):
            for position, member in enumerate(members):
                jacobian[:, member] += part * column.extended[:, position]
        return jacobian

    def gradient(self, slope: np.ndarray) -> np.ndarray:
        """See `scaling_studies.models.law.Evaluation`."""
        gradient = np.zeros((len(slope), self.model.size))
        if self.model.offset is not None:
            gradient[:, self.model.offset] = slope.sum(axis=1)
        for part, members, column in zip(self.parts, self.members, self.columns, strict=True):
            # An exponent that several terms share collects from all of them.
            for member, moment in zip(members, ((slope * part) @ column.extended).T, strict=True):
                gradient[:, member] += moment
        return gradient

    def curvature(self, weights: np.ndarray) -> np.ndarray:
        """See `scaling_studies.models.law.Evaluation`."""
        hessian = np.zeros((len(weights), self.model.size, self.model.size))
        for number, part in enumerate(self.parts):
            self._add(hessian, number, number, weights * part)
        return hessian

    def hessian(self, slope: np.ndarray, bend: np.ndarray) -> np.ndarray:
        """See `scaling_studies.models.law.Evaluation`."""
        hessian = np.zeros((len(slope), self.model.size, self.model.size))
        offset = self.model.offset
        if offset is not None:
            hessian[:, offset, offset] = bend.sum(axis=1)
        for number, part in enumerate(self.parts):
            bent = bend * part
            if offset is not None:
                moments = (bent @ self.columns[number].extended).T
                for member, moment in zip(self.members[number], moments, strict=True):
                    hessian[:, offset, member] += moment
                    hessian[:, member, offset] += moment
            self._add(hessian, number, number, (bent + slope) * part)
            for other in range(number + 1, len(self.parts)):
                self._add(hessian, number, other, bent * self.parts[other])
        return hessian

    def _add(self, hessian: np.ndarray, first: int, second: int, weights: np.ndarray) -> None:
        """Add the moments of two terms, and their mirror image for two different ones."""
        moments = weights @ self.columns[first].products[second]
        left, right = self.members[first], self.members[second]
        for position, moment in enumerate(moments.T):
            row, column = left[position // len(right)], right[position % len(right)]
            hessian[:, row, column] += moment
            if first != second:
                hessian[:, column, row] += moment


class Posynomial(Model):
    """Model of a law with an optional offset and signed monomial terms.

    Parameters
    ----------
    parameters
        The law's parameters.
    terms
        The monomials.
    offset
        Name of the additive constant (identity transform), or None.
    """

    def __init__(
        self,
        parameters: tuple[Parameter, ...],
        terms: tuple[Term, ...],
        offset: str | None = None,
    ) -> None:
        names = [item.name for item in parameters]
        self.size = len(names)
        self.terms = terms
        self.offset = None if offset is None else names.index(offset)
        self.coefficients = [names.index(term.coefficient) for term in terms]
        self.exponents = [[names.index(name) for name in term.exponents] for term in terms]
        linear = set(self.coefficients)
        if self.offset is not None:
            linear.add(self.offset)
        self.linear = sorted(linear)

    def prepare(self, axes: Mapping[str, np.ndarray]) -> list[Columns]:
        """Columns of each term."""
        length = len(next(iter(axes.values())))
        extended = []
        for term in self.terms:
            own = [np.asarray(function(axes), float) for function in term.exponents.values()]
            extended.append(np.vstack([np.ones((1, length)), *own]))
        prepared = []
        for number, columns in enumerate(extended):
            products = {
                other: np.ascontiguousarray(
                    (columns[:, None, :] * extended[other][None, :, :]).reshape(-1, length).T
                )
                for other in range(number, len(extended))
            }
            prepared.append(Columns(columns[1:], np.ascontiguousarray(columns.T), products))
        return prepared

    def _term_values(
        self, working: np.ndarray, columns: Sequence[Sequence[np.ndarray] | np.ndarray]
    ) -> list[np.ndarray]:
        values = []
        for term, coefficient, exponents, column in zip(
            self.terms, self.coefficients, self.exponents, columns, strict=True
        ):
            logarithm = working[:, exponents[0], None] * column[0]
            for position in range(1, len(exponents)):
                logarithm += working[:, exponents[position], None] * column[position]
            logarithm += working[:, coefficient, None]
            np.exp(logarithm, out=logarithm)
            if term.sign < 0:
                np.negative(logarithm, out=logarithm)
            values.append(logarithm)
        return values

    def evaluate(self, working: np.ndarray, columns: list[Columns], order: int) -> Evaluation:
        """Values and derivatives; see `scaling_studies.models.law.Model`."""
        with np.errstate(over="ignore"):
            parts = self._term_values(working, [column.exponents for column in columns])
        return PosynomialEvaluation(self, columns, parts, self._sum(working, parts))

    def _sum(self, working: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
        value = parts[0] + (0.0 if self.offset is None else working[:, self.offset, None])
        for part in parts[1:]:
            value += part
        return value

    def values(self, working: np.ndarray, axes: Mapping[str, np.ndarray]) -> np.ndarray:
        """See `scaling_studies.models.law.Model`."""
        exponents = [[column(axes) for column in term.exponents.values()] for term in self.terms]
        with np.errstate(over="ignore"):
            return self._sum(working, self._term_values(working, exponents))

    def basis(self, working: np.ndarray, columns: list[Columns]) -> np.ndarray:
        """Columns of the linear parameters in the order of the working vector, (B, T, n)."""
        unit = np.array(working, dtype=float)
        unit[:, self.coefficients] = 0.0
        with np.errstate(over="ignore"):
            parts = self._term_values(unit, [column.exponents for column in columns])
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
