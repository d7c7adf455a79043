"""What contradicts itself in what a card says of steps between fits."""

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
