"""Symbols in figures are written as the field writes them; no id and no underscore is left."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from re import DOTALL, findall, sub

import pytest
from drawn_figures import ENTRIES, context_of, saved
from matplotlib.figure import Figure

from scaling_studies.figures.drawing import symbols


@pytest.mark.parametrize("kind", sorted(ENTRIES))
def test_no_text_of_a_figure_has_an_underscore(kind: str, results: Path, tmp_path: Path) -> None:
    svg = saved(context_of(results, kind), tmp_path)["figure.svg"].decode()
    texts = [
        unescape(sub("<[^>]+>", "", text))
        for text in findall("<text[^>]*>(.*?)</text>", svg, DOTALL)
    ]
    assert texts
    assert [text for text in texts if "_" in text or "$" in text] == []


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("β_g (data)", r"$\mathregular{β_{g}}$ (data)"),
        ("R_D*", r"$\mathregular{R_{D}^{*}}$"),
        ("alpha_N and E_max", r"$\mathregular{α_{N}}$ and $\mathregular{E_{max}}$"),
        ("R_N_star for 5 $", r"$\mathregular{R_{N}^{*}}$ for 5 \$"),
        ("tokens_per_parameter", "tokens_per_parameter"),
        ("N* ∝ Cᵃ, 5 $ a*b", "N* ∝ Cᵃ, 5 $ a*b"),
    ],
)
def test_a_symbol_with_an_index_is_typeset(text: str, drawn: str) -> None:
    assert symbols.typeset(text) == drawn


def test_titles_axes_legends_and_labels_at_ticks_are_typeset() -> None:
    figure = Figure()
    axes = figure.add_subplot()
    axes.set(title="β_g", xlabel="R_D*", ylabel="as it is")
    axes.set_yticks([0, 1], ["α_N", "plain"])
    axes.plot([0, 1], [0, 1], label="E_max")
    axes.legend()
    symbols.typeset_all(figure)
    figure.draw_without_rendering()
    texts = [axes.title, axes.xaxis.label, axes.get_yticklabels()[0], axes.get_legend().texts[0]]
    assert all("mathregular" in text.get_text() and text.get_parse_math() for text in texts)
    assert axes.get_yticklabels()[1].get_text() == "plain"
    assert axes.get_ylabel() == "as it is"
