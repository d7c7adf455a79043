"""Contrast of what figures draw, computed from their colours, on a light and on a dark ground."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from drawn_figures import ENTRIES, context_of
from matplotlib.colors import to_hex

from scaling_studies import figures
from scaling_studies.cards import load
from scaling_studies.cards.colours import PALETTE, contrast, readable, study_colour
from scaling_studies.figures.dark import GROUND, dark, turned
from scaling_studies.figures.drawing import style

ROOT = Path(__file__).resolve().parents[3]
WHITE = "#ffffff"
HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
STROKES = re.compile(r"stroke: (#[0-9a-fA-F]{6})(?:; stroke-width: ([0-9.]+))?")
TEXTS = re.compile(r"<text\b[^>]*>")


@pytest.fixture(scope="module")
def drawings(results: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("figures")
    for kind in ENTRIES:
        context = context_of(results, kind)
        figures.save(*figures.draw(context), context.meta(), folder / kind)
    return {path.stem: path.read_text("utf-8") for path in folder.glob("*.svg")}


def ground_of(name: str) -> str:
    return GROUND if name.endswith("-dark") else WHITE


def test_text_is_text_and_stands_out(drawings: dict[str, str]) -> None:
    seen = 0
    for name, svg in drawings.items():
        for tag in TEXTS.findall(svg):
            seen += 1
            for colour in HEX.findall(tag) or (["#000000"] if ground_of(name) == WHITE else []):
                assert contrast(colour, ground_of(name)) >= 4.5, f"{name}: {tag}"
    assert seen > 10 * len(ENTRIES)


def test_lines_and_marks_stand_out(drawings: dict[str, str]) -> None:
    """What is drawn faintly, as grids and bands, has an opacity; edges of marks have the ground."""
    seen = set()
    for name, svg in drawings.items():
        for colour, width in STROKES.findall(svg):
            if colour != ground_of(name):
                assert contrast(colour, ground_of(name)) >= 3.0, f"{name}: {colour}, {width} wide"
                seen.add(name)
    # A table of colours has no lines.
    assert set(drawings) - seen == {"cross_predictions", "cross_predictions-dark"}


@pytest.mark.parametrize("ground", [WHITE, GROUND])
@pytest.mark.parametrize("count", [3, 5, 9, 30])
def test_colours_of_an_ordered_series_stand_out_and_differ(count: int, ground: str) -> None:
    colours = [to_hex(colour) for colour in style.series_colours(range(count), ordered=True)]
    shown = colours if ground == WHITE else [turned(colour) for colour in colours]
    assert min(contrast(colour, ground) for colour in shown) >= 3.0
    assert len(set(shown)) == count


@pytest.mark.parametrize("ground", [WHITE, GROUND])
def test_colours_of_lines_stand_out(ground: str) -> None:
    cards = [load.load_card(path) for path in (ROOT / "config/studies").glob("*.yaml")]
    for colour in {*PALETTE, *(study_colour(card.study, card) for card in cards)}:
        shown = colour if ground == WHITE else turned(colour)
        assert contrast(shown, ground) >= 3.0, colour


def test_a_dark_file_has_the_same_shapes(drawings: dict[str, str]) -> None:
    for kind in ENTRIES:
        light, other = drawings[kind], drawings[f"{kind}-dark"]
        assert HEX.sub("", light) == HEX.sub("", other)
        assert dark(light.encode()).decode() == other


@pytest.mark.parametrize(
    "colour", ["#000000", "#30363d", "#0072b2", "#e69f00", "#ffffff", "#eeeeee"]
)
@pytest.mark.parametrize("ground", [WHITE, GROUND])
def test_readable_colours_are_readable(colour: str, ground: str) -> None:
    assert contrast(readable(colour, ground), ground) >= 4.5
    if contrast(colour, ground) >= 4.5:
        assert readable(colour, ground) == colour
