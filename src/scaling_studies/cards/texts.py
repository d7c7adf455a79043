"""Placeholders in the texts of figures, which must stand for numbers that a figure reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaling_studies.cards import placeholders
from scaling_studies.cards.expressions import holds
from scaling_studies.cards.resolve import quantity_names
from scaling_studies.errors import CardError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaling_studies.cards.models.figure import FigureEntry
    from scaling_studies.cards.models.study import StudyCard

TEXTS = ("title", "neutral", "subtitle", "caption", "finding", "alt")
#: Numbers of a fit's rows, which are no quantities.
OF_ROWS = frozenset(
    {"n", "n_held_out", "share_above", "residual_median", "held_out_mean", "held_out_worst"}
)


def text_problems(
    card: StudyCard, study: str, name: str, figure: FigureEntry
) -> Iterator[CardError]:
    """What stops a figure's job: a placeholder of another fit, of no quantity, or no statement.

    Parameters
    ----------
    card, study
        The card and its id.
    name, figure
        A figure of the card, all of whose fits are in it.

    Yields
    ------
    CardError
        The first problem of each text.
    """
    fits = figure.fits or tuple(card.fits)

    def some_number(fit: str, quantity: str, part: str | None) -> float | None:
        if fit not in fits:
            return None
        return 1.0 if quantity in quantity_names(card.fits[fit]) | OF_ROWS else None

    for key in (*TEXTS, "claim"):
        text = getattr(figure, key)
        if text is None:
            continue

        def wrong(problem: str, fix: str, key: str = key) -> CardError:
            return CardError(problem, study=study, key=f"figures.{name}.{key}", fix=fix)

        try:
            if key == "claim":
                holds(*placeholders.with_values(text, some_number, wrong))
            else:
                placeholders.fill(text, some_number, wrong)
        except CardError as error:
            yield wrong(error.problem, error.fix or "")
