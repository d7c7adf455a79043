"""Entries of tables that do not fit the contract, in one line that names the key and the fix."""

import pytest
from bad_tables import GOOD, TABLE, columns, measurement, normalize_folder

from scaling_studies.errors import CardError

CARDS = {
    "an unknown column": (columns(params={"from": "n"}), "columns.params", "params_total"),
    "an unknown constant": ({"constants": {"optimizer": "sgd"}}, "constants.optimizer", "There"),
    "a column of the project": (columns(value={"from": "n"}), "columns.value", "delete"),
    "a column that is a constant too": (
        {"constants": {"tokens": 1.0}},
        "constants.tokens",
        "delete one of them",
    ),
    "text for a number": ({"constants": {"depth": "1e9"}}, "constants.depth", "1.0e+9"),
    "a number for text": ({"constants": {"dataset": 4}}, "constants.dataset", "in quotes"),
    "a number for a flag": ({"constants": {"is_final": 1}}, "constants.is_final", "true or false"),
    "a flag for a number": ({"constants": {"depth": True}}, "constants.depth", "write a number"),
    "a negative depth": ({"constants": {"depth": -1}}, "constants.depth", "correct"),
    "a width of minus one": ({"constants": {"width": -1.5}}, "constants.width", "correct"),
    "an empty text": ({"constants": {"note": " "}}, "constants.note", "write the text"),
    "an unknown status": ({"constants": {"status": "good"}}, "constants.status", "ok, diverged"),
    "a unit of text": (columns(note={"from": "run", "unit": "params"}), "columns.note.unit", "del"),
    "a derivation without input": (
        {"columns": {"tokens": {"derive": "tokens_from_6nd"}}},
        "columns.tokens.derive",
        "map flops",
    ),
    "a derivation of something else": (
        columns(flops={"derive": "tokens_from_6nd"}),
        "columns.flops.derive",
        "derive tokens by it",
    ),
    "a number from two columns": (
        columns(depth={"from": ["n", "d"]}),
        "columns.depth.from",
        "take it from one column",
    ),
    "a key that may be empty": (
        columns(run_id={"from": "run", "optional": True}),
        "columns.run_id.optional",
        "delete this entry",
    ),
    "two intervals": (
        measurement(low="n", relative_error="d"),
        "measurements",
        "delete one of them",
    ),
    "two standard deviations": (
        measurement(std="n", log_std="d"),
        "measurements",
        "delete one of them",
    ),
    "two sample units": (
        columns(samples={"from": "d", "unit": "hours"}) | {"constants": {"sample_unit": "words"}},
        "columns.samples.unit",
        "delete sample_unit",
    ),
    "one label twice": (
        {"measurements": TABLE["measurements"] * 2},
        "measurements",
        "different evaluation sets",
    ),
    "an average of nothing": (
        {"averages": [{"metric": "error", "eval_set": "mean"}]},
        "averages[0]",
        "name a metric",
    ),
    "an average over an unknown set": (
        {"averages": [{"metric": "loss", "eval_set": "mean", "over": ["web", "code"]}]},
        "averages[0]",
        "average over some of: web",
    ),
}


@pytest.mark.parametrize("case", CARDS)
def test_a_card_that_does_not_fit_the_contract_is_named(tmp_path, case):
    entry, key, fix = CARDS[case]
    error, _ = normalize_folder(tmp_path, entry, {"a.csv": GOOD})
    assert isinstance(error, CardError)
    assert error.place["key"] == f"tables.points.{key}"
    assert fix in str(error), str(error)
