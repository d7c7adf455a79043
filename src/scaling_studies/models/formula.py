"""Model of a law from its formula alone; `models.autodiff` gives the derivatives."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace

import numpy as np

from scaling_studies.models.autodiff import Jet, exp, variable
from scaling_studies.models.law import Evaluation, Model, Parameter

#: Function of parameters (attributes; ``log_<name>`` too for log-transformed ones) and columns.
Formula = Callable[[SimpleNamespace, Mapping[str, np.ndarray]], Jet | np.ndarray]
#: The same for the factors of the linear parameters.
Factors = Callable[[SimpleNamespace, Mapping[str, np.ndarray]], Sequence[np.ndarray]]


class FormulaModel(Model):
    """Model of a law given by a formula.

    Parameters
    ----------
    parameters
        The law's parameters.
    formula
        Function (parameters, columns) -> value, written with the functions of
        `scaling_studies.models.autodiff`. Parameters have shape (B, 1), columns (n,).
    columns
        Function of the axes -> what the formula needs of the rows; the logarithm of every
        numeric axis as ``log_<axis>`` next to the axis by default.
    basis
        Function (parameters, columns) -> list of (B, n) or (n,) arrays, the factors of the linear
        parameters in their order; None for a law without linear parameters. Linear parameters
        are not to be used in it.
    row_cost
        Array elements the formula needs a row; bounds the memory of a batch.
    """

    def __init__(
        self,
        parameters: tuple[Parameter, ...],
        formula: Formula,
        *,
        columns: Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]] | None = None,
        basis: Factors | None = None,
        row_cost: int = 1,
    ) -> None:
        self.parameters = parameters
        self.formula = formula
        self.columns = columns or log_columns
        self._basis = basis
        self.row_cost = row_cost
        self._moving = frozenset(range(len(parameters)))

    def moving(self, numbers: Iterable[int]) -> FormulaModel:
        """Return the same model with derivatives by some parameters only, the others zero.

        A law with most parameters fixed is then several times faster.

        Parameters
        ----------
        numbers
            Places of the parameters that move; all when there are none.
        """
        other = copy.copy(self)
        other._moving = frozenset(numbers) or self._moving
        return other

    def prepare(self, axes: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """Columns of the formula."""
        return self.columns(axes)

    def values(self, working: np.ndarray, axes: Mapping[str, np.ndarray]) -> np.ndarray:
        """See `scaling_studies.models.law.Model`."""
        if self.columns is not log_columns:
            return super().values(working, axes)
        return self.evaluate(working, self.columns(axes), 0).value

    def _namespace(self, working: np.ndarray, order: int) -> SimpleNamespace:
        names = SimpleNamespace()
        for number, item in enumerate(self.parameters):
            place = working[:, number, None]
            moves = order and number in self._moving
            value = variable(place, number, order) if moves else place
            if item.transform == "log":
                setattr(names, f"log_{item.name}", value)
                value = exp(value)
            setattr(names, item.name, value)
        return names

    def evaluate(
        self, working: np.ndarray, columns: Mapping[str, np.ndarray], order: int
    ) -> Evaluation:
        """Values and derivatives; see `scaling_studies.models.law.Model`."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            result = self.formula(self._namespace(working, order), columns)
        if not isinstance(result, Jet):
            return Evaluation(np.ascontiguousarray(result))
        value = np.ascontiguousarray(result.value)
        batch, rows = value.shape
        size = len(self.parameters)
        jacobian = np.zeros((batch, size, rows))
        for number, part in result.first.items():
            jacobian[:, number] = part
        if order == 1:
            return Evaluation(value, jacobian)

        def curvature(weights: np.ndarray) -> np.ndarray:
            hessian = np.zeros((batch, size, size))
            with np.errstate(over="ignore", invalid="ignore"):
                for (i, j), part in result.second.items():
                    hessian[:, i, j] = hessian[:, j, i] = (weights * part).sum(axis=1)
            return hessian

        return Evaluation(value, jacobian, curvature)

    def basis(self, working: np.ndarray, columns: Mapping[str, np.ndarray]) -> np.ndarray | None:
        """Factors of the linear parameters, shape (B, T, n)."""
        if self._basis is None:
            return None
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            parts = self._basis(self._namespace(working, 0), columns)
        rows = max(np.shape(part)[-1] for part in parts)
        shape = (len(working), rows)
        return np.stack([np.broadcast_to(part, shape) for part in parts], axis=1)


def log_columns(axes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every axis, and the logarithm of every numeric one as ``log_<axis>``."""
    columns = dict(axes)
    for name, values in axes.items():
        if values.dtype != object:
            with np.errstate(divide="ignore", invalid="ignore"):
                columns[f"log_{name}"] = np.log(values)
    return columns
