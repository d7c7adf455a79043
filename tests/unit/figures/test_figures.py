"""Figures: every kind draws, says its numbers from the artefacts, and gives the same bytes."""

from __future__ import annotations

import colorsys
import copy
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from drawn_figures import ENTRIES, context_of, saved
from simulated_artefacts import CARD, STUDY

from scaling_studies import figures, registry
from scaling_studies.artefacts import files
from scaling_studies.cards.colours import contrast
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.engine.allocation.inference import inference_adjusted_allocation
from scaling_studies.errors import CardError
from scaling_studies.figures.drawing import curves, style
from scaling_studies.figures.kinds import specification_curve


def test_kinds_are_found_by_file_name() -> None:
    modules = {path.stem for path in Path(figures.__file__).parent.glob("kinds/*.py")}
    assert set(registry.names("figures")) == modules - {"__init__"}
    assert set(ENTRIES) <= set(registry.names("figures"))


@pytest.mark.parametrize("kind", sorted(ENTRIES))
def test_every_kind_draws_and_is_byte_stable(kind: str, results: Path, tmp_path: Path) -> None:
    first = saved(context_of(results, kind), tmp_path / "a")
    assert first == saved(context_of(results, kind), tmp_path / "b")
    assert set(first) == {
        "figure.svg", "figure-dark.svg", "figure.png", "figure.csv", "figure.json",
        "figure.json.sha256",
    }  # fmt: skip
    svg = ElementTree.fromstring(first["figure.svg"])
    assert svg.find("{http://www.w3.org/2000/svg}title").text == "An answer in plain words"
    assert b"<dc:date>" not in first["figure.svg"]
    assert b"/home" not in first["figure.svg"]
    meta = json.loads(first["figure.json"])
    assert meta["width"] == round(96 * style.FULL_WIDTH)
    assert meta["height"] > 60
    table = pd.read_csv(tmp_path / "a" / "figure.csv")
    assert len(table) > 0
    assert not table.columns.str.startswith("Unnamed").any()


#: Options that change the axes of a kind.
OTHER_AXES = {
    "parameter_intervals": {"quantities": ["A", "B"], "scale": "log"},
}


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        *((kind, {}) for kind in sorted(ENTRIES)),
        *((kind, {"options": options}) for kind, options in OTHER_AXES.items()),
    ],
)
def test_no_text_is_cut_off_or_markup(kind: str, changes: dict, results: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    figure, _ = figures.draw(context_of(results, kind, **changes))
    with style.style():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    page = figure.bbox.padded(2)
    not_drawn = {text for axes in figure.axes for text in _undrawn_labels(axes)}
    for text in figure.findobj(Text):
        if text in not_drawn or not text.get_visible() or not text.get_text().strip():
            continue
        box = text.get_window_extent(canvas.get_renderer())
        inside = page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0
        assert inside and box.y1 <= page.y1, f"{text.get_text()!r} is cut off"
        typeset = "mathregular" in text.get_text() and text.get_parse_math()
        assert typeset or "$" not in text.get_text(), (
            f"{text.get_text()!r} is shown as it is written"
        )


def _undrawn_labels(axes: object) -> list[object]:
    """Labels of ticks that exist but lie outside the axis's limits, or whose axes are off."""
    labels = []
    for axis in (axes.xaxis, axes.yaxis):
        # On a logarithmic axis ends lie decades apart, and so does what is near them.
        place = axis.get_transform().transform
        low, high = sorted(place(np.asarray(axis.get_view_interval())))
        reach = 1e-9 * (high - low)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            where = place(np.asarray([tick.get_loc()]))[0]
            if not axes.axison or not low - reach <= where <= high + reach:
                labels += [tick.label1, tick.label2]
    return labels


def test_user_settings_do_not_change_a_figure(results: Path, tmp_path: Path) -> None:
    import matplotlib as mpl

    plain = saved(context_of(results, "lines"), tmp_path / "plain")
    changed = {"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9, "svg.hashsalt": "x"}
    with mpl.rc_context(changed):
        assert saved(context_of(results, "lines"), tmp_path / "changed") == plain


def test_listing_kinds_does_not_import_matplotlib() -> None:
    code = (
        "import sys; from scaling_studies import registry; registry.names('figures'); "
        "sys.exit('matplotlib' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_plotted_numbers_are_those_of_the_artefacts(results: Path) -> None:
    _, frame = figures.draw(context_of(results, "residuals"))
    points = files.read_parquet(results / f"fits/{STUDY}/printed.points.parquet")
    shown = frame[frame["fit"] == "printed"]
    np.testing.assert_array_equal(shown["relative_residual"], points["relative_residual"])


def test_held_out_rows_are_crosses_and_published_laws_dashed(results: Path) -> None:
    options = {"x": "flops", "series": "params"}
    context = context_of(results, "lines", fits=["refit", "printed"], options=options)
    figure, _ = figures.draw(context)
    lines = figure.axes[0].get_lines()
    crosses = [line for line in lines if line.get_marker() == "x"]
    assert sum(len(line.get_xdata()) for line in crosses) == 5
    dashed = [line for line in lines if line.get_linestyle() == "--"]
    solid = [line for line in lines if line.get_linestyle() == "-"]
    assert len({line.get_color() for line in dashed}) == 12, "one line for each size"
    assert len(solid) == len(dashed)


def test_points_of_one_run_are_told_apart_by_what_was_measured(results: Path) -> None:
    def drawn(factor: float) -> int:
        options = {"x": "flops", "line": "none"}
        context = context_of(results, "lines", fits=["refit", "printed"], options=options)
        points = context.points["printed"]
        context.points["printed"] = points.assign(observed=factor * points["observed"])
        figure, _ = figures.draw(context)
        return sum(len(line.get_xdata()) for line in figure.axes[0].get_lines())

    assert drawn(2.0) == 2 * drawn(1.0)


def test_every_so_many_rows_are_drawn_and_all_are_written(results: Path) -> None:
    def points(every: int) -> tuple[int, int]:
        options = {"x": "flops", "line": "none", "every": every}
        context = context_of(results, "lines", fits=["refit"], options=options)
        figure, frame = figures.draw(context)
        drawn = sum(len(line.get_xdata()) for line in figure.axes[0].get_lines())
        return drawn, int((frame["what"] == "row").sum())

    (all_drawn, written), (some_drawn, still_written) = points(1), points(4)
    assert all_drawn == written == still_written
    assert some_drawn == -(-all_drawn // 4)
    context = context_of(results, "lines", fits=["refit"], options={"every": 0})
    with pytest.raises(CardError, match="every"):
        figures.draw(context)


def test_a_law_over_varying_sizes_is_no_line(results: Path) -> None:
    with pytest.raises(CardError, match=r"params varies within a series.*line: rows"):
        figures.draw(context_of(results, "lines", fits=["refit"], options={"x": "tokens"}))
    joined = {"x": "tokens", "panels": "params", "line": "rows"}
    figure, frame = figures.draw(context_of(results, "lines", fits=["refit"], options=joined))
    points = files.read_parquet(results / f"fits/{STUDY}/refit.points.parquet")
    assert len(figure.axes) == 12
    assert set(frame.loc[frame["what"] == "law", "predicted"]) == set(points["predicted"])


def test_a_law_is_drawn_along_the_column_behind_its_axis(results: Path) -> None:
    options = {"x": "samples"}
    figure, frame = figures.draw(context_of(results, "lines", fits=["curve_1.4b"], options=options))
    assert figure.axes[0].get_xlabel() == "Training samples (word pieces)"
    fit = files.read_json(results / f"fits/{STUDY}/curve_1.4b.json")["parameters"]
    law = frame[frame["what"] == "law"]
    np.testing.assert_allclose(
        law["predicted"], fit["A"] * law["samples"] ** -fit["alpha"], rtol=1e-12
    )


def test_a_schedule_is_held_as_text() -> None:
    schedule = "constant(3e-4,1000)"
    axes = curves.law_axes("annealing", "step", np.array([10.0, 900.0]), {"schedule": schedule})
    assert list(axes["schedule"]) == [schedule, schedule]


def test_sizes_to_be_served_stand_beside_those_that_are_printed(results: Path) -> None:
    card = copy.deepcopy(CARD)
    asked = {"reference_params": 1e9, "inference_tokens": 1e12, "gives": "params"}
    card["fits"]["refit"]["quantities"] = {
        "size": {"inference_adjusted": asked, "description": "A size"},
        "tokens": {"inference_adjusted": asked | {"gives": "tokens"}, "description": "Its tokens"},
    }
    card["fits"]["refit"]["targets"] += [
        {"quantity": name, "value": value, "where": "a table"}
        for name, value in {"size": "5.0e8", "tokens": "9e10"}.items()
    ]
    context = context_of(results, "served_sizes")
    context.cards = {STUDY: StudyCard.rebuilt(card)}
    _, frame = figures.draw(context)
    (printed,) = frame[frame["source"] == "printed"].itertuples()
    assert (printed.optimal, printed.served, printed.params, printed.share) == (1e9, 1e12, 5e8, 0.5)
    laws = frame[frame["source"] == "law"]
    law = context.fits["refit"].parameters
    for row in laws.iloc[::11].itertuples():
        found = inference_adjusted_allocation(law, row.served, reference_params=row.optimal)
        assert row.params == pytest.approx(found.params)
    # Who serves more takes a smaller model, and none larger than the compute-optimal one.
    assert set(laws["optimal"]) == {1e8, 1e9} and (laws["share"] < 1.0).all()
    assert (laws.groupby("optimal")["share"].diff().dropna() < 0.0).all()


def test_a_specification_curve_shows_every_combination_and_which_choices_lie_where(results: Path):
    figure, frame = figures.draw(context_of(results, "specification_curve"))
    curve, strips = figure.axes
    drawn = curve.get_lines()[0].get_ydata()
    assert drawn.tolist() == sorted(20.0 * 2.0**place for place in (0, 2, 3, 4, 5, 6))
    assert len(frame) == 7 and set(frame["published_fit"]) == {"", "printed"}
    names = [label.get_text() for label in strips.get_yticklabels()]
    assert names == [
        *("Estimator", "minimisation", "Approach 2"),
        *("Objective", "Huber loss of logs, δ = 0.001", "squares of logs"),
        *("Runs", "all", "at least 20 tokens per parameter", "without one group of runs"),
    ]
    # The one combination by another estimator is the highest.
    heights, _, baseline = strips.patches[1].get_data()
    assert np.nonzero(heights < baseline)[0].tolist() == [5]
    other = {"options": {"of": ["b", "start"], "quantity": "a_opt"}}
    _, empty = figures.draw(context_of(results, "specification_curve", **other))
    assert "were not varied" in empty["note"].item()
    assert specification_curve._said("without the 10% of_least") == "without the 10\u00a0% of least"


def test_a_strip_of_choices_runs_from_the_lowest_to_the_highest_answer(results: Path):
    figure, frame = figures.draw(context_of(results, "choice_ranges"))
    curve, own = figure.axes[0].get_lines()[:2]
    assert (min(curve.get_xdata()), max(curve.get_xdata())) == pytest.approx((0.38, 0.5))
    assert own.get_xdata().tolist() == [0.5]
    # A fit without a usable combination has no strip.
    assert frame["fit"].tolist() == ["start"]


def test_topics_of_the_map_differ_in_shape_and_in_colour():
    from scaling_studies.cards.names import NO_TOPIC, TOPICS
    from scaling_studies.figures.kinds.run_map import COLOURS, SHAPES

    assert len({*SHAPES}) == len(SHAPES) >= len({*TOPICS.values(), NO_TOPIC})
    parts = [[int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)] for colour in COLOURS]
    hues = sorted(
        hue
        for hue, _, saturation in (colorsys.rgb_to_hls(*part) for part in parts)
        if saturation > 0.2
    )
    # Of blue and sky, or vermillion and orange, hues lie 0.01 to 0.04 of the circle apart.
    assert np.diff([*hues, hues[0] + 1.0]).min() > 0.09 and len(hues) >= len(COLOURS) - 1
    assert min(contrast(colour, "#ffffff") for colour in COLOURS) >= 3.0
