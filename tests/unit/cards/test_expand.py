"""A card says a thing once: what its defaults, likenesses, short forms and globs stand for."""

from __future__ import annotations

import pytest
import yaml
from malformed import CARD, STUDY

from scaling_studies.cards.expand import expanded, merged
from scaling_studies.cards.load import load_card
from scaling_studies.errors import CardError


def fits(text: str) -> dict:
    return expanded({"fits": yaml.safe_load(text)})["fits"]


def test_mappings_merge_and_everything_else_replaces():
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 4}
    assert merged(base, {"a": {"c": [3]}, "e": 5}) == {"a": {"b": 1, "c": [3]}, "d": 4, "e": 5}


def test_an_empty_value_takes_away_what_it_would_start_from():
    assert merged({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}) == {"a": {"c": 2}}
    assert merged({}, {"a": None}) == {"a": None}


def test_fits_start_from_the_defaults():
    made = fits("defaults: {law: power, objective: {name: squared}}\na: {law: kaplan}\nb: {}")
    assert made == {
        "a": {"law": "kaplan", "objective": {"name": "squared"}},
        "b": {"law": "power", "objective": {"name": "squared"}},
    }


def test_a_fit_like_another_takes_over_how_it_is_fitted_but_nothing_said_of_it():
    made = fits(
        """
        defaults: {law: power}
        a: {title: A, label: one, rows: {dataset: c4}, targets: {k: 1}, headline: [k]}
        b: {title: B, like: a, rows: {dataset: pile}}
        c: {title: C, like: b}
        """
    )
    assert made["b"] == {"title": "B", "law": "power", "rows": {"where": {"dataset": "pile"}}}
    assert made["c"] == made["b"] | {"title": "C"}


@pytest.mark.parametrize("like", ["b", "a", "refitt"])
def test_a_fit_like_none_or_like_itself_is_refused(like):
    with pytest.raises(CardError, match=r"key fits\.[ab]\.like: the fit is like"):
        fits(f"a: {{like: {like}}}\nb: {{like: a}}")


def test_conditions_may_stand_without_where():
    made = fits("a: {rows: {dataset: c4, any: [{n: 1}], where: {n: 2}}, held_out: rest}")
    assert made["a"]["rows"] == {"where": {"n": 2, "dataset": "c4"}, "any": [{"n": 1}]}
    assert made["a"]["held_out"] == "rest"


def test_targets_may_be_values_and_share_defaults():
    made = fits(
        """
        defaults: {targets: {defaults: {where: Table 1, tolerance: 0.1}}}
        a: {targets: {k: 1, m: {value: 2, tolerance: ~}}}
        b: {targets: {defaults: {where: Table 2}, k: 3}}
        c: {}
        """
    )
    assert made["a"]["targets"] == [
        {"quantity": "k", "where": "Table 1", "tolerance": 0.1, "value": 1},
        {"quantity": "m", "where": "Table 1", "value": 2},
    ]
    assert made["b"]["targets"][0]["where"] == "Table 2"
    assert made["c"]["targets"] == []


def test_a_group_holds_for_the_fits_so_named():
    made = fits(
        """
        defaults: {law: power, rows: {n: 1}}
        c4_*: {rows: {dataset: c4, part: "{*}"}, resample: ~}
        "*_x": {law: kaplan}
        c4_x: {title: A}
        c4_y: {law: additive}
        pile_x: {like: c4_y}
        c4_z: {like: pile_x}
        """
    )
    assert list(made) == ["c4_x", "c4_y", "pile_x", "c4_z"]
    assert made["c4_x"]["rows"]["where"] == {"n": 1, "dataset": "c4", "part": "x"}
    assert [made[name]["law"] for name in made] == ["kaplan", "additive", "kaplan", "kaplan"]
    assert made["pile_x"]["rows"]["where"]["part"] == "y"
    assert made["c4_z"]["rows"]["where"]["part"] == "z"


def test_a_group_may_have_several_stars():
    made = fits("""
        "*_size_*": {rows: {architecture: "{*}"}}
        encoder_size_id: {law: power}
        encoder_data_id: {law: power}
        """)
    assert made["encoder_size_id"]["rows"]["where"] == {"architecture": "encoder"}
    assert "rows" not in made["encoder_data_id"]


@pytest.mark.parametrize("pattern", ["c4_*", "*_c4", "*c4*", "a**b"])
def test_a_group_of_no_fit_is_refused(pattern):
    with pytest.raises(CardError, match="no fit of this card is named like"):
        fits(f'{{"{pattern}": {{law: power}}, pile: {{law: power}}}}')


def test_a_tolerance_brings_its_kind():
    made = fits("a: {targets: {k: {value: 1, tolerance: 1.0e-3 relative}, m: {tolerance: big}}}")
    assert made["a"]["targets"][0]["tolerance"] == 1e-3
    assert made["a"]["targets"][0]["tolerance_kind"] == "relative"
    assert made["a"]["targets"][1] == {"quantity": "m", "tolerance": "big"}


def test_columns_and_measurements_come_from_columns_of_their_own_name():
    table = {
        "columns": {"tokens": {"unit": "tokens"}, "flops": {"derive": "flops_from_6nd"}},
        "measurements": [{"metric": "loss"}, {"metric": {"column": "metric"}}],
    }
    made = expanded({"tables": {"a": table}})["tables"]["a"]
    assert made["columns"]["tokens"] == {"from": "tokens", "unit": "tokens"}
    assert made["columns"]["flops"] == {"derive": "flops_from_6nd"}
    assert made["measurements"] == [{"from": "loss", "metric": "loss"}, table["measurements"][1]]


def test_one_word_confirms_all_constants():
    made = fits("a: {fixed: {k: 1, m: 2}, confirmation: two_sources}")
    assert made["a"]["confirmation"] == {"k": "two_sources", "m": "two_sources"}


def test_a_column_may_be_its_origin_and_tables_share_defaults():
    made = expanded(
        {
            "tables": {
                "defaults": {"columns": {"run_id": "run"}},
                "a": {"columns": {"x": ["b", "c"]}},
            }
        }
    )
    columns = made["tables"]["a"]["columns"]
    assert columns == {"run_id": {"from": "run"}, "x": {"from": ["b", "c"]}}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["*"], ["a_1", "a_2", "b_1"]),
        ("a_*", ["a_1", "a_2"]),
        (["*_1", "a_2"], ["a_1", "b_1", "a_2"]),
        (["*", "not b_*"], ["a_1", "a_2"]),
        (["a_2", "c_*"], ["a_2", "c_*"]),
    ],
)
def test_globs_stand_for_fits_in_the_order_of_the_card(written, meant):
    names = {"a_1": {}, "a_2": {}, "b_1": {}}
    card = expanded(
        {"fits": names, "ranking": {"fits": written}, "figures": {"f": {"fits": written}}}
    )
    assert card["ranking"]["fits"] == card["figures"]["f"]["fits"] == meant


def test_panels_choose_among_the_fits_of_their_figure():
    figure = {"fits": ["a_*"], "options": {"panels": [{"fits": "*_1"}], "labels": "fits"}}
    card = expanded({"fits": {"a_1": {"label": "one"}, "b_1": {}}, "figures": {"f": figure}})
    assert card["figures"]["f"]["options"] == {
        "panels": [{"fits": ["a_1"]}],
        "labels": {"a_1": "one"},
    }


def test_a_pattern_of_no_fit_is_refused(tmp_path):
    card = CARD | {"ranking": CARD["ranking"] | {"fits": ["reffit*"]}}
    path = tmp_path / f"{STUDY}.yaml"
    path.write_text(yaml.safe_dump(card))
    with pytest.raises(CardError, match=r"key ranking\.fits"):
        load_card(path)


def test_a_problem_of_the_defaults_is_named_there(tmp_path):
    card = CARD | {"fits": CARD["fits"] | {"defaults": {"laww": "power"}}}
    path = tmp_path / f"{STUDY}.yaml"
    path.write_text(yaml.safe_dump(card, sort_keys=False))
    with pytest.raises(CardError) as caught:
        load_card(path)
    assert "key fits.defaults: unknown key 'laww'. Fix: did you mean 'law'?" in str(caught.value)
