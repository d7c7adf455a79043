"""A drawn figure in colours for a dark ground.

Hues stay, so that a study and a law keep their colour; greys turn round, tints become shades, and
whatever is drawn keeps its distance from the ground.
"""

from __future__ import annotations

import colorsys
import re

from scaling_studies.cards.colours import contrast, readable

#: Ground of a page in the dark scheme.
GROUND = "#14171c"
COLOUR = re.compile(rb"#[0-9a-fA-F]{6}\b")
#: Contrast of what is drawn, and of text.
LINES, TEXT = 3.0, 4.5
#: Saturation below which a colour is a grey, and lightness from which it is a tint.
GREY, TINT = 0.2, 0.8


def dark(svg: bytes) -> bytes:
    """The same SVG with each of its colours turned for a dark ground."""
    return COLOUR.sub(lambda found: turned(found[0].decode()).encode(), svg)


def turned(colour: str) -> str:
    """A colour for a dark ground.

    Examples
    --------
    >>> turned("#ffffff"), turned("#000000")
    ('#14171c', '#e3e7ec')
    """
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if min(red, green, blue) > 0.995:
        return GROUND
    if max(red, green, blue) < 0.005:
        return "#e3e7ec"
    if saturation < GREY or lightness > TINT:
        share = 1.06 - lightness if lightness < TINT else 1.12 - lightness
        return _hex(hue, min(max(share, 0.12), 0.93), saturation)
    text = contrast(colour, "#ffffff") >= TEXT
    return readable(_hex(hue, lightness, saturation), GROUND, TEXT if text else LINES)


def _hex(hue: float, lightness: float, saturation: float) -> str:
    parts = colorsys.hls_to_rgb(hue, lightness, saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)
