"""The pages of choices and of extrapolation: every number is read from an artefact."""

from __future__ import annotations

import pytest

from scaling_studies.forecasts.board import ALL, LEARNED, TODAY
from scaling_studies.forecasts.contenders import contender_title
from scaling_studies.pages.questions import render_choices, render_extrapolation

CHOICE = {
    "study": "someone_2024",
    "fit": "main",
    "law": "additive",
    "quantity": "a_opt",
    "universes": 2500,
    "usable": 2400,
    "at_flops": None,
    "estimate": 0.51234,
    "sampling_low": 0.471,
    "sampling_high": 0.552,
    "choices_low": 0.401,
    "choices_high": 0.643,
    "lowest": 0.352,
    "highest": 0.714,
    "inside": 0.613,
    "largest_choice": "rows",
    "largest_option": "at least 20 tokens per parameter",
    "largest_value": 0.66,
}


def choices(**changes) -> str:
    fits = {"someone_2024": {"main": "Main fit"}}
    return render_choices([CHOICE | changes], names={}, fits=fits).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_sampling_stands_beside_choice():
    page = choices()
    for text in ("0.40 to 0.64", "0.471 to 0.552", "0.35 to 0.71", "61 %", "Main fit"):
        assert text in page
    assert "at least 20 tokens per parameter: 0.66" in page and "2400 of 2500" in page
    assert "Of 1 quantities with an interval, 0 stay inside it" in page


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("choices_high", 0.787, "0.40 to 0.79"),
        ("sampling_low", 0.333, "0.33 to 0.55"),
        ("inside", 0.95, "1 stay inside it"),
        ("universes", 3111, "3,111 times"),
        ("largest_value", 0.777, "parameter: 0.777"),
    ],
)
def test_another_number_in_the_table_is_another_number_on_the_page(name, value, text):
    assert text not in choices() and text in choices(**{name: value})


def test_specification_curves_stand_above_the_table():
    shown = {"name": "curve", "page": "choices", "title": "A curve", "alt": "It rises."}
    shown |= {"subtitle": "", "caption": "", "width": 600, "height": 400}
    figures = [shown, shown | {"name": "map", "page": "comparisons"}]
    page = render_choices([CHOICE], names={}, fits={}, figures=figures)
    assert page.index('id="figure-curve"') < page.index('id="choices-table"')
    assert "figure-map" not in page
    assert "figure-curve" not in render_choices([], names={}, fits={}, figures=figures)


def test_many_quantities_of_a_study_are_two_links():
    rows = [CHOICE | {"study": f"someone_{n // 6}", "quantity": f"q{n}"} for n in range(60)]
    one, many = (render_choices(some, names={}, fits={}).count("<a ") for some in (rows[:1], rows))
    assert many - one == 2 * 9


@pytest.mark.parametrize(
    ("law", "quantity", "text"), [("rectified", "D_l", "D l"), ("rectified", "B", "B")]
)
def test_a_symbol_without_words_is_read_out_as_text(law, quantity, text):
    assert f'<span class="unseen">{text}</span>' in choices(law=law, quantity=quantity)
    assert "unseen" not in choices().partition("<tbody>")[2].partition("</tbody>")[0]


def test_a_quantity_without_an_interval_is_counted_nowhere():
    page = choices(inside=None, sampling_low=None, sampling_high=None)
    assert "no headline law has both rows and an interval." in page


def interval(method: str, law: str = "stacked", **changes) -> dict:
    row = {"law": law, "distance_bin": "3 to 10", "method": method, "level": 0.95, "n": 902}
    return row | {"studies": 8, "covered": 0.932, "score": 0.265, "width": 0.142} | changes


def law(name: str, rank: float, **changes) -> dict:
    row = {"law": name, "distance_bin": ALL, "n": 3000, "studies": 9, "median_error": 0.0215}
    row |= {"bias": 0.01, "covered": 0.94, "shared_studies": 9, "relative_error": rank}
    return row | {"rank": rank, "in_sample": 0.02, "in_sample_rank": rank} | changes


def extrapolation(covered: float = 0.932, **changes) -> str:
    intervals = [interval(TODAY, covered=0.871, score=0.292), interval(LEARNED, covered=covered)]
    board = [law("stacked", 1.0), law("kaplan", 3.0, in_sample_rank=1.0), law("additive", 2.0)]
    board[0] |= changes
    return render_extrapolation(intervals, board).replace("\N{NO-BREAK SPACE}", " ")


def test_what_distance_costs_is_said():
    page = extrapolation()
    assert "held 93 % of the runs 3 to 10 times beyond" in page and "span 14 % of the loss" in page
    assert "87 %" in page and "0.292" in page and "outside 90 % to 98 %" not in page


def test_a_bin_outside_says_so():
    assert (
        "they held 81 % of 902 predictions from 8 studies, outside 90 % to 98 %: the errors of one"
        in extrapolation(0.81)
    )


def test_stacking_is_said_to_win_only_where_it_does():
    assert "better than any law that three studies have" in extrapolation()
    assert "do not predict larger runs better" in extrapolation(rank=4.0)
    page = extrapolation()
    assert "“Joint law of size and data” describes the fitted runs best, and “Additive" in page


@pytest.mark.parametrize("name", ["power_offset", "largest run again", "stacked"])
def test_a_contender_has_a_name_that_readers_know(name):
    page = render_extrapolation([interval(LEARNED, name)], [law(name, 1.0)])
    assert contender_title(name) in page and f">{name}<" not in page and f" {name} " not in page


def test_the_picture_of_errors_stands_with_its_board():
    picture = {"name": "errors", "page": "extrapolation", "title": "They grow", "caption": "Seen."}
    picture |= {"alt": "Lines.", "subtitle": "By distance", "width": 600, "height": 300}
    pictures = [picture, picture | {"page": "agreement", "title": "Not here"}]
    page = render_extrapolation([], [law("additive", 1.0)], figures=pictures)
    assert "They grow" in page and "figures/comparisons/errors.svg" in page
    assert "Not here" not in page
    assert "They grow" not in render_extrapolation([], [], figures=pictures)


def test_without_other_studies_the_page_says_why():
    assert "this run has too few of them" in render_extrapolation([], [])
