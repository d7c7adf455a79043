"""Whether published constants, taken together, are the optimum that they are said to be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaling_studies.cards.printed import Printed
from scaling_studies.verdicts.judge import AGREEMENT
from scaling_studies.words import number, percent

if TYPE_CHECKING:
    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.uncertainty import Uncertainty

#: Probability below which rows reject published constants.
LEVEL = 0.05
#: Significant digits from which a printed constant is what a search ended with.
FULL_PRECISION = 5


@dataclass(frozen=True)
class JointTest:
    """Published constants against the optimum of the same objective on the same rows.

    Attributes
    ----------
    verdict
        `same`, `compatible`, `not_an_optimum` or `cannot_be_tested`.
    published, best
        The objective at the published constants and its lowest value.
    chance
        Probability of a gap as wide if the published constants were the truth; NaN when it is not
        known.
    text
        What was found, a sentence or two.
    """

    verdict: str
    published: float | None
    best: float | None
    chance: float
    text: str


def joint_test(
    published: FitArtefact,
    refit: FitArtefact,
    uncertainty: Uncertainty,
    *,
    wald: str | None,
    independent: int,
) -> JointTest:
    """Test all constants of a published law together.

    Parameters
    ----------
    published
        The law at its published constants.
    refit
        The fit of the same law and objective to the same rows.
    uncertainty
        Intervals of the refit, for its Wald statistic.
    wald
        Quantity of the refit that is the Wald statistic of the published constants. Its covariance
        respects dependence of rows; without it the ratio of objectives is tested with F.
    independent
        Independent groups among the rows, for the latter.

    Returns
    -------
    JointTest
    """
    value, best = published.objective_value, refit.objective_value
    same = published.n == refit.n and published.objective == refit.objective
    if value is None or best is None or not same:
        return JointTest(
            "cannot_be_tested",
            value,
            best,
            math.nan,
            "The two fits have other rows or another objective.",
        )
    free = [name for name in refit.parameters if name not in refit.fixed]
    statistic = uncertainty.intervals[wald].value if wald in uncertainty.intervals else None
    groups = uncertainty.group_count
    if statistic is not None and groups is not None:
        chance, how = _hotelling(statistic, len(free), groups)
    elif statistic is not None:
        chance = _chi_square(statistic, len(free))
        how = f"Wald {number(statistic, 3)} on {len(free)} degrees of freedom"
    else:
        chance, how = _likelihood_ratio(refit, value, best, len(free), independent)
    gap = (value - best) / abs(best) if best else math.inf
    if gap < -AGREEMENT:
        return JointTest(
            "cannot_be_tested",
            value,
            best,
            math.nan,
            "The objective is lower at the published constants than our search got.",
        )
    if gap <= AGREEMENT:
        return JointTest("same", value, best, 1.0, "The published constants are the optimum.")
    far = f"{percent(gap, 2)} above" if gap < 1 else f"{number(value / best, 2)} times"
    is_far = "lies" if gap < 1 else "is"
    above = (
        f"The objective at the published constants {is_far} {far} its lowest value on the same "
        f"{refit.n} rows"
    )
    if chance < LEVEL:
        return JointTest(
            "not_an_optimum", value, best, chance, f"{above}; together they are rejected ({how})."
        )
    digits = [Printed.of(published.parameters[name]).digits for name in free]
    if min(digits, default=0) >= FULL_PRECISION:
        return JointTest(
            "not_an_optimum",
            value,
            best,
            chance,
            f"{above}: no optimum, "
            + (
                f"although these rows hardly tell the two apart ({how})."
                if math.isfinite(chance)
                else f"but there are {how}."
            ),
        )
    return JointTest(
        "compatible", value, best, chance, f"{above}, which rounding or chance explains ({how})."
    )


def _likelihood_ratio(
    refit: FitArtefact, value: float, best: float, free: int, independent: int
) -> tuple[float, str]:
    """Probability of the gap between two objectives, and how it was tested."""
    if (refit.objective or {}).get("name") == "huber_density":
        deviance = 2.0 * (value - best)
        return _chi_square(deviance, free), f"likelihood ratio {number(deviance, 3)}"
    rest = independent - free
    if rest < 1 or best <= 0:
        return math.nan, "too few independent rows for a test"
    from scipy.stats import f as f_distribution  # takes as long to load as all the rest

    ratio = (value - best) / best * rest / free
    chance = float(f_distribution.sf(ratio, free, rest))
    return chance, f"F({free}, {rest}) = {number(ratio, 3)}, p = {number(chance, 2)}"


def _hotelling(statistic: float, free: int, groups: int) -> tuple[float, str]:
    """Probability of a Wald statistic whose covariance is that of a number of groups."""
    how = f"Wald {number(statistic, 3)} on {free} degrees of freedom, {groups} groups"
    rest = groups - free
    if rest < 1:
        return math.nan, f"too few groups for a test ({how})"
    from scipy.stats import f as f_distribution  # takes as long to load as all the rest

    ratio = statistic * rest / (free * (groups - 1.0))
    return float(f_distribution.sf(ratio, free, rest)), how


def _chi_square(statistic: float, freedom: int) -> float:
    from scipy.stats import chi2  # takes as long to load as all the rest

    return float(chi2.sf(statistic, freedom))
