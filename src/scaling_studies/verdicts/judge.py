"""The verdict on one published number: its printed digits, then standard errors, nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from scaling_studies.words import number

if TYPE_CHECKING:
    from scaling_studies.cards.models.target import Target
    from scaling_studies.cards.printed import Printed
    from scaling_studies.verdicts.optimum import JointTest

#: Best first.
VERDICTS = (
    "exact",
    "same",
    "compatible",
    "does_not_come_back",
    "not_an_optimum",
    "cannot_be_tested",
)
#: Verdicts on a number that comes back.
COMES_BACK = frozenset({"exact", "same", "compatible"})
#: Share of the refit's standard error within which a difference matters for no use.
NO_MATTER = 0.1
#: Relative difference of objectives that count as the same; what a fit's own evidence uses.
AGREEMENT = 1e-6
#: Standard errors from which a difference is one.
APART = 2.0
#: Digits of a number that a sentence shows, and the most of two that lie close together.
ENOUGH, MOST_SHOWN = 7, 12
#: Evidence -> what gives the value that a published one is held against.
SUBJECTS = {
    "refit": "The refit",
    "re_estimate": "The re-estimate",
    "evaluation": "The published law on these runs",
    "arithmetic": "Arithmetic of printed numbers",
    "simulation": "The simulation",
}


@dataclass(frozen=True)
class Ours:
    """What a published number is held against.

    Attributes
    ----------
    value
        The same quantity from our side; None when there is none.
    evidence
        What it rests on, one of `SUBJECTS`.
    interval
        Its interval; an end may be infinite.
    level
        Coverage of that interval.
    standard_error
        Its standard error, if one is known.
    implied
        Of arithmetic: what its inputs may have given before they were rounded.
    distrust
        Why interval and standard error are not trusted; empty when they are.
    joint
        Test of all published constants together, where this is one of them.
    is_objective
        Whether it is the lowest value of an objective, of which lower is better.
    judged_fit
        Id of the fit that gave the value.
    judged_by
        Title of the fit that gave the value when it is not the published number's own.
    """

    value: float | None
    evidence: str = "refit"
    interval: tuple[float, float] | None = None
    level: float = 0.95
    standard_error: float | None = None
    implied: tuple[float, float] | None = None
    distrust: str = ""
    joint: JointTest | None = None
    is_objective: bool = False
    judged_fit: str = ""
    judged_by: str | None = None


@dataclass(frozen=True)
class Judgement:
    """A verdict, the standardised difference behind it, and the reason in a sentence or two."""

    verdict: str
    z: float | None
    reason: str


def judge(target: Target, ours: Ours) -> Judgement:
    """Verdict on one published number.

    Parameters
    ----------
    target
        Entry of a card under ``targets``.
    ours
        What it is held against.

    Returns
    -------
    Judgement
        ``exact`` (the printed digits, after rounding of every printed input), ``same`` (within a
        tenth of the refit's standard error), ``compatible`` (within two standard errors, or within
        a tolerance that the card gives a reason for), ``does_not_come_back``, ``not_an_optimum``
        (the objective goes lower) or ``cannot_be_tested``. Without an interval or a standard error
        a tolerance that is missed decides as well.

    Examples
    --------
    >>> from scaling_studies.cards.models.target import Target
    >>> target = Target(quantity="alpha", value="0.34", where="Table 1")
    >>> judge(target, Ours(0.3374)).verdict
    'exact'
    >>> judge(target, Ours(0.36, standard_error=0.02)).verdict
    'compatible'
    """
    printed = target.printed
    said = target.reason or ""
    if printed is None or ours.value is None or not math.isfinite(ours.value):
        return Judgement(
            "cannot_be_tested", None, said or "The fit gives no finite value for this quantity."
        )
    z = standardised(printed, ours, target.printed_error)
    verdict, why = _verdict(target, printed, ours, z)
    overruled = verdict in COMES_BACK or verdict == "cannot_be_tested"
    if ours.joint and ours.joint.verdict == "not_an_optimum" and overruled:
        verdict, why = (
            "not_an_optimum",
            f" against {_as_written(target, ours.value)}. {ours.joint.text}",
        )
    by = f" (in the fit “{ours.judged_by}”)" if ours.judged_by else ""
    given = f"{SUBJECTS[ours.evidence]}{by} gives {_near(ours.value, printed)}"
    note = "" if verdict in ("exact", "same") else said
    return Judgement(verdict, z, f"{given}{why} {note}".rstrip())


def _verdict(target: Target, printed: Printed, ours: Ours, z: float | None) -> tuple[str, str]:
    """Verdict on a number that both sides have, and the rest of the sentence that says why."""
    value = ours.value
    assert value is not None
    against = f" against {_as_written(target, value)}"
    if printed.holds(value):
        return "exact", f", which rounds to the printed {_as_written(target, value)}."
    if ours.implied:
        return _by_rounding(target, printed, ours)
    if target.tolerance is not None and abs(value - printed.value) <= _allowed(target, printed):
        return "compatible", f"{against}, within the tolerance. {target.tolerance_reason}"
    if ours.is_objective:
        return _of_objective(value, printed, against)
    if ours.evidence in ("evaluation", "arithmetic"):
        return "does_not_come_back", f"{against}, more than its last digit allows."
    if ours.distrust:
        return "cannot_be_tested", f"{against}; its interval is not trusted: {ours.distrust}"
    error = own_error(printed, ours)
    unbounded = ours.interval is not None and not any(map(math.isfinite, ours.interval))
    if error is None and ours.interval is None and target.tolerance is not None:
        # Nothing but what the card allows can decide, and it is missed.
        return "does_not_come_back", f"{against}, beyond the tolerance. {target.tolerance_reason}"
    if unbounded or (error is None and ours.interval is None):
        why = "the rows do not bound it" if unbounded else "it has no interval"
        return "cannot_be_tested", f"{against}, and {why}."
    if error is not None and abs(value - printed.value) <= NO_MATTER * error:
        return "same", f"{against}, a difference below a tenth of its standard error."
    if z is None:
        return "compatible", f"{against}, and its interval is open on that side."
    apart = f"{number(abs(z), 2)} standard errors away"
    if abs(z) < APART:
        return "compatible", f"{against}, {apart}."
    low, high = ours.interval or (math.nan, math.nan)
    skewed = (
        ", though its interval, which is skewed, holds it" if low <= printed.value <= high else ""
    )
    return "does_not_come_back", f"{against}, {apart}{skewed}."


def _of_objective(value: float, printed: Printed, against: str) -> tuple[str, str]:
    """Verdict on the lowest value of an objective."""
    above = (value - printed.value) / abs(printed.value)
    if abs(above) <= AGREEMENT:
        return "same", f"{against}, the same as far as searches go."
    share = f"{number(100 * abs(above), 2)} %"
    if above < 0:
        return "not_an_optimum", f"{against}, {share} lower: the published optimum is none."
    return "does_not_come_back", f"{against}, {share} higher."


def _by_rounding(target: Target, printed: Printed, ours: Ours) -> tuple[str, str]:
    """Verdict on a number that printed ones imply."""
    low, high = ours.implied or (math.nan, math.nan)
    ends = f"{_near(low, printed)} to {_near(high, printed)}"
    if printed.holds(low, high):
        return "exact", (
            f", and {ends} before its inputs were rounded, which holds the printed "
            f"{_as_written(target, low, high)}."
        )
    if target.tolerance is not None and (
        abs((ours.value or math.nan) - printed.value) <= _allowed(target, printed)
    ):
        return (
            "compatible",
            f" against {_as_written(target, low, high)}, within the tolerance. "
            f"{target.tolerance_reason}",
        )
    return "does_not_come_back", (
        f" against {_as_written(target, low, high)}; rounding explains {ends} and no more."
    )


def standardised(printed: Printed, ours: Ours, error: float | None) -> float | None:
    """Difference in standard errors of both, beyond what rounding of the printed one explains.

    Parameters
    ----------
    printed
        The published number.
    ours
        What it is held against.
    error
        Published standard error.

    Returns
    -------
    float or None
        Positive where the published number is larger. None without a standard error, and where
        the interval is open on the side of the published number.
    """
    own = own_error(printed, ours)
    if own is None or ours.value is None:
        return None
    difference = printed.value - ours.value
    beyond = max(abs(difference) - printed.half_unit, 0.0)
    scale = math.hypot(own, error or 0.0)
    return math.copysign(beyond / scale, difference)


def own_error(printed: Printed, ours: Ours) -> float | None:
    """Our standard error towards a published number: the stricter of two.

    One is that of the resamples; the other is the distance of the interval's end on that side over
    the normal quantile of its level, which is right where the resamples are skewed.
    """
    if ours.value is None:
        return None
    errors = []
    if ours.interval:
        end = ours.interval[1] if printed.value > ours.value else ours.interval[0]
        if math.isinf(end):
            return None
        errors.append(abs(end - ours.value) / NormalDist().inv_cdf((1 + ours.level) / 2))
    if ours.standard_error is not None and math.isfinite(ours.standard_error):
        errors.append(ours.standard_error)
    positive = [error for error in errors if error > 0]
    return min(positive, default=None)


def _allowed(target: Target, printed: Printed) -> float:
    assert target.tolerance is not None
    scale = abs(printed.value) if target.tolerance_kind == "relative" else 1.0
    return target.tolerance * scale


def _shown_digits(printed: Printed, *values: float) -> int:
    """Digits that a sentence needs: one more than was printed, of long ones what tells them apart.

    Examples
    --------
    >>> from scaling_studies.cards.printed import Printed
    >>> _shown_digits(Printed.of("0.34"), 0.3474)
    3
    >>> _shown_digits(Printed.of("0.8353974035228025"), 0.835398386732)
    7
    """
    differ = 3
    while differ < MOST_SHOWN and number(printed.value, differ) in [
        number(value, differ) for value in values
    ]:
        differ += 1
    equal = differ == MOST_SHOWN
    enough = max(min(printed.digits + 1, ENOUGH), 3)
    return enough if equal else max(min(differ + 1, MOST_SHOWN), enough)


def _near(value: float, printed: Printed) -> str:
    """A value with as many digits as show the difference."""
    return number(value, _shown_digits(printed, value))


def _as_written(target: Target, *values: float) -> str:
    """The published value as the card writes it, beside these values; of long ones what shows."""
    printed = target.printed
    assert printed is not None
    digits = _shown_digits(printed, *values)
    if printed.digits > max(digits, ENOUGH):
        return number(printed.value, digits)
    text = str(target.value)
    if text.lstrip("-").isdigit():
        text = f"{int(text):,}" if len(text) > 4 else text
    return text.replace("-", "−") if "e" not in text.lower() else number(printed.value, 12)
