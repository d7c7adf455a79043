"""Chained laws: order, parameters, predictions, observations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entries, fit_entry
from fit_artefacts import runs

from scaling_studies.fits.chains import (
    chains_of,
    in_order_of_chains,
    predict_chain,
    with_chained_observations,
)

ENTRY = {
    "law": "power",
    "chain": {
        "error": {
            "fit": "error_fit",
            "axis": "loss",
            "law": "error_from_loss",
            "response": {"metric": "error"},
        }
    },
}
ERROR = {"epsilon": 0.9, "k": 2.0, "gamma": 0.8}


def test_a_fit_comes_after_those_it_is_chained_to():
    chain = {"c": {"fit": "b"}}
    entries = {"a": {"chain": chain}, "b": {"chain": {"c": {"fit": "d"}}}, "d": {}}
    assert in_order_of_chains(fit_entries(entries)) == ["d", "b", "a"]


def test_a_chain_has_the_law_and_the_parameters_of_the_fit_it_names():
    chain = chains_of(fit_entry(ENTRY), {"error_fit": ERROR})["error"]
    assert chain.law.name == "error_from_loss" and chain.axis == "loss"
    assert chain.observed == "error_observed"
    assert {name: values.tolist() for name, values in chain.parameters.items()} == {
        name: [value] for name, value in ERROR.items()
    }
    assert chains_of(fit_entry({"law": "power"}), {}) == {}


def error_of(loss: np.ndarray, k: float = 2.0) -> np.ndarray:
    return 0.9 - k * np.exp(-0.8 * loss)


def test_predictions_go_through_both_laws():
    predicted = np.array([[2.0, 3.0], [2.5, 3.5]])
    one = chains_of(fit_entry(ENTRY), {"error_fit": ERROR})["error"]
    points = pd.DataFrame({"row_key": ["a", "b"]})
    assert predict_chain(one, points, predicted) == pytest.approx(error_of(predicted))
    draws = pd.DataFrame([ERROR, ERROR | {"k": 1.0}])
    each = chains_of(fit_entry(ENTRY), {"error_fit": draws})["error"]
    expected = [error_of(predicted[0]), error_of(predicted[1], k=1.0)]
    assert predict_chain(each, points, predicted) == pytest.approx(np.array(expected))


def test_observations_are_matched_by_row_and_only_usable_ones():
    points = pd.DataFrame({"row_key": ["r6", "r0", "r7", "unknown"]})
    found = with_chained_observations(points, fit_entry(ENTRY), runs(), "study")["error_observed"]
    losses = runs().set_index(["metric", "row_key"])["value"]
    assert found[:2].tolist() == [losses["error", "r6"], losses["error", "r0"]]
    assert found[2:].isna().all()
