"""Can an interval be that narrow? Bootstrap against profile, and printed against ours.

Source: Besiroglu et al. 2024, arXiv 2404.10102: the interval printed for Approach 3 would take
hundreds of thousands of runs.
"""

from __future__ import annotations

from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.words import fits, percent, rough, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MEANING = (
    "Can the interval be that narrow or wide: does the bootstrap agree with the profile "
    "likelihood, and a printed interval with the information in the rows?"
)
NOTHING = "no fit is resampled"

#: Ratio of widths from which bootstrap and profile disagree. For a regular fit they agree to
#: first order; a factor of two would turn verdicts round.
DISAGREE = 2.0
#: Ratio from which a printed interval is too narrow to come from rows like these: it would take a
#: hundred times as many. Another estimator or other rows make a factor of a few, not of ten.
IMPLAUSIBLE = 10.0
#: Share of resamples that must converge: more than 5 % missing is as much as both tails that a
#: 95 % interval cuts off.
CONVERGED = 0.95

_finding = partial(Finding, "interval_plausibility")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on resampled intervals, on profiles and on printed intervals."""
    yield from _bootstraps(context)
    yield from _profiles(context)
    yield from _printed(context)


def _bootstraps(context: CheckContext) -> Iterator[Finding]:
    shares = {}
    for fit in context.refits:
        known = context.intervals.get(fit, {})
        if known.get("resamples") and known.get("converged_share") is not None:
            shares[fit] = known["converged_share"]
    for fit, share in shares.items():
        if share < CONVERGED:
            yield _finding(
                fit,
                "warning",
                f"{percent(1.0 - share)} of the resampled fits did not converge, more than the two "
                "tails that a 95 % interval leaves out; its ends are uncertain.",
                "converged_share",
                share,
            )
    good = [share for share in shares.values() if share >= CONVERGED]
    if good:
        yield _finding(
            None,
            "info",
            f"{'All' if min(good) == 1.0 else f'At least {percent(min(good))} of the'} resamples "
            f"of {fits(len(good))} converged.",
            "converged_share",
            min(good),
        )


def _profiles(context: CheckContext) -> Iterator[Finding]:
    agreeing, grouped = [], []
    for fit in context.refits:
        profile = context.fits[fit].get("profile")
        if not profile or profile["low_open"] or profile["high_open"]:
            continue
        found = context.interval(fit, profile["name"])
        if found is None or profile["low"] is None or profile["high"] <= profile["low"]:
            continue
        ratio = (found["high"] - found["low"]) / (profile["high"] - profile["low"])
        if 1.0 / DISAGREE <= ratio <= DISAGREE:
            agreeing.append(ratio)
            continue
        if context.intervals[fit]["kind"] == "cluster" and ratio > 1.0:
            grouped.append(ratio)
            continue
        why = (
            "It carries the published error of each response, not how far the law misses them."
            if context.entry(fit).get("resample", {}).get("response_interval")
            else "One of the two is not to be trusted."
        )
        yield _finding(
            fit,
            "warning",
            f"The bootstrap interval of {profile['name']} is {rough(ratio)} times as wide as that "
            f"of the profile likelihood. {why}",
            profile["name"],
            ratio,
        )
    if grouped:
        yield _finding(
            None,
            "info",
            f"Drawn in whole groups, the rows of {fits(len(grouped))} give an interval of E "
            f"{span(grouped, 2)} times as wide as the profile likelihood does, which takes them as "
            "independent.",
            "E",
            max(grouped),
        )
    if agreeing:
        yield _finding(
            None,
            "info",
            "Bootstrap and profile likelihood agree on the width of the interval of E in "
            f"{fits(len(agreeing))}: ratio {span(agreeing, 2)}.",
            "E",
            max(agreeing),
        )


def _printed(context: CheckContext) -> Iterator[Finding]:
    """Printed intervals and standard errors against those of refits."""
    plausible = []
    for fit, quantity, printed in _printed_errors(context):
        refit = _refit_with(context, fit, quantity)
        found = context.interval(refit, quantity["ours"]) if refit else None
        if not found or not found["standard_error"] or not printed:
            continue
        ratio = found["standard_error"] / printed
        if ratio < IMPLAUSIBLE:
            plausible.append(ratio)
            continue
        n = context.fits[refit]["n"]
        yield _finding(
            fit,
            "fail",
            f"The printed interval of {quantity['name']} is {rough(ratio)} times as narrow as "
            f"that of {context.title(refit)} from {n} points. One so narrow would take about "
            f"{rough(n * ratio**2)} points like these.",
            quantity["name"],
            ratio,
        )
    if plausible:
        several = len(plausible) > 1
        yield _finding(
            None,
            "info",
            f"{len(plausible)} printed {'uncertainties are' if several else 'uncertainty is'} "
            f"plausible: the refit's {'are' if several else 'is'} {span(plausible, 2)} times as "
            "wide.",
            None,
            max(plausible),
        )


def _printed_errors(
    context: CheckContext,
) -> Iterator[tuple[str, dict[str, str], float]]:
    """Fit, quantity and standard error of everything printed with an uncertainty."""
    for fit in context.fits:
        entry = context.entry(fit)
        stated: Mapping[str, Any] = entry.get("printed_intervals", {})
        for name, (low, high) in stated.get("of", {}).items():
            # Parameters come back as derived quantities of the same name as other laws have.
            if f"{name}_opt" not in stated["of"] and name != "b_opt":
                wide = 2.0 * NormalDist().inv_cdf(0.5 + stated["level"] / 2.0)
                yield fit, {"name": name, "ours": name}, (high - low) / wide
        for target in entry.get("targets", []):
            if "standard_error" in target:
                names = {
                    "name": target["quantity"],
                    "ours": target.get("ours", target["quantity"]),
                    "judged": target.get("compare_with", fit),
                }
                yield fit, names, target["standard_error"]


def _refit_with(context: CheckContext, fit: str, quantity: Mapping[str, str]) -> str | None:
    """Refit that a printed uncertainty is held against: the one that judges it, else the only."""
    if "judged" in quantity:
        return quantity["judged"]
    able = [name for name in context.refits if context.interval(name, quantity["ours"])]
    return able[0] if len(able) == 1 else None
