"""Figures: every kind draws, says its numbers from the artefacts, and gives the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_artefacts import CARD, STUDY, TRUTH, write_artefacts

from scaling_studies import figures, registry
from scaling_studies.artefacts import files
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.errors import ArtefactError, CardError
from scaling_studies.figures import placeholders
from scaling_studies.figures.drawing import curves, heading, labels, lines, residuals, style
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.words import without_e

COMPARISONS = {"exponents_forest", "held_out_errors", "verdict_matrix"}
#: Kind -> fits and options of the entry it is tested with.
ENTRIES = {
    "asymptote_profile": (["refit"], {}),
    "error_from_loss": (["error"], {}),
    "exponents_forest": ([], {}),
    "held_out_errors": ([], {}),
    "learning_curves": (["curve_1.4b"], {}),
    "lines": (
        ["refit", "printed"],
        {"x": "flops", "panels": "fit", "series": "tokens_per_parameter", "annotate": 2},
    ),
    "loss_surface": (["refit", "printed"], {}),
    "optimal_params": (["refit", "printed"], {}),
    "overtraining": (["refit"], {}),
    "parameter_intervals": (["refit", "printed"], {"quantities": ["alpha", "beta"]}),
    "printed_audit": (["refit"], {}),
    "resample_pairs": (["refit"], {"scale": {"A": "log", "B": "log"}}),
    "residuals": (["refit", "printed"], {}),
    "simulated_frontier": (["printed"], {}),
    "tokens_per_parameter": (["refit", "printed"], {}),
    "verdict_matrix": ([], {}),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_artefacts(tmp_path_factory.mktemp("figures") / "results")


def entry_of(kind: str, **changes: object) -> FigureEntry:
    fits, options = ENTRIES.get(kind, ([], {}))
    entry = {
        "kind": kind,
        "title": "An answer in plain words",
        "subtitle": "What is plotted, with its unit",
        "caption": "What to see.",
        "alt": "What is there.",
        "options": options,
    }
    return FigureEntry.rebuilt(entry | ({"fits": fits} if fits else {}) | changes)


def inputs_of(results: Path) -> figures.Inputs:
    """Artefacts of the simulated study, as its job hands them over."""
    fits, resamples = results / "fits" / STUDY, results / "resamples" / STUDY
    return figures.Inputs(
        fits=sorted(fits.glob("*.json")),
        points=sorted(fits.glob("*.points.parquet")),
        resamples=sorted(resamples.glob("*.parquet")),
        intervals=sorted(resamples.glob("*.json")),
    )


def tables_of(results: Path) -> figures.Inputs:
    """Tables over all studies, as their job hands them over."""
    return figures.Inputs(
        tables={
            path.stem: path for path in (*results.glob("*.parquet"), *results.glob("*/*.parquet"))
        }
    )


def context_of(results: Path, kind: str, **changes: object) -> figures.FigureContext:
    entry = entry_of(kind, **changes)
    if kind in COMPARISONS:
        return figures.load(
            None, "figure", entry, tables_of(results), {STUDY: StudyCard.rebuilt(CARD)}
        )
    return figures.load(
        STUDY, "figure", entry, inputs_of(results), {STUDY: StudyCard.rebuilt(CARD)}
    )


def saved(context: figures.FigureContext, folder: Path) -> dict[str, bytes]:
    figure, frame = figures.draw(context)
    figures.save(figure, frame, context.meta(), folder / "figure")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_kinds_are_found_by_file_name() -> None:
    modules = {path.stem for path in Path(figures.__file__).parent.glob("kinds/*.py")}
    assert set(registry.names("figures")) == modules - {"__init__"}
    assert set(ENTRIES) <= set(registry.names("figures"))


@pytest.mark.parametrize("kind", sorted(ENTRIES))
def test_every_kind_draws_and_is_byte_stable(kind: str, results: Path, tmp_path: Path) -> None:
    first = saved(context_of(results, kind), tmp_path / "a")
    assert first == saved(context_of(results, kind), tmp_path / "b")
    assert set(first) == {
        "figure.svg", "figure.png", "figure.csv", "figure.json", "figure.json.sha256"
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
        assert "$" not in text.get_text(), f"{text.get_text()!r} is shown as it is written"


def _undrawn_labels(axes: object) -> list[object]:
    """Labels of ticks that exist but lie outside the axis's limits, or whose axes are off."""
    labels = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        reach = 1e-9 * (high - low)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not axes.axison or not low - reach <= tick.get_loc() <= high + reach:
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


# --- placeholders ---------------------------------------------------------------------------


def test_placeholders_are_filled_from_the_artefacts(results: Path) -> None:
    title = (
        "α {refit.alpha:.3f}, n {refit.n:,d}, low {refit.alpha.low:.3f}, "
        "dotted {curve_1.4b.alpha:.2f}, share {refit.max_relative_error:.1%}, "
        "tiny {refit.max_relative_error:.2e}, {{literal}}"
    )
    context = context_of(results, "lines", title=title, fits=["refit", "curve_1.4b"])
    fit = files.read_json(results / f"fits/{STUDY}/refit.json")
    summary = files.read_json(results / f"resamples/{STUDY}/refit.json")
    curve = files.read_json(results / f"fits/{STUDY}/curve_1.4b.json")
    assert context.title == (
        f"α {fit['quantities']['alpha']:.3f}, n 55, "
        f"low {summary['intervals']['alpha']['low']:.3f}, "
        f"dotted {curve['quantities']['alpha']:.2f}, "
        f"share {100 * fit['quantities']['max_relative_error']:.1f}\N{NO-BREAK SPACE}%, "
        f"tiny {without_e(format(fit['quantities']['max_relative_error'], '.2e'))}, {{literal}}"
    )


def test_verdicts_are_counted_in_titles_of_comparisons(results: Path) -> None:
    title = "{verdicts.reproduced:d} of {verdicts.total:d}"
    assert context_of(results, "verdict_matrix", title=title).title == "1 of 2"


@pytest.mark.parametrize(
    "title",
    [
        "{refit.__class__}",
        "{refit.parameters}",
        "{refit[parameters]}",
        "{refit.alpha!r}",
        "{refit.alpha:{refit.n}}",
        "{refit.alpha:>99999999999}",
        "{refit.alpha:s}",
        "{refit.no_such_quantity:.3f}",
        "{no_such_fit.alpha:.3f}",
        "{verdicts.total:d}",
        "{alpha}",
        "{}",
        "{0}",
        "a stray { brace",
    ],
)
def test_other_placeholders_are_refused(title: str, results: Path) -> None:
    context = context_of(results, "lines", title=title)
    with pytest.raises(CardError) as caught:
        figures.draw(context)
    message = str(caught.value)
    assert f"study {STUDY}, key figures.figure.title" in message
    assert "Fix:" in message
    assert "\n" not in message


def test_a_negative_number_has_a_true_minus_sign() -> None:
    def refuse(problem: str, fix: str) -> Exception:
        return AssertionError(problem + fix)

    filled = placeholders.fill("{a.b:.2f} %", lambda *_: -1.5, refuse)
    assert filled == "−1.50\N{NO-BREAK SPACE}%"


# --- errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "line"}, ["figures.figure.kind", "did you mean 'lines'?"]),
        ({"kind": "_style"}, ["unknown kind"]),
        ({"options": {"series_": "params"}}, ["no option 'series_'"]),
        ({"options": {"x": "nothing"}}, ["no column 'nothing'", "params"]),
        ({"options": {"series": "nothing"}}, ["no column 'nothing'"]),
        ({"options": {"panels": [{"title": "x"}]}}, ["panels[0]", "title: ..., fits"]),
        ({"options": {"panels": [{"title": "x", "fits": ["y"]}]}}, ["no fit 'y'"]),
        ({"options": {"x_scale": "square"}}, ["'square' is not a choice"]),
        ({"options": {"subtract": "gamma"}}, ["no parameter 'gamma'"]),
    ],
)
def test_errors_name_figure_key_and_fix(changes: dict, words: list[str], results: Path) -> None:
    entry = {"kind": "lines"} | changes
    with pytest.raises(CardError) as caught:
        figures.draw(context_of(results, entry.pop("kind"), **{"fits": ["refit"]} | entry))
    message = str(caught.value)
    assert message.startswith(f"study {STUDY}, key figures.figure")
    assert "Fix:" in message
    for word in words:
        assert word in message


def test_a_missing_fit_names_the_command_that_makes_it(results: Path) -> None:
    inputs = figures.Inputs(fits=[results / "not_made.json"], points=[results / "x.parquet"])
    with pytest.raises(ArtefactError, match="snakemake"):
        figures.load(STUDY, "figure", entry_of("lines", fits=["not_made"]), inputs)


def test_a_study_figure_of_a_comparison_kind_is_refused(results: Path) -> None:
    context = figures.load(STUDY, "figure", entry_of("verdict_matrix"), inputs_of(results))
    with pytest.raises(CardError, match="the table of verdicts"):
        figures.draw(context)


def test_every_figure_that_fails_is_named_and_the_others_are_drawn(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = {
        "misspelt": entry_of("lines", fits=["refit"], options={"series_": "x"}),
        "residuals": entry_of("residuals"),
        "surface": entry_of("loss_surface"),
    }
    broken = registry.load("figures", "loss_surface").__globals__
    monkeypatch.setitem(broken, "_draw_surface", lambda *_: {}["nothing"])
    with pytest.raises(ExceptionGroup) as caught:
        figures.draw_all(
            STUDY,
            entries,
            inputs_of(results),
            {name: tmp_path / f"{name}.svg" for name in entries},
            cards={STUDY: StudyCard.rebuilt(CARD)},
            provenance=lambda read: {"inputs": read},
        )
    misspelt, surface = map(str, caught.value.exceptions)
    assert misspelt.startswith(f"study {STUDY}, key figures.misspelt.options.series_: ")
    assert surface == f"study {STUDY}, key figures.surface: internal error, KeyError: 'nothing'"
    meta = files.read_json(tmp_path / "residuals.json")
    assert len(meta["provenance"]["inputs"]) == 6, "two fits with their rows, resamples of one"
    assert not (tmp_path / "surface.svg").exists()


def test_an_artefact_is_read_once_for_all_figures(results: Path) -> None:
    inputs = inputs_of(results)
    first, second = (
        figures.load(STUDY, kind, entry_of(kind), inputs) for kind in ("residuals", "lines")
    )
    assert first.points["refit"] is second.points["refit"]


# --- parts ----------------------------------------------------------------------------------


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
    assert style.study_colour("gadre_2024") == style.study_colour(
        "gadre_2024", StudyCard.rebuilt({"title": "x"})
    )
    assert style.study_colour("gadre_2024", StudyCard.rebuilt({"colour": "#123456"})) == "#123456"


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
