"""Units of raw columns, and how each becomes the unit of the run table.

Each quantity (parameters, tokens, training compute, ...) has one unit in the run table. A raw
column in another unit of the same quantity is converted; a unit that the quantity does not have is
refused with the list of those it has.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from scaling_studies.errors import TableError
from scaling_studies.words import suggest

# One PF-day: 1e15 FLOP a second for a day of 86,400 seconds (Kaplan et al. 2020, section 1.3).
FLOP_PER_PF_DAY = 8.64e19
# A multiply-accumulate is counted as two floating-point operations.
FLOP_PER_GMAC = 2e9


@dataclass(frozen=True)
class Unit:
    """A unit that a raw column may have.

    Attributes
    ----------
    name
        As written in a card.
    canonical
        Unit of the run table that it becomes.
    factor, divisor
        Canonical value = raw value x factor / divisor; not used when `logarithm` is true. Division
        by 100 is exact where a factor of 0.01 is not.
    logarithm
        True when the canonical value is the natural logarithm of the raw one (perplexity).
    """

    name: str
    canonical: str
    factor: float = 1.0
    divisor: float = 1.0
    logarithm: bool = False

    def convert(self, values: Any) -> Any:
        """Return an array or a series of values in the canonical unit.

        Values of a logarithmic unit must be positive; others become minus infinity.
        """
        if self.logarithm:
            with np.errstate(divide="ignore"):
                return np.log(np.maximum(values, 0.0))
        return self._scale(values)

    def convert_deviation(self, deviations: Any, values: Any) -> Any:
        """Return standard deviations in the canonical unit, to first order.

        Parameters
        ----------
        deviations, values
            Standard deviations and the values they belong to, both in this unit, of one shape.
        """
        if self.logarithm:
            return deviations / values
        return self._scale(deviations)

    def _scale(self, numbers: Any) -> Any:
        if self.factor == self.divisor == 1.0:
            return numbers
        return numbers * self.factor / self.divisor


def _units(canonical: str, **factors: float) -> dict[str, Unit]:
    units = {canonical: Unit(canonical, canonical)}
    units |= {name: Unit(name, canonical, factor) for name, factor in factors.items()}
    return units


def _own(names: str) -> dict[str, Unit]:
    """Units that the run table keeps as they are."""
    return {name: Unit(name, name) for name in names.split()}


_COUNTS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}

_FLOP = _units(
    "FLOP",
    MFLOP=1e6,
    GFLOP=1e9,
    TFLOP=1e12,
    PFLOP=1e15,
    EFLOP=1e18,
    ZFLOP=1e21,
    GMAC=FLOP_PER_GMAC,
    **{"PF-days": FLOP_PER_PF_DAY},
)

# Sample units name what was counted; they stand in the run table's `sample_unit`.
_SAMPLES = _own(
    "samples tokens words word_pieces characters bytes images sentences examples games hours"
) | {
    "chars": Unit("chars", "characters"),
    "minutes": Unit("minutes", "hours", divisor=60.0),
    "seconds": Unit("seconds", "hours", divisor=3600.0),
    "kilobytes": Unit("kilobytes", "bytes", 1e3),
    "megabytes": Unit("megabytes", "bytes", 1e6),
    "gigabytes": Unit("gigabytes", "bytes", 1e9),
    # Multiples of whatever a card's `sample_unit` says.
    **{name: Unit(name, "samples", factor) for name, factor in _COUNTS.items()},
}

_VALUES = (
    _units("nats_per_token", bits_per_token=math.log(2.0))
    | {"perplexity": Unit("perplexity", "nats_per_token", logarithm=True)}
    | {"fraction": Unit("fraction", "fraction")}
    | {"percent": Unit("percent", "fraction", divisor=100.0)}
    | _FLOP
    | _own(
        "nats_per_word nats_per_word_piece nats_per_char nats_per_byte nats_per_image nats "
        "bits_per_word bits_per_char bits_per_byte "
        "token_error_rate word_error_rate word_piece_error_rate character_error_rate "
        "elo bleu count params tokens samples ratio as_plotted as_printed"
    )
)

#: Units by quantity and name; the first of each quantity is the run table's own.
UNITS: MappingProxyType[str, dict[str, Unit]] = MappingProxyType(
    {
        "params": _units("params", **_COUNTS),
        "tokens": _units("tokens", **_COUNTS),
        "flops": _FLOP,
        "samples": _SAMPLES,
        "epochs": _units("epochs"),
        "steps": _units("steps", thousand=1e3),
        "learning_rate": _units("learning_rate"),
        "count": _units("count"),
        "value": _VALUES,
    }
)

# Batches and warm-ups are often given in sequences: `sequences_of_2048`.
_SEQUENCES = re.compile(r"sequences_of_([1-9][0-9]{0,8})")


def unit(
    quantity: str,
    name: str | None,
    *,
    study: str | None = None,
    table: str | None = None,
    column: str | None = None,
) -> Unit:
    """Return the unit of a quantity by its name.

    Parameters
    ----------
    quantity
        A key of `UNITS`.
    name
        Unit as written in the card; None means the quantity's own unit.
    study, table, column
        Place named by the error.

    Raises
    ------
    TableError
        When the quantity has no such unit; lists those it has.
    """
    known = UNITS[quantity]
    if name is None:
        return next(iter(known.values()))
    if name in known:
        return known[name]
    if quantity == "tokens" and (sequences := _SEQUENCES.fullmatch(name)):
        return Unit(name, "tokens", float(sequences[1]))
    allowed = ", ".join([*known, "sequences_of_<length>"] if quantity == "tokens" else known)
    near = suggest(name, known, "")
    hint = f"{near} Write" if near else "write"
    what = "a measured value" if quantity == "value" else quantity
    raise TableError(
        f"{name!r} is not a unit of {what}",
        study=study,
        table=table,
        column=column,
        fix=f"{hint} one of: {allowed}",
    )
