"""The page of agreement: every number is read from an artefact."""

from __future__ import annotations

from typing import Any

import pytest
from made_estimates import agreement_tables

from scaling_studies.pages.agreement import render_agreement


def rows(table: str) -> list[dict[str, Any]]:
    frame = agreement_tables()[table].astype(object)
    return frame.where(frame.notna(), None).to_dict("records")


def page(**changes: list[dict[str, Any]]) -> str:
    tables = {
        name: rows(name) for name in ("estimates", "agreement", "ladders", "noise_floor")
    } | changes
    return render_agreement(*tables.values(), names={}, fits={}).replace("\N{NO-BREAK SPACE}", " ")


def test_the_answer_says_how_many_are_left_and_what_they_share():
    text = page()
    assert "7 exponents of best size" in text and "4 from 4 studies count" in text
    assert "They do not agree within their intervals" in text


@pytest.mark.parametrize(
    ("table", "column", "value", "text"),
    [
        ("agreement", "mean", 0.4321, "0.432"),
        ("agreement", "i2", 0.123, "12 %"),
        ("agreement", "tau", 0.0567, "0.057"),
        ("agreement", "pooled", 77, "77 from"),
        ("agreement", "new_high", 0.9321, "0.932"),
        ("agreement", "mean_most", 0.6543, "0.654"),
        ("estimates", "value", 0.3217, "0.322"),
        ("estimates", "schedule", "one of its own", "one of its own"),
        ("ladders", "before", 0.8123, "0.812"),
        ("noise_floor", "scatter", 0.007654, "scatter by 0.77 % of the loss"),
        ("noise_floor", "floor", 0.005123, "by more than 0.51 %"),
        ("noise_floor", "left_out", 17, ">17<"),
    ],
)
def test_another_number_in_a_table_is_another_number_on_the_page(table, column, value, text):
    changed = [row | {column: value} for row in rows(table)]
    assert text not in page() and text in page(**{table: changed})


def test_intervals_that_overlap_do_not_rule_out_agreement():
    changed = [row | {"i2_low": 0.0} for row in rows("agreement")]
    assert "do not rule out that they agree" in page(agreement=changed)


def test_runs_of_several_studies_stand_once():
    changed = [row | {"runs": "a/main"} for row in rows("estimates")]
    assert "The same runs in several studies" in page(estimates=changed)
    assert "The same runs in several studies" not in page()


def test_a_run_without_an_exponent_says_so():
    empty = page(estimates=[], agreement=[], ladders=[], noise_floor=[])
    assert "No study of this run" in empty and "What no law can beat" not in empty
    without = [row for row in rows("noise_floor") if row["kind"] != "seeds"]
    assert "No table of this run gives the losses of several seeds" in page(noise_floor=without)
    few = [row | {"mean": None} for row in rows("agreement")]
    assert "Fewer than three studies" in page(agreement=few)
