"""What contradicts itself in what a card says of steps and of pairs of fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies.cards.resolve import quantity_names
from scaling_studies.words import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaling_studies.cards.methods import Wrong
    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.cards.models.study import StudyCard
    from scaling_studies.errors import CardError


#: Law whose fits may say what is best at a budget.
OF_COMPUTE = "compute_optimal"


def optimum_problems(card: StudyCard, fit: FitEntry, wrong: Wrong) -> Iterator[CardError]:
    """An optimum of a law that gives none, or with tokens of a fit that gives none."""
    optimum = fit.conventions and fit.conventions.optimum
    if not optimum:
        return
    key = "conventions.optimum"
    if fit.law != OF_COMPUTE:
        yield wrong(
            f"the law {fit.law} is no optimum over compute",
            key,
            f"leave it out; it stands with fits of the law {OF_COMPUTE}",
        )
    if optimum.tokens is None:
        return
    if optimum.gives != "params":
        yield wrong(
            f"`tokens` stands with {optimum.gives}, which gives the data itself",
            f"{key}.tokens",
            "leave it out",
        )
    other = card.fits.get(optimum.tokens)
    if other is None:
        fix = suggest(optimum.tokens, card.fits, "name a fit of this card")
        yield wrong(f"unknown fit {optimum.tokens!r}", f"{key}.tokens", fix)
    elif other.law != OF_COMPUTE:
        yield wrong(
            f"the fit {optimum.tokens} is no optimum over compute",
            f"{key}.tokens",
            f"name a fit of the law {OF_COMPUTE}",
        )


def step_problems(card: StudyCard, fit_id: str, fit: FitEntry, wrong: Wrong) -> Iterator[CardError]:
    """A step from nowhere, or a ladder that leads back to its foot."""
    step = fit.step
    if step is None:
        return
    before = step.from_ or fit_id
    if before not in card.fits:
        fix = suggest(before, card.fits, "name a fit of this card")
        yield wrong(f"unknown fit {before!r}", "step.from", fix)
        return
    earlier = "before" if step.before else "quantity"
    sides = [("quantity", fit, step.quantity)]
    sides.append((earlier, card.fits[before], step.before or step.quantity))
    for key, side, name in sides:
        known = quantity_names(side)
        if name not in known:
            fix = suggest(name, known, f"it has {', '.join(sorted(known))}")
            yield wrong(f"unknown quantity {name!r}", f"step.{key}", fix)
            return
    passed = [fit_id]
    while step is not None and step.from_ is not None and step.from_ in card.fits:
        if step.from_ in passed:
            yield wrong(
                f"the steps lead from {step.from_} back to it",
                "step.from",
                "let the first fit of the ladder have no step",
            )
            return
        passed.append(step.from_)
        step = card.fits[step.from_].step
