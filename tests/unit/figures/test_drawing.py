"""What figures share: sizes, bands, labels, colours, residual panels."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_figures import ENTRIES
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from simulated_artefacts import STUDY, TRUTH

from scaling_studies import registry
from scaling_studies.artefacts import files
from scaling_studies.cards import colours
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.figures.drawing import (
    curves,
    heading,
    intervals,
    labels,
    lines,
    residuals,
    style,
)
from scaling_studies.fits.artefact import FitArtefact


def test_sizes_are_solved_from_any_two() -> None:
    params, tokens = np.array([1e8, 7e10]), np.array([2e9, 1.4e12])
    all_sizes = {
        "params": params,
        "tokens": tokens,
        "flops": 6 * params * tokens,
        "tokens_per_parameter": tokens / params,
    }
    names = list(all_sizes)
    for first in names:
        for second in names:
            if first != second:
                found = curves.sizes({name: all_sizes[name] for name in (first, second)})
                for name in names:
                    np.testing.assert_allclose(found[name], all_sizes[name], rtol=1e-12)


def test_a_law_is_drawn_along_compute_at_fixed_tokens_per_parameter() -> None:
    flops = np.array([1e20, 1e22])
    axes = curves.law_axes("additive", "flops", flops, {"tokens_per_parameter": 20.0, "params": 1})
    np.testing.assert_allclose(axes["tokens"], 20.0 * axes["params"])
    np.testing.assert_allclose(6 * axes["params"] * axes["tokens"], flops)


def test_a_band_is_the_quantile_of_the_laws_values(results: Path) -> None:
    fit = FitArtefact.read(results / f"fits/{STUDY}/refit.json")
    drawn = files.read_parquet(results / f"resamples/{STUDY}/refit.parquet")
    axes = {"params": np.array([1e8, 1e9]), "tokens": np.array([1e10, 1e11])}
    values = (
        drawn["E"].to_numpy()[:, None]
        + drawn["A"].to_numpy()[:, None] * axes["params"] ** -drawn["alpha"].to_numpy()[:, None]
        + drawn["B"].to_numpy()[:, None] * axes["tokens"] ** -drawn["beta"].to_numpy()[:, None]
    )
    low, high = curves.law_band(fit, drawn, axes)
    np.testing.assert_allclose(low, np.quantile(values, 0.025, axis=0), rtol=1e-10)
    np.testing.assert_allclose(high, np.quantile(values, 0.975, axis=0), rtol=1e-10)
    truth = TRUTH["E"] + TRUTH["A"] * 1e8 ** -TRUTH["alpha"] + TRUTH["B"] * 1e10 ** -TRUTH["beta"]
    assert abs(truth / values.mean(axis=0)[0] - 1) < 0.01


@given(
    st.lists(st.floats(-1, 2, allow_nan=False), min_size=1, max_size=12),
    st.floats(0.01, 0.3),
)
def test_labels_are_moved_apart_and_keep_their_order(positions: list[float], gap: float) -> None:
    wanted = np.array(positions)
    moved = labels.spread(wanted, gap, 0.0, 1.0)
    order = np.argsort(wanted, kind="stable")
    assert np.all(np.diff(moved[order]) >= gap - 1e-9)
    apart = len(wanted) < 2 or np.diff(np.sort(wanted)).min() >= gap
    if apart and wanted.min() >= 0 and wanted.max() <= 1:
        np.testing.assert_allclose(moved, wanted, atol=1e-9)


@given(st.text(alphabet="abcdefg ijk", min_size=1, max_size=120), st.floats(0.8, 5))
def test_wrapped_lines_fit_unless_one_word_is_wider(text: str, width: float) -> None:
    for line in heading.wrap(text, width, 10.0):
        assert heading.text_width(line, 10.0) <= width or " " not in line


@pytest.mark.parametrize(
    ("value", "text"),
    [(7e7, "70M"), (1.4e9, "1.4B"), (1e13, "10T"), (999.6e6, "1B"), (12, "12"), (1500, "1.5k")],
)
def test_counts_are_written_as_people_say_them(value: float, text: str) -> None:
    assert style.compact_number(value) == text


def test_a_study_keeps_its_colour() -> None:
    assert colours.study_colour("gadre_2024") == colours.study_colour(
        "gadre_2024", StudyCard.rebuilt({"title": "x"})
    )
    assert colours.study_colour("gadre_2024", StudyCard.rebuilt({"colour": "#123456"})) == "#123456"


def test_a_residual_panel_shows_all_fitted_rows() -> None:
    rows = pd.DataFrame(
        {"relative_residual": [0.01, -0.02, 0.5], "role": ["fit", "fit", "held_out"]}
    )
    crowded = rows.iloc[[0, 1] * 20 + [2]]
    assert 0.02 < residuals.residual_limit(crowded) < 0.03
    # One fit whose rows an outlier would flatten keeps it out of the panels of all.
    assert 0.02 < residuals.residual_limit(rows.iloc[:2], crowded) < 0.03
    near = rows.assign(relative_residual=[0.01, -0.02, 0.1])
    assert residuals.residual_limit(near) > 0.1


def test_the_documentation_names_every_kind_and_every_option_of_lines() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/figures.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("| `")]
    named = {name.strip(" `") for line in table for name in line.split("|")[1].split(",")}
    assert named >= set(ENTRIES)
    assert named <= set(registry.names("figures"))
    options = next(line for line in table if line.startswith("| `lines`")).split("`")[3].split()
    assert set(options) == set(lines.OPTIONS)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("side", ["low", "high"])
def test_an_interval_open_on_one_side_reaches_the_frame(side: str, log: bool) -> None:
    known = {"low": 2.0, "high": 90.0} | {side: None}
    look = {"source": "refit", "colour": style.BLUE}
    frame = pd.DataFrame([
        intervals.estimate("open", "R", 30.0, known, **look),
        intervals.estimate("closed", "R", 20.0, {"low": 10.0, "high": 40.0}, **look),
    ])  # fmt: skip
    figure = style.new_figure(2.0)
    intervals.draw_intervals(
        figure, frame, {"open": "open", "closed": "closed"}, 1, {"R": "R"}, log=log
    )
    (axes,) = style.panels_of(figure)
    left, right = axes.get_xlim()
    end, edge = (known["high"], left) if side == "low" else (known["low"], right)
    drawn = [list(line.get_xdata()) for line in axes.get_lines()]
    assert [end, edge] in drawn and [edge] in drawn and left < end < right


@pytest.mark.parametrize("low", [5.2e12, 6.3e4, 2.0, 0.011])
@pytest.mark.parametrize("ratio", [3.2, 3.7, 8.0, 30.0])
@pytest.mark.parametrize("which", ["x", "y"])
def test_a_logarithmic_axis_of_about_a_decade_has_three_numbers(low, ratio, which) -> None:
    with style.style():
        axes = style.new_figure(height=2.0).add_subplot()
        getattr(axes, f"set_{which}lim")(low, low * ratio)
        axis = getattr(axes, f"{which}axis")
        style.log_axis(axis, "tokens")
        ticks = axis.get_major_locator().tick_values(low, low * ratio)
    assert sum(low <= tick <= low * ratio for tick in ticks) >= 3


def test_values_that_nearly_agree_show_their_intervals_whole() -> None:
    values = [0.347, 0.348, 0.348, 0.349, 0.347, 0.339]
    rows = [
        intervals.estimate(
            n, "alpha", value, {"low": 0.31, "high": 0.39}, source="refit", colour=style.BLUE
        )
        for n, value in enumerate(values)
    ]
    with style.style():
        figure = style.new_figure(height=2.0)
        names = {n: str(n) for n in range(len(values))}
        intervals.draw_intervals(figure, pd.DataFrame(rows), names, 1, {"alpha": "α"})
    low, high = figure.axes[0].get_xlim()
    assert low < 0.31 and high > 0.39


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("length", [4, 18, 60, 90])
def test_intervals_have_most_of_a_forest_whatever_the_length_of_its_labels(
    length: int, columns: int
) -> None:
    names = {line: f"{'label ' * length}"[:length] + str(line) for line in range(5)}
    panels = {f"p{place}": f"p{place}" for place in range(columns)}
    look = {"source": "refit", "colour": style.BLUE}
    rows = [
        intervals.estimate(line, panel, line, {"low": line - 1.0, "high": line + 1.0}, **look)
        for panel in panels
        for line in names
    ]
    with style.style():
        figure = style.new_figure(height=0.9 + intervals.height_of(list(names.values()), 0.25))
        intervals.draw_intervals(figure, pd.DataFrame(rows), names, columns, panels)
        figure.draw_without_rendering()
    width = figure.bbox.width
    drawn = sum(axes.get_window_extent().width for axes in style.panels_of(figure))
    assert drawn / width > 0.65
    labels = [text.get_window_extent() for axes in figure.axes for text in axes.texts]
    assert len(labels) == (len(names) if intervals.stands_above(names.values()) else 0)
    assert all(label.x0 >= 0 and label.x1 <= width for label in labels)
    # Nor does the axis run through its first letter.
    axis = style.panels_of(figure)[0].get_window_extent().x0
    assert all(label.x0 > axis + 1.0 for label in labels)
    # A label lies over no interval, its own or another's.
    first = style.panels_of(figure)[0]
    dots = [np.asarray(dots.get_offsets())[:, 1] for dots in first.findobj(PathCollection)]
    places = first.transData.transform([(0.0, place) for place in np.concatenate(dots)])[:, 1]
    assert len(places) == len(rows) / columns
    assert all(not label.y0 <= place <= label.y1 for label in labels for place in places)


@pytest.mark.parametrize("columns", [2, 3])
def test_numbers_along_linear_axes_of_panels_side_by_side_keep_apart(columns: int) -> None:
    with style.style():
        figure = style.new_figure(height=2.5)
        for axes in np.ravel(figure.subplots(1, columns, sharey=True)):
            axes.plot([0.1304, 0.3077], [0.34, 0.45])
        style.space_ticks(figure)
        figure.draw_without_rendering()
    for axes in figure.axes:
        low, high = axes.get_xlim()
        shown = [t for t in axes.get_xticklabels() if low <= t.get_position()[0] <= high]
        boxes = [text.get_window_extent() for text in shown]
        assert len(boxes) >= 2
        assert all(left.x1 + 3 < right.x0 for left, right in pairwise(boxes))
