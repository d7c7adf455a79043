"""Colours of figures and pages; a study keeps its own everywhere."""

from __future__ import annotations

import hashlib

from scaling_studies.cards.models.study import StudyCard

INK = "#30363d"
MUTED = "#636c76"
FAINT = "#848d97"
BLUE = "#0072b2"
VERMILLION = "#d55e00"
GREEN = "#009e73"
PURPLE = "#b85a8f"
ORANGE = "#b87a00"
SKY = "#3a8fd0"
GREY = "#5b6570"

#: After Okabe and Ito, without yellow and darkened to 3:1 on white, in the order of use.
PALETTE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, GREY)


def study_colour(study: str, card: StudyCard | None = None) -> str:
    """Colour of a study: its card's, else one drawn from the palette by its name.

    It depends on the name alone, so that a study keeps its colour whichever others are shown.
    """
    if card and card.colour:
        return card.colour
    digest = hashlib.sha256(study.encode()).digest()
    return PALETTE[digest[0] % len(PALETTE)]


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 for black and 1 for white (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, ground: str = "#ffffff", ratio: float = 4.5) -> str:
    """The colour, moved towards black or white until it stands out from the ground enough."""
    towards = 0 if luminance(ground) > 0.18 else 255
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    for step in range(101):
        mixed = [round(part + (towards - part) * step / 100) for part in parts]
        found = "#" + "".join(f"{part:02x}" for part in mixed)
        if contrast(found, ground) >= ratio:
            break
    return found
