"""Is the optimum one? Own searches are held against rivals, published parameters against refits.

Source: Besiroglu et al. 2024, arXiv 2404.10102, where a mean in place of a sum of losses made an
optimiser with an absolute tolerance stop at once.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.rounding import largest_shift
from scaling_studies.checks.words import factor, fits, percent
from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
#: Independent groups of rows from which the likelihood ratio can be held against chi-square: the
#: usual rule of thumb for its large-sample limit.
FEWEST_GROUPS = 30

_finding = partial(Finding, "early_stop")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on own searches and on published parameters."""
    confirmed = []
    for fit in context.refits:
        if not (context.fits[fit].get("evidence") or {}).get("starts"):
            continue
        problem = _own_search(context, fit)
        if problem is None:
            confirmed.append(fit)
        else:
            yield problem
    if confirmed:
        yield _confirmed(context, confirmed)
    for fit in context.evaluated:
        found = _published(context, fit)
        if found:
            yield found


def _confirmed(context: CheckContext, confirmed: list[str]) -> Finding:
    """What speaks for the fits with whose search nothing is wrong."""
    least = min(context.fits[fit]["evidence"]["share_at_optimum"] for fit in confirmed)
    starts = "all starts" if least == 1.0 else f"at least {percent(least, 2)} of the starts"
    return _finding(
        None,
        "info",
        f"{fits(len(confirmed))} {'is' if len(confirmed) == 1 else 'are'} confirmed: a second "
        f"optimiser and other fits of the same rows find nothing lower, and {starts} of each end "
        "within 10⁻⁶ of its best.",
        "share_at_optimum",
        least,
    )


def _own_search(context: CheckContext, fit: str) -> Finding | None:
    """What is wrong with the search of a fit, if anything."""
    artefact, evidence = context.fits[fit], context.fits[fit]["evidence"]
    best = artefact["objective_value"]
    for rival in context.refits:
        other = context.fits[rival]
        if rival == fit or not other["converged"] or not _same_freedom(artefact, other):
            continue
        gap = (best - other["objective_value"]) / (abs(other["objective_value"]) or 1.0)
        if gap > AGREEMENT and context.same_problem(fit, rival):
            return _finding(
                fit,
                "fail",
                f"The search ended at {number(best, 7)}. On the same {artefact['n']} rows the same "
                f"objective goes down to {number(other['objective_value'], 7)}, "
                f"{percent(gap)} lower ({context.title(rival)}): it stopped short.",
                "objective_value",
                best,
            )
    disagreement = evidence.get("disagreement")
    if disagreement is not None and disagreement < -AGREEMENT:
        return _finding(
            fit,
            "fail",
            f"A second optimiser ({evidence['second_optimiser']}) ends {percent(-disagreement)} "
            "lower.",
            "disagreement",
            disagreement,
        )
    if not artefact["converged"]:
        return _finding(fit, "warning", "The optimum could not be confirmed.")
    arrived = round(evidence["starts"] * (evidence.get("share_at_optimum") or 0.0))
    if arrived <= 1 < evidence["starts"]:
        return _finding(
            fit,
            "warning",
            f"One of {evidence['starts']} starts ended at the best objective, so that a lower one "
            "may have been missed.",
            "share_at_optimum",
            evidence["share_at_optimum"],
        )
    return None


def _same_freedom(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two fits hold the same parameters at the same values."""
    return one.get("fixed", {}) == other.get("fixed", {})


def _published(context: CheckContext, fit: str) -> Finding | None:
    """How far published parameters lie above the lowest objective on the same rows."""
    artefact = context.fits[fit]
    rivals = [
        rival
        for rival in context.refits
        if context.fits[rival]["converged"]
        # What the refit holds fixed has the published value, so that it searches further, not
        # elsewhere.
        and context.fits[rival]["fixed"].items() <= artefact["parameters"].items()
        and context.same_problem(fit, rival)
    ]
    if not rivals:
        return None
    rival = max(rivals, key=lambda name: len(context.fits[name]["fixed"]))
    best, value = context.fits[rival]["objective_value"], artefact["objective_value"]
    n = artefact["n"]
    if value - best <= AGREEMENT * abs(best):
        severity = "info"
        text = f"The published parameters are the optimum of their objective on these {n} rows."
    else:
        severity, judged = _judged(context, fit, rival)
        far = f"{number(value - best, 3)} above" if best <= 0 else factor(value / best)
        text = (
            f"On the same {n} rows the objective at these parameters, {number(value, 6)}, is {far} "
            f"its lowest value, {number(best, 6)} ({context.title(rival)}). {judged}"
        )
    return _finding(fit, severity, text, "objective_value", value)


def _judged(context: CheckContext, fit: str, rival: str) -> tuple[str, str]:
    """Severity of published parameters above the optimum, and what may have made the gap."""
    n, groups = context.fits[fit]["n"], context.groups(fit)
    if _chance_of_gap(context, fit, rival, n) >= SURE:
        return "info", "These rows cannot tell the two apart."
    if largest_shift(context, fit) > _scatter_of_mean(context, fit):
        return "info", "Rounding to the printed digits may account for it."
    if groups < FEWEST_GROUPS or _chance_of_gap(context, fit, rival, groups) >= SURE:
        few = f"{n} rows" if groups == n else f"{groups} independent groups of rows"
        return "warning", f"Its {few} are too few to rule out chance."
    return "fail", "Chance would open so wide a gap less than once in a thousand times."


def _chance_of_gap(context: CheckContext, fit: str, rival: str, independent: int) -> float:
    """Probability of a likelihood ratio as large, if so many rows are independent."""
    artefact, best = context.fits[fit], context.fits[rival]
    value, lowest = artefact["objective_value"], best["objective_value"]
    free = max(len(artefact["parameters"]) - len(best["fixed"]), 1)
    if artefact["objective"]["name"] == "huber_density":
        return chance(2.0 * (value - lowest), free)
    if lowest <= 0:
        return 0.0
    # The scale of the residuals is fitted. The ratio is that of squared losses; for absolute ones,
    # which Huber's are beyond its threshold, it would be twice as large.
    return chance(independent * math.log(value / lowest), free)


def _scatter_of_mean(context: CheckContext, fit: str) -> float:
    """Standard error of the mean of log(predicted / observed)."""
    errors = context.log_errors(fit)
    return float(errors.std(ddof=1)) / math.sqrt(context.groups(fit)) if len(errors) > 1 else 0.0


def chance(deviance: float, freedom: int) -> float:
    """Probability that chi-square exceeds a value, in closed form.

    Parameters
    ----------
    deviance
        The value, at least 0.
    freedom
        Degrees of freedom, at least 1.
    """
    half = deviance / 2.0
    if freedom % 2 == 0:
        terms = [half**i / math.factorial(i) for i in range(freedom // 2)]
        return math.exp(-half) * sum(terms)
    terms = [half ** (i - 0.5) / math.gamma(i + 0.5) for i in range(1, (freedom + 1) // 2)]
    return math.erfc(math.sqrt(half)) + math.exp(-half) * sum(terms)
