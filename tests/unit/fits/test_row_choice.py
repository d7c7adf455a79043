"""Which rows a fit takes: the lowest of groups and bins, and what the response is made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entry, rows_entry

from scaling_studies.errors import TableError
from scaling_studies.fits.frames import fit_frame
from scaling_studies.fits.row_choice import choose


def sweep() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "params": [1e8, 1e8, 1e8, 1e9, 1e9, 1e9],
            "observed": [1e-3, 2e-3, 4e-3, 1e-3, 2e-3, 4e-3],
            "value": [3.00, 2.99, 3.20, 2.505, 2.50, 2.51],
        },
        index=[10, 11, 12, 13, 14, 15],
    )


def chosen(rows: dict) -> list[int]:
    return list(np.flatnonzero(choose(sweep(), rows_entry(rows), "study")))


def test_lowest_keeps_one_row_of_each_group():
    assert chosen({"lowest": {"of": "value", "within": ["params"]}}) == [1, 4]
    assert chosen({"lowest": {"of": "value"}}) == [4]
    assert chosen({"lowest": {}}) == [0]  # of the response; the first of equal ones


def test_lowest_within_a_margin_keeps_every_row_near_the_best():
    near = {"of": "value", "within": ["params"], "margin": 0.0025}
    assert chosen({"lowest": near}) == [1, 3, 4]
    assert chosen({"lowest": near | {"margin": 0.005}}) == [0, 1, 3, 4, 5]
    # A row just at the margin is near: 2.5 (1 + 2**-8), exact in binary.
    rows = sweep().assign(value=[3.0, 3.5, 4.0, 2.5, 2.5 * (1 + 2**-8), 2.6])
    edge = {"lowest": {"of": "value", "within": ["params"], "margin": 2**-8}}
    assert list(np.flatnonzero(choose(rows, rows_entry(edge), "study"))) == [0, 3, 4]


def test_lowest_of_what_the_conditions_leave():
    rows = {"where": {"params": 1e9, "value": {"above": 2.5}}, "lowest": {"of": "value"}}
    assert chosen(rows) == [3]


def test_lowest_in_bins_of_equal_width_in_the_logarithm():
    frame = pd.DataFrame({"flops": [1.0, 2.0, 9.0, 11.0, 100.0], "observed": [5.0, 4, 3, 2, 1]})
    rows = {"lowest": {"bins": {"column": "flops", "count": 2}}}
    # The bins are [1, 10) and [10, 100]; the last value belongs to the last bin.
    assert list(np.flatnonzero(choose(frame, rows_entry(rows), "study"))) == [2, 4]


def test_a_value_on_the_edge_of_two_bins_belongs_to_the_upper_one():
    frame = pd.DataFrame({"flops": [1.0, 10.0, 100.0], "observed": [2.0, 1.0, 3.0]})
    rows = {"lowest": {"bins": {"column": "flops", "count": 2}}}
    assert list(np.flatnonzero(choose(frame, rows_entry(rows), "study"))) == [0, 1]
    # Bins divide each group that `within` names.
    pair = pd.concat([frame.assign(set="a"), frame.assign(set="b")], ignore_index=True)
    rows = {"lowest": {"bins": {"column": "flops", "count": 2}, "within": ["set"]}}
    assert list(np.flatnonzero(choose(pair, rows_entry(rows), "study"))) == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ({"min": 2}, [1, 2]),
        ({"max": 2}, [0, 1]),
        ({"above": 2}, [2]),
        ({"below": 2}, [0]),
        ({"min": 2, "below": 3}, [1]),
        ({"not": [1, 3]}, [1]),
        ({"not": [1], "max": 2}, [1]),
        ([1, 3], [0, 2]),
        (2, [1]),
        ("2", [1]),
    ],
)
def test_conditions_of_a_column_of_numbers(condition, kept):
    frame = pd.DataFrame({"n": [1, 2, 3], "observed": 0.0})
    assert (
        list(np.flatnonzero(choose(frame, rows_entry({"where": {"n": condition}}), "study")))
        == kept
    )


def test_all_conditions_hold_and_one_of_the_alternatives():
    frame = pd.DataFrame({"n": [1, 2, 3, 4], "word": ["a", "a", "b", "b"], "observed": 0.0})
    rows = {"where": {"n": {"min": 2}, "word": "b"}}
    assert list(np.flatnonzero(choose(frame, rows_entry(rows), "study"))) == [2, 3]
    rows = {"where": {"n": {"min": 2}}, "any": [{"word": "a"}, {"n": 4}]}
    assert list(np.flatnonzero(choose(frame, rows_entry(rows), "study"))) == [1, 3]
    assert choose(frame, rows_entry({}), "study").all()


def test_the_ends_of_what_the_conditions_leave_are_cut():
    frame = pd.DataFrame({"n": [5.0, 1.0, 4.0, 2.0, 3.0], "observed": 0.0})
    where = {"n": {"below": 5}}
    for key, kept in (("drop_largest", [1, 3]), ("keep_smallest", [1, 3])):
        rows = {"where": where, key: {"column": "n", "count": 2}}
        assert list(np.flatnonzero(choose(frame, rows_entry(rows), "study"))) == kept
    both = {
        "drop_largest": {"column": "n", "count": 2},
        "keep_smallest": {"column": "n", "count": 1},
    }
    assert list(np.flatnonzero(choose(frame, rows_entry(both), "study"))) == [1]


def test_text_is_not_taken_for_numbers():
    frame = pd.DataFrame({"word": ["a", "b"], "flag": [True, False], "observed": 0.0})
    with pytest.raises(TableError, match="column word: the column holds text"):
        choose(frame, rows_entry({"where": {"word": {"min": 1}}}), "study")
    with pytest.raises(TableError, match="holds text"):
        choose(frame, rows_entry({"keep_smallest": {"column": "word", "count": 1}}), "study")
    assert choose(frame, rows_entry({"where": {"flag": {"min": 1}}}), "study").tolist() == [
        True,
        False,
    ]
    assert choose(frame, rows_entry({"where": {"word": {"not": ["a"]}}}), "study").tolist() == [
        False,
        True,
    ]


def test_an_unknown_column_is_refused():
    with pytest.raises(TableError, match="no such column"):
        choose(sweep(), rows_entry({"lowest": {"within": ["tokens"]}}), "study")


def runs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "study": "study",
            "table": "runs",
            "run_id": ["a", "b"],
            "row_key": ["a", "b"],
            "status": "ok",
            "params_total": [1e8, 1e9],
            "learning_rate": [1e-3, 5e-4],
            "metric": "accuracy",
            "eval_set": "test",
            "unit": "fraction",
            "value": [0.6, 0.7],
            "value_low": [0.55, np.nan],
            "value_high": [0.62, np.nan],
            "value_std": np.nan,
        }
    )


def test_a_complement_turns_the_interval_round():
    entry = {
        "response": {"metric": "accuracy", "complement": True},
        "axes": {"x": "params_total"},
    }
    frame = fit_frame(runs(), fit_entry(entry), study="study")
    assert list(frame["observed"]) == pytest.approx([0.4, 0.3])
    assert frame["observed_low"][0] == pytest.approx(0.38)
    assert frame["observed_high"][0] == pytest.approx(0.45)


def test_a_column_may_be_the_response_and_the_measurement_choose_rows():
    entry = {
        "response": {"metric": "accuracy", "column": "learning_rate"},
        "axes": {"x": "params_total"},
        "rows": {"lowest": {"of": "value"}},
    }
    frame = fit_frame(runs(), fit_entry(entry), study="study")
    assert list(frame["observed"]) == [1e-3]
    assert frame["observed_low"].isna().all()
