"""Can an interval be that narrow? Bootstrap against profile, and printed against ours.

Source: Besiroglu et al. 2024, arXiv 2404.10102: the interval printed for Approach 3 would take
hundreds of thousands of runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import NamedTuple

from scaling_studies.cards.printed import Printed as Number
from scaling_studies.checks.context import CheckContext, Finding, fail, info, warning
from scaling_studies.fits.uncertainty import DIFFERENT
from scaling_studies.words import count_of, percent, rough, span

MEANING = (
    "Can the interval be that narrow or wide: does the bootstrap agree with the profile "
    "likelihood, and a printed interval with the information in the rows?"
)
NOTHING = "no fit is resampled"

#: Ratio of widths up to which bootstrap and profile agree, and from which one of them is wrong. For
#: a regular fit they agree to first order; a factor of two would turn verdicts round.
AGREE, DISAGREE = DIFFERENT, 2.0
#: Ratio from which a printed interval is too narrow to come from rows like these: it would take a
#: hundred times as many. Another estimator or other rows make a factor of a few, not of ten.
IMPLAUSIBLE = 10.0
#: Share of resamples that must converge: more than 5 % missing is as much as both tails that a
#: 95 % interval cuts off.
CONVERGED = 0.95


class Printed(NamedTuple):
    """A printed standard error, and the refit and quantity of ours that it is held against.

    It is the largest that rounds to what is printed: half a unit of the last digit is added, at
    both ends of an interval.
    """

    fit: str
    name: str
    standard_error: float
    ours: str
    refit: str


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on resampled intervals, on profiles and on printed intervals."""
    yield from _bootstraps(context)
    yield from _profiles(context)
    yield from _printed(context)


def _bootstraps(context: CheckContext) -> Iterator[Finding]:
    """Whether enough of the resampled fits converged."""
    good = []
    for fit in context.refits:
        share = context.intervals[fit].converged_share
        if share is None:
            continue
        elsewhere = context.intervals[fit].elsewhere_share
        if elsewhere > 0:
            yield info(
                f"{percent(elsewhere)} of the resampled fits have their optimum elsewhere than "
                "near that of the fit; all were also started where the first of these ended.",
                fit,
                "elsewhere_share",
                elsewhere,
            )
        if share >= CONVERGED:
            good.append(share)
            continue
        yield warning(
            f"{percent(1.0 - share)} of the resampled fits did not converge, more than the two "
            "tails that a 95 % interval leaves out; its ends are uncertain.",
            fit,
            "converged_share",
            share,
        )
    if good:
        least = percent(min(good))
        most = "Nearly all" if least == percent(1.0) else f"At least {least} of the"
        told = "All" if min(good) == 1.0 else most
        yield info(
            f"{told} resamples of {count_of(len(good), 'fit')} converged.",
            quantity="converged_share",
            value=min(good),
        )


def _profiles(context: CheckContext) -> Iterator[Finding]:
    """Width of the bootstrap interval of E against that of its profile likelihood."""
    agreeing, apart, grouped = [], [], []
    for fit, name, ratio in _ratios(context):
        if 1.0 / AGREE <= ratio <= AGREE:
            agreeing.append(ratio)
        elif ratio > 1.0 and context.intervals[fit].kind == "cluster":
            grouped.append(ratio)
        elif 1.0 / DISAGREE <= ratio <= DISAGREE:
            apart.append(ratio)
        else:
            why = (
                "It carries the published error of each response, not how far the law misses them."
                if context.entry(fit).resample.response_interval
                else "One of the two is not to be trusted."
            )
            yield warning(
                f"The bootstrap interval of {context.called(fit, name)} is {rough(ratio)} times as "
                f"wide as that of the profile likelihood. {why}",
                fit,
                name,
                ratio,
            )
    if grouped:
        yield info(
            f"Drawn in whole groups, the rows of {count_of(len(grouped), 'fit')} give an interval "
            f"of E {span(grouped, 2)} times as wide as the profile likelihood does, which takes "
            "them as independent.",
            quantity="E",
            value=max(grouped),
        )
    if apart:
        yield info(
            f"The bootstrap interval of E of {count_of(len(apart), 'fit')} is {span(apart, 2)} "
            "times as wide as that of the profile likelihood, which takes the scatter as equal in "
            "all rows.",
            quantity="E",
            value=max(apart, key=lambda ratio: abs(math.log(ratio))),
        )
    if agreeing:
        yield info(
            "Bootstrap and profile likelihood agree on the width of the interval of E in "
            f"{count_of(len(agreeing), 'fit')}: ratio {span(agreeing, 2)}.",
            quantity="E",
            value=max(agreeing),
        )


def _ratios(context: CheckContext) -> Iterator[tuple[str, str, float]]:
    """Fit, quantity, and width of its bootstrap interval over that of its profile."""
    for fit in context.refits:
        profile = context.fits[fit].profile
        if not profile or profile["low_open"] or profile["high_open"] or profile["low"] is None:
            continue
        interval, width = context.interval(fit, profile["name"]), profile["high"] - profile["low"]
        if interval and width > 0.0:
            yield fit, profile["name"], interval.width / width


def _printed(context: CheckContext) -> Iterator[Finding]:
    """Printed intervals and standard errors against those of refits."""
    plausible = []
    for printed in [*_from_intervals(context), *_from_targets(context)]:
        interval = context.interval(printed.refit, printed.ours)
        if not interval or not interval.standard_error or not printed.standard_error:
            continue
        ratio = interval.standard_error / printed.standard_error
        if ratio < IMPLAUSIBLE:
            plausible.append(ratio)
            continue
        n = context.fits[printed.refit].n
        called = context.called(printed.fit, printed.name)
        yield fail(
            f"The printed interval of {called} is at least {rough(ratio)} times as narrow as "
            f"that of {context.title(printed.refit)} from {n} points, whatever was rounded away. "
            f"One so narrow would take {rough(n * ratio**2)} points like these or more.",
            printed.fit,
            printed.name,
            ratio,
        )
    if plausible:
        several = len(plausible) > 1
        yield info(
            f"{len(plausible)} printed {'uncertainties are' if several else 'uncertainty is'} "
            f"plausible: the refit's {'are' if several else 'is'} {span(plausible, 2)} times as "
            "wide.",
            value=max(plausible),
        )


def _from_intervals(context: CheckContext) -> Iterator[Printed]:
    """Standard errors that printed intervals stand for, against the only refit that has one."""
    for fit in context.fits:
        stated = context.entry(fit).printed_intervals
        if stated is None:
            continue
        for name, (low, high) in stated.of.items():
            # Parameters come back as derived quantities of the same name as other laws have.
            if f"{name}_opt" in stated.of or name == "b_opt":
                continue
            able = [refit for refit in context.refits if context.interval(refit, name)]
            if len(able) == 1:
                tails = NormalDist().inv_cdf(0.5 + stated.level / 2.0)
                # A number of the card has lost its trailing zeros: the other end may have more.
                half = min(Number.of(end).half_unit for end in (low, high))
                widest = high - low + 2.0 * half
                yield Printed(fit, name, widest / (2.0 * tails), name, able[0])


def _from_targets(context: CheckContext) -> Iterator[Printed]:
    """Standard errors that stand beside published numbers, against the fit that judges these."""
    for fit in context.fits:
        for target in context.entry(fit).targets:
            if target.standard_error is not None:
                printed = Number.of(target.standard_error)
                error = printed.value + printed.half_unit
                name, refit = target.quantity, target.compare_with or fit
                yield Printed(fit, name, error, target.name_here, refit)
