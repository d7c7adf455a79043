"""Numbers among the options of plug-ins: what each may be, before anything is run with it."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator

from scaling_studies.cards.models.base import SMALLEST, in_reach, refuse, shown

#: Entries that a list or a mapping among the options may have.
MOST_ENTRIES = 1000


class Limits(NamedTuple):
    """Least and most of an option; whole numbers unless `fraction` is set."""

    least: float
    most: float
    fraction: bool = False


#: Options of estimators that take one number.
OF_ESTIMATORS = {
    "count": Limits(1, 10_000),
    "enough": Limits(0, 1, fraction=True),
    "points": Limits(2, 20_000),
}
#: Options of figures that take one number.
OF_FIGURES = {
    "amount": Limits(0, 1e60, fraction=True),
    "annotate": Limits(0, 100),
    "columns": Limits(1, 8),
    "every": Limits(1, 1_000_000),
    "flops_max": Limits(0, 1e60, fraction=True),
    "flops_min": Limits(0, 1e60, fraction=True),
    "height": Limits(1, 20, fraction=True),
    "levels": Limits(2, 100),
    "limit": Limits(1e-6, 1e6, fraction=True),
    "panel_height": Limits(0.5, 20, fraction=True),
    "x_max": Limits(-1e60, 1e60, fraction=True),
    "x_min": Limits(-1e60, 1e60, fraction=True),
}
#: Options of adapters that take one number or a mapping to numbers.
OF_ADAPTERS = {
    "decays": Limits(0.01, 10, fraction=True),
    "draws": Limits(2, 10_000),
    "evaluation_sets": Limits(1, 1_000_000),
    "inputs": Limits(2, 1000),
    "last": Limits(1, 1_000_000),
    "params": Limits(1, 10**18),
    "seed": Limits(0, 2**32 - 1),
    "tasks": Limits(1, 1_000_000),
    "vocabulary": Limits(1, 10**9),
}


def within(options: Mapping[str, Any], limits: Mapping[str, Limits]) -> None:
    """Refuse numbers that no plug-in can work with.

    Raises
    ------
    PydanticCustomError
        Names the option, and what it may be.
    """
    for name, value in options.items():
        if name in limits:
            for each in value.values() if isinstance(value, dict) else (value,):
                _check(name, each, limits[name])
        else:
            _check_all(name, value)


def _check(name: str, value: Any, limits: Limits) -> None:
    kinds = (int, float) if limits.fraction else (int,)
    if isinstance(value, bool) or not isinstance(value, kinds):
        wanted, problem = "a number" if limits.fraction else "a whole number", "is none"
    elif limits.least <= value <= limits.most and (value == 0 or abs(value) >= SMALLEST):
        return
    else:
        wanted, problem = "a number" if limits.fraction else "a whole number", "is out of range"
    raise refuse(
        f"option {name!r} takes {wanted}, and {shown(value, 40)} {problem}",
        f"give one from {limits.least:,g} to {limits.most:,g}",
    )


def _check_all(name: str, value: Any) -> None:
    if isinstance(value, (list, tuple, dict)):
        if len(value) > MOST_ENTRIES:
            raise refuse(
                f"option {name!r} has {len(value):,} entries", f"give at most {MOST_ENTRIES:,}"
            )
        for each in value.values() if isinstance(value, dict) else value:
            _check_all(name, each)
    else:
        in_reach(value)


def _of_estimators(options: dict[str, Any]) -> dict[str, Any]:
    within(options, OF_ESTIMATORS)
    return options


def _of_figures(options: dict[str, Any]) -> dict[str, Any]:
    within(options, OF_FIGURES)
    return options


def _of_adapters(options: dict[str, Any]) -> dict[str, Any]:
    within(options, OF_ADAPTERS)
    return options


EstimatorOptions = Annotated[dict[str, Any], AfterValidator(_of_estimators)]
FigureOptions = Annotated[dict[str, Any], AfterValidator(_of_figures)]
AdapterOptions = Annotated[dict[str, Any], AfterValidator(_of_adapters)]
