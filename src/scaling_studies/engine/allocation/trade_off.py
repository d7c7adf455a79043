"""Plans under laws that are a sum of a size and a data term: what to train for which purpose.

All laws of size and data that divide compute here are of the form

    L = E + (A N^-alpha + B D^-beta)^power,

Chinchilla's with the power one, Gadre's with equal exponents, Kaplan's with beta one and no floor.
Of this form every question has an answer in closed form or along one line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass

from scaling_studies.engine.allocation.allocate import FLOPS_PER_PARAMETER_TOKEN
from scaling_studies.engine.allocation.inference import INFERENCE_FLOPS
from scaling_studies.errors import FitError

#: Halvings of an interval in searches along a line, and points of a first look.
HALVINGS, LOOKS = 80, 400
#: Times that data may be repeated, in a search; far beyond what is of any use.
MOST_EPOCHS = 1e4
#: Larger sizes than the one that fresh data would allow, in a search, as a factor.
MOST_EXCESS = 1e3


@dataclass(frozen=True)
class Repeats:
    """How fast repeated data and excess parameters lose their value (Muennighoff et al. 2023).

    Attributes
    ----------
    data, size
        R_D* and R_N*.
    """

    data: float
    size: float


@dataclass(frozen=True)
class TradeOff:
    """A law of size and data as ``L = E + (A N^-alpha + B D^-beta)^power``."""

    E: float
    A: float
    B: float
    alpha: float
    beta: float
    power: float = 1.0

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in astuple(self)) or min(astuple(self)[1:]) <= 0:
            raise FitError("a law without a trade between size and data", fix="use another law")

    def loss(self, params: float, tokens: float) -> float:
        """Loss of a run."""
        return self.E + (self.A * params**-self.alpha + self.B * tokens**-self.beta) ** self.power

    def size_for(self, tokens: float) -> float:
        """Size for which some data are compute-optimal."""
        ratio = self.alpha * self.A / (self.beta * self.B)
        return float((ratio * tokens**self.beta) ** (1.0 / self.alpha))

    def best(self, flops: float) -> tuple[float, float]:
        """Size and data of the lowest loss at some training compute C = 6ND."""
        product = flops / FLOPS_PER_PARAMETER_TOKEN
        ratio = self.alpha * self.A / (self.beta * self.B)
        total = self.alpha + self.beta
        params = ratio ** (1.0 / total) * product ** (self.beta / total)
        return params, product / params

    def best_for_loss(self, loss: float) -> tuple[float, float]:
        """Size and data that reach a loss with the least training compute."""
        reducible = self._reducible(loss)
        total = self.alpha + self.beta
        params = (self.A * total / (self.beta * reducible)) ** (1.0 / self.alpha)
        tokens = (self.B * total / (self.alpha * reducible)) ** (1.0 / self.beta)
        return params, tokens

    def with_ratio(self, flops: float, ratio: float) -> tuple[float, float]:
        """Size and data at some training compute with given tokens per parameter."""
        params = math.sqrt(flops / (FLOPS_PER_PARAMETER_TOKEN * ratio))
        return params, ratio * params

    def with_ratio_for_loss(self, loss: float, ratio: float) -> tuple[float, float]:
        """Size and data that reach a loss with given tokens per parameter."""
        reducible = self._reducible(loss)

        def missing(log_params: float) -> float:
            params = math.exp(log_params)
            size = self.A * params**-self.alpha
            return size + self.B * (ratio * params) ** -self.beta - reducible

        params = math.exp(_root(missing, 0.0, 300.0))
        return params, ratio * params

    def serving(self, loss: float, served: float) -> tuple[float, float]:
        """Size and data of least ``6 N D + 2 N served`` that reach a loss (Sardana et al. 2023)."""
        reducible = self._reducible(loss)
        smallest = math.log(self.A / reducible) / self.alpha
        largest = math.log(self.best_for_loss(loss)[0])

        def tokens_of(term: float) -> float:
            return float((self.B / (reducible - term)) ** (1.0 / self.beta))

        def slope(log_params: float) -> float:
            term = self.A * math.exp(-self.alpha * log_params)
            if term >= reducible:
                return -math.inf
            trade = 1.0 - self.alpha * term / (self.beta * (reducible - term))
            training = FLOPS_PER_PARAMETER_TOKEN * tokens_of(term) * trade
            return training + INFERENCE_FLOPS * served

        # The slope of the cost grows from minus infinity to that of serving alone.
        log_params = _root(lambda place: -slope(place), smallest, largest)
        return math.exp(log_params), tokens_of(self.A * math.exp(-self.alpha * log_params))

    def with_unique(
        self, flops: float, unique: float, repeats: Repeats
    ) -> tuple[float, float, float]:
        """Size, data and loss of the best run where only some distinct tokens exist.

        Repeated data and excess parameters count less and less; see `laws.data_constrained`.
        """
        product = flops / FLOPS_PER_PARAMETER_TOKEN
        params, tokens = self.best(flops)
        if tokens <= unique:
            return params, tokens, self.loss(params, tokens)

        def loss(log_params: float) -> float:
            size = math.exp(log_params)
            return self.loss_with_unique(size, product / size, unique, repeats)

        fresh = math.log(product / unique)
        log_params = _lowest(loss, fresh - math.log(MOST_EPOCHS), fresh + math.log(MOST_EXCESS))
        params = math.exp(log_params)
        return params, product / params, loss(log_params)

    def loss_with_unique(
        self, params: float, tokens: float, unique: float, repeats: Repeats
    ) -> float:
        """Loss of a run of which the data hold some distinct tokens."""
        fresh = min(tokens, unique)
        data = _worth(fresh, tokens / fresh - 1.0, repeats.data)
        useful = min(params, self.size_for(unique))
        return self.loss(_worth(useful, params / useful - 1.0, repeats.size), data)

    def with_unique_for_loss(
        self, loss: float, unique: float, repeats: Repeats
    ) -> tuple[float, float]:
        """Size and data of least compute that reach a loss from some distinct tokens.

        Raises
        ------
        FitError
            The data do not suffice, whatever the compute.
        """
        least = math.log(FLOPS_PER_PARAMETER_TOKEN) + sum(map(math.log, self.best_for_loss(loss)))

        def missing(log_flops: float) -> float:
            return self.with_unique(math.exp(log_flops), unique, repeats)[2] - loss

        most = least + 20.0
        if missing(most) > 0:
            raise FitError("no compute reaches that loss from so few data", fix="take more data")
        return self.with_unique(math.exp(_root(missing, least, most)), unique, repeats)[:2]

    def _reducible(self, loss: float) -> float:
        if loss <= self.E:
            raise FitError(f"no model reaches a loss of {loss:g}", fix=f"stay above {self.E:g}")
        return float((loss - self.E) ** (1.0 / self.power))


def trade_off(law: str, parameters: Mapping[str, float]) -> TradeOff | None:
    """A law of size and data as a sum of two terms; None where it is of another form.

    Parameters
    ----------
    law
        Name.
    parameters
        Its parameters.
    """
    p = parameters
    try:
        if law == "additive":
            return TradeOff(p["E"], p["A"], p["B"], p["alpha"], p["beta"])
        if law == "overtrained":
            exponent = -p["exponent"]
            # The data term alone holds the 6^(p/2) of the authors' code.
            data = p["b"] * 6.0 ** (-0.5 * exponent)
            return TradeOff(p["E"], p["a"], data, exponent, exponent)
        if law == "kaplan":
            alpha = p["alpha_N"] / p["alpha_D"]
            return TradeOff(0.0, p["N_c"] ** alpha, p["D_c"], alpha, 1.0, p["alpha_D"])
    except (FitError, OverflowError):
        return None
    return None


def _worth(first: float, repeats: float, star: float) -> float:
    return first * (1.0 - star * math.expm1(-repeats / star))


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is zero."""
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return 0.5 * (low + high)


def _lowest(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function is lowest: the best of evenly spaced places, then thirds around it."""
    step = (high - low) / LOOKS
    best = min(range(LOOKS + 1), key=lambda number: function(low + number * step))
    low, high = low + max(best - 1, 0) * step, low + min(best + 1, LOOKS) * step
    for _ in range(HALVINGS):
        third = (high - low) / 3.0
        if function(low + third) <= function(high - third):
            high -= third
        else:
            low += third
    return 0.5 * (low + high)
