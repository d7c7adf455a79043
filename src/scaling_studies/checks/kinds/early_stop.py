"""Is the optimum one? Own searches are held against rivals, published parameters against refits.

Source: Besiroglu et al. 2024, arXiv 2404.10102, where a mean in place of a sum of losses made an
optimiser with an absolute tolerance stop at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, Say, fail, info, warning
from scaling_studies.checks.rounding import largest_shift, scatter_of_mean
from scaling_studies.words import count_of, factor, number, percent

MEANING = (
    "Is the optimum one: does a second optimiser, a restart or another fit of the same rows find "
    "nothing lower, and do published parameters lie at it?"
)
NOTHING = "nothing is fitted, and no published parameters stand beside a refit of the same rows"

#: Relative difference of objectives that count as the same; what a fit's own evidence uses.
AGREEMENT = 1e-6
#: Probability below which a gap between published and best is no accident of the rows. Stricter
#: than the usual 5 % because dozens of fits are checked.
SURE = 1e-3
#: Probability from which rows cannot tell two sets of parameters apart.
UNLIKELY = 0.05
#: Independent groups of rows from which the likelihood ratio can be held against chi-square: the
#: usual rule of thumb for its large-sample limit.
FEWEST_GROUPS = 30


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on own searches and on published parameters."""
    confirmed = []
    for fit in context.refits:
        if not context.fits[fit].evidence["starts"]:
            continue
        problem = _lower_rival(context, fit) or _own_evidence(context, fit)
        if problem:
            yield problem
        else:
            confirmed.append(fit)
    if confirmed:
        yield _confirmed(context, confirmed)
    for fit in context.evaluated:
        rival = _refit_of_same_rows(context, fit)
        if rival:
            yield _published(context, fit, rival)


def _confirmed(context: CheckContext, confirmed: list[str]) -> Finding:
    """What speaks for the fits with whose search nothing is wrong."""
    least = min(context.fits[fit].evidence["share_at_optimum"] for fit in confirmed)
    starts = "all starts" if least == 1.0 else f"at least {percent(least, 2)} of the starts"
    return info(
        f"{count_of(len(confirmed), 'fit')} {'is' if len(confirmed) == 1 else 'are'} confirmed: a "
        f"second optimiser and other fits of the same rows find nothing lower, and {starts} of "
        "each end within 10⁻⁶ of its best.",
        quantity="share_at_optimum",
        value=least,
    )


def _lower_rival(context: CheckContext, fit: str) -> Finding | None:
    """Another fit of the same problem, with the same parameters held, that goes lower."""
    artefact = context.fits[fit]
    best = context.objectives[fit]
    for rival in context.refits:
        other, lowest = context.fits[rival], context.objectives[rival]
        gap = (best - lowest) / (abs(lowest) or 1.0)
        if (
            gap > AGREEMENT
            and other.converged
            and other.fixed == artefact.fixed
            and context.same_problem(fit, rival)
        ):
            return fail(
                f"The search ended at {number(best, 7)}. On the same {artefact.n} rows the same "
                f"objective goes down to {number(lowest, 7)}, {percent(gap)} lower "
                f"({context.title(rival)}): it stopped short.",
                fit,
                "objective_value",
                best,
            )
    return None


def _own_evidence(context: CheckContext, fit: str) -> Finding | None:
    """What the evidence of a search says against it, if anything."""
    artefact = context.fits[fit]
    evidence = artefact.evidence
    disagreement, starts = evidence["disagreement"], evidence["starts"]
    if disagreement is not None and disagreement < -AGREEMENT:
        return fail(
            f"A second optimiser ({evidence['second_optimiser']}) ends {percent(-disagreement)} "
            "lower.",
            fit,
            "disagreement",
            disagreement,
        )
    if not artefact.converged:
        return warning("The optimum could not be confirmed.", fit)
    share = evidence["share_at_optimum"]
    if starts > 1 and round(starts * share) <= 1:
        return warning(
            f"One of {starts} starts ended at the best objective, so that a lower one may have "
            "been missed.",
            fit,
            "share_at_optimum",
            share,
        )
    return None


def _refit_of_same_rows(context: CheckContext, fit: str) -> str | None:
    """Refit that published parameters are held against: the one that searches nearest to them."""
    published = context.fits[fit].parameters.items()
    rivals = [
        rival
        for rival in context.refits
        if context.fits[rival].converged
        # What the refit holds fixed has the published value, so that it searches further, not
        # elsewhere.
        and context.fits[rival].fixed.items() <= published
        and context.same_problem(fit, rival)
    ]
    return max(rivals, key=lambda name: len(context.fits[name].fixed), default=None)


def _published(context: CheckContext, fit: str, rival: str) -> Finding:
    """How far published parameters lie above the lowest objective on the same rows."""
    n, value, best = context.fits[fit].n, context.objectives[fit], context.objectives[rival]
    if value - best <= AGREEMENT * abs(best):
        severity = info
        text = f"The published parameters are the optimum of their objective on these {n} rows."
    else:
        severity, why = _why_above(context, fit, rival)
        author = context.entry(fit).published_by
        if author:
            severity, why = info, f"{why} The law is another study's ({author}), which is told so."
        far = f"{number(value - best, 3)} above" if best <= 0 else factor(value / best)
        text = (
            f"On the same {n} rows the objective at these parameters, {number(value, 6)}, is {far} "
            f"its lowest value, {number(best, 6)} ({context.title(rival)}). {why}"
        )
    return severity(text, fit, "objective_value", value)


def _why_above(context: CheckContext, fit: str, rival: str) -> tuple[Say, str]:
    """Severity of published parameters above the optimum, and what may have made the gap."""
    n = context.fits[fit].n
    groups = min(context.groups(fit), _independent(context, rival, n))
    likely = _chance_of_gap(context, fit, rival, n)
    if likely >= UNLIKELY:
        return info, "These rows cannot tell the two apart."
    if likely >= SURE:
        return warning, f"Chance alone would make that unlikely, p = {number(likely, 2)}."
    if largest_shift(context, fit) > scatter_of_mean(context, fit):
        return info, "Rounding to the printed digits may account for it."
    if groups < FEWEST_GROUPS or _chance_of_gap(context, fit, rival, groups) >= SURE:
        few = f"{n} rows" if groups == n else f"{groups} independent groups of rows"
        return warning, f"Its {few} are too few to rule out chance."
    return fail, "Chance would open so wide a gap less than once in a thousand times."


def _independent(context: CheckContext, fit: str, n: int) -> int:
    """How many independent rows say as much as those of a fit, where a test finds groups.

    The likelihood ratio is divided by the mean design effect over the parameters (Rao and Scott
    1984, Annals of Statistics 12).
    """
    test = context.intervals[fit].dependence
    return n if test is None else min(n, round(n / test["inflation"]))


def _chance_of_gap(context: CheckContext, fit: str, rival: str, independent: int) -> float:
    """Probability of a likelihood ratio as large, if so many rows are independent."""
    artefact, best = context.fits[fit], context.fits[rival]
    value, lowest = context.objectives[fit], context.objectives[rival]
    free = len(artefact.parameters) - len(best.fixed)
    if (artefact.objective or {})["name"] == "huber_density":
        return chance(2.0 * (value - lowest), free)
    if lowest <= 0:
        return 0.0
    # The scale of the residuals is fitted. The ratio is that of squared losses; for absolute ones,
    # which Huber's are beyond its threshold, it would be twice as large. Of few rows, those count
    # that the parameters leave over: nearly the F test of a linear law.
    left = max(independent - free, 0)
    return chance(left * math.log(value / lowest), free)


def chance(deviance: float, freedom: int) -> float:
    """Probability that chi-square exceeds a value, in closed form."""
    half = deviance / 2.0
    if freedom % 2 == 0:
        terms = [half**i / math.factorial(i) for i in range(freedom // 2)]
        return math.exp(-half) * sum(terms)
    terms = [half ** (i + 0.5) / math.gamma(i + 1.5) for i in range(freedom // 2)]
    return math.erfc(math.sqrt(half)) + math.exp(-half) * sum(terms)
