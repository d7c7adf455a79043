"""Colours of figures and pages; a study keeps its own everywhere."""

from __future__ import annotations

import hashlib

from scaling_studies.cards.models.study import StudyCard

INK = "#30363d"
MUTED = "#6e7781"
FAINT = "#8b949e"
BLUE = "#0072b2"
VERMILLION = "#d55e00"
GREEN = "#009e73"
PURPLE = "#cc79a7"
ORANGE = "#e69f00"
SKY = "#56b4e9"
GREY = "#5b6570"

#: Okabe-Ito without yellow (too faint on a light ground), in the order of use.
PALETTE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, GREY)


def study_colour(study: str, card: StudyCard | None = None) -> str:
    """Colour of a study: its card's, else one drawn from the palette by its name.

    It depends on the name alone, so that a study keeps its colour whichever others are shown.
    """
    if card and card.colour:
        return card.colour
    digest = hashlib.sha256(study.encode()).digest()
    return PALETTE[digest[0] % len(PALETTE)]
