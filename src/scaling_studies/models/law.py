"""What a scaling law is: data (names, bounds, citation) plus the functions that evaluate it.

A law is evaluated in *working coordinates*: the logarithm of a parameter whose transform is
``"log"`` (coefficients), the parameter itself otherwise (exponents, offsets). All evaluation is
batched: the leading dimension of a coordinate array runs over starts or resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scaling_studies.errors import FitError
from scaling_studies.models.columns import Axis, read_axes

#: Search range of a working coordinate: constants, or a function of (axes, response).
Search = tuple[float, float] | Callable[[Mapping[str, np.ndarray], np.ndarray], tuple[float, float]]

#: Name -> array of shape (B,) or scalar: the form in which derived quantities see parameters.
Parameters = Mapping[str, Any]

#: Stands for derivatives that were not asked for.
NOTHING = np.empty(0)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a law.

    Attributes
    ----------
    name
        The name used by the paper, spelled in ASCII.
    meaning
        One short sentence.
    lower, upper
        Bounds in natural units.
    transform
        ``"log"`` when the solver works with the logarithm, ``"identity"`` otherwise.
    linear
        Whether the law is linear in it for fixed other parameters (variable projection).
    search
        Range of the working coordinate within which starts are laid, not a bound. None for
        linear parameters and for laws that propose their own starts.
    of_response
        Whether it is in units of the response without being linear, so that a search takes it in
        these units, as it does with linear parameters that are no logarithms.
    """

    name: str
    meaning: str
    lower: float = -np.inf
    upper: float = np.inf
    transform: str = "identity"
    linear: bool = False
    search: Search | None = None
    of_response: bool = False

    def to_working(self, value: np.ndarray | float) -> np.ndarray:
        """Working coordinate of a natural value (zero of a log parameter becomes ``-inf``)."""
        if self.transform == "identity":
            return np.asarray(value, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(np.asarray(value, dtype=float))

    def to_natural(self, working: np.ndarray | float) -> np.ndarray:
        """Natural value of a working coordinate (a coefficient beyond all numbers is ``inf``)."""
        if self.transform == "identity":
            return np.asarray(working, float)
        with np.errstate(over="ignore"):
            return np.exp(working)


class Evaluation:
    """Values of a law on one block of rows, with derivatives by working coordinates.

    Parameters
    ----------
    value
        Shape (B, n).
    jacobian
        Shape (B, p, n); left out at order 0.
    curvature
        Function of row weights c, shape (B, n), that returns ``sum_i c_i H_i`` with shape
        (B, p, p), where H_i is the Hessian of row i; left out below order 2.
    """

    def __init__(
        self,
        value: np.ndarray,
        jacobian: np.ndarray = NOTHING,
        curvature: Callable[[np.ndarray], np.ndarray] = lambda weights: NOTHING,
    ) -> None:
        self.value = value
        self._jacobian = jacobian
        self._curvature = curvature

    @property
    def jacobian(self) -> np.ndarray:
        """Derivatives of the values, shape (B, p, n)."""
        return self._jacobian

    def curvature(self, weights: np.ndarray) -> np.ndarray:
        """Weighted sum of the rows' Hessians, shape (B, p, p)."""
        return self._curvature(weights)

    def gradient(self, slope: np.ndarray) -> np.ndarray:
        """Sum over rows of ``slope_i`` times the derivatives of row i, shape (B, p)."""
        return (self.jacobian @ slope[:, :, None])[:, :, 0]

    def hessian(self, slope: np.ndarray, bend: np.ndarray) -> np.ndarray:
        """Sum over rows of ``slope_i H_i + bend_i J_i J_i'``, shape (B, p, p)."""
        jacobian = self.jacobian
        weighted = jacobian * bend[:, None, :]
        return weighted @ jacobian.transpose(0, 2, 1) + self.curvature(slope)


class Model:
    """The functions of a law: `posynomial.Posynomial`, `formula.FormulaModel`, or one of its own.

    Attributes
    ----------
    row_cost
        Array elements a row needs; bounds the memory of a batch.
    """

    row_cost: int = 1

    def prepare(self, axes: Mapping[str, np.ndarray]) -> Any:
        """Everything that depends on the rows alone: the ``columns`` of the other methods."""
        raise NotImplementedError

    def evaluate(self, working: np.ndarray, columns: Any, order: int) -> Evaluation:
        """Values (order 0), and first (1) and second (2) derivatives, at ``working`` (B, p)."""
        raise NotImplementedError

    def values(self, working: np.ndarray, axes: Mapping[str, np.ndarray]) -> np.ndarray:
        """Values of parameter sets that have rows of their own, (B, p) and (B, n) -> (B, n)."""
        return np.concatenate(
            [
                self.evaluate(one[None], self.prepare(dict(zip(axes, rows, strict=True))), 0).value
                for one, *rows in zip(working, *axes.values(), strict=True)
            ]
        )

    def basis(self, working: np.ndarray, columns: Any) -> np.ndarray | None:
        """Coefficients of the linear parameters, shape (B, T, n); None without any."""
        return None

    def moving(self, numbers: Iterable[int]) -> Model:
        """Return the same model, which may leave out derivatives by parameters not named here."""
        return self


@dataclass(frozen=True)
class Law:
    """A registered scaling law.

    Attributes
    ----------
    name
        Registry name, also the name of its file.
    title, formula, citation
        For readers. The formula is plain text.
    axes
        Inputs, in order.
    response, response_meaning
        Usual column of the response and what it is.
    parameters
        In the order of the working vector.
    model
        The functions.
    centring
        Coefficient name -> {exponent name: function(axes) -> column}: the log coefficient and the
        exponent are correlated through the mean of that column, and the solver removes the
        correlation. Purely a matter of conditioning.
    derived
        Quantity name -> function of the parameters, vectorised over arrays.
    linear_space
        ``"value"`` when the law's value is linear in its linear parameters, ``"log"`` when the
        logarithm of the value is.
    objective
        The objective of the source, used in documentation and as the default of cards.
    propose
        Function (axes, response, given) -> working vectors (G, p) to start from, for laws whose
        structure gives better starts than a search box; ``given`` holds fixed parameters by name,
        which it may take into account. None otherwise.
    canonical
        Function of working vectors (B, p) that maps the equivalent copies of an optimum, which a
        symmetry of the law makes, to one of them. None for laws without such a symmetry.
    starts
        How many starts a global search polishes.
    piecewise
        Whether the law is made of pieces (breaks, largest or smallest of several): its objective
        has many near optima, and a search is always restarted.

    Examples
    --------
    >>> from scaling_studies import get_law
    >>> law = get_law("power")
    >>> law.value({"A": 3.0, "alpha": 0.5}, {"x": np.array([1.0, 4.0])}).round(6).tolist()
    [3.0, 1.5]
    """

    name: str
    title: str
    formula: str
    citation: str
    axes: tuple[Axis, ...]
    response: str
    response_meaning: str
    parameters: tuple[Parameter, ...]
    model: Model
    centring: Mapping[str, Mapping[str, Callable]] = field(default_factory=dict)
    derived: Mapping[str, Callable[[Parameters], Any]] = field(default_factory=dict)
    linear_space: str = "value"
    objective: str = "huber_log"
    propose: (
        Callable[[Mapping[str, np.ndarray], np.ndarray, Mapping[str, float]], np.ndarray] | None
    ) = None
    canonical: Callable[[np.ndarray], np.ndarray] | None = None
    starts: int = 24
    piecewise: bool = False

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names in the order of the working vector."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def axis_names(self) -> tuple[str, ...]:
        """Names of the input columns."""
        return tuple(axis.name for axis in self.axes)

    def index(self, name: str) -> int:
        """Position of a parameter; a `FitError` that lists the known names when there is none."""
        try:
            return self.parameter_names.index(name)
        except ValueError:
            raise FitError(
                f"law {self.name} has no parameter {name!r}",
                fix=f"use one of {', '.join(self.parameter_names)}",
            ) from None

    def to_working(self, parameters: Parameters) -> np.ndarray:
        """Working vector, shape (p,), of a complete set of parameters."""
        missing = [name for name in self.parameter_names if name not in parameters]
        if missing:
            raise FitError(
                f"law {self.name} needs a value for {', '.join(missing)}",
                fix="give every parameter",
            )
        return np.array(
            [float(item.to_working(parameters[item.name])) for item in self.parameters], dtype=float
        )

    def working_sets(self, parameters: Mapping[str, np.ndarray]) -> np.ndarray:
        """Working vectors, shape (R, p), of R sets of parameters, name -> shape (R,) or (1,)."""
        columns = [
            np.atleast_1d(item.to_working(parameters[item.name])) for item in self.parameters
        ]
        return np.stack(np.broadcast_arrays(*columns), axis=-1)

    def to_natural(self, working: np.ndarray) -> dict[str, np.ndarray]:
        """Parameters by name from working vectors, shape (..., p) -> arrays of shape (...)."""
        return {
            item.name: item.to_natural(working[..., position])
            for position, item in enumerate(self.parameters)
        }

    def read(self, frame: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Axes of the law from a frame, checked, each of shape (n,); see `columns.read_axes`."""
        return read_axes(self.axes, frame, f"law {self.name}")

    def value(self, parameters: Parameters, axes: Mapping[str, np.ndarray]) -> np.ndarray:
        """Evaluate the law, shape (n,), at one set of parameters.

        Parameters
        ----------
        parameters
            Natural values by name.
        axes
            Column name -> array of shape (n,).
        """
        columns = self.model.prepare(self.read(axes))
        return self.model.evaluate(self.to_working(parameters)[None, :], columns, 0).value[0]


def predict(
    law: Law, parameters: Mapping[str, np.ndarray], axes: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Predictions of a law for R parameter sets at n rows, shape (R, n).

    Parameters
    ----------
    law
        Law of the registry.
    parameters
        Name -> array of shape (R,).
    axes
        Axis name -> array of shape (n,).
    """
    columns = law.model.prepare(law.read(axes))
    return law.model.evaluate(law.working_sets(parameters), columns, 0).value
