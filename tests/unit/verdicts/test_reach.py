"""How far a law reaches."""

from __future__ import annotations

import numpy as np
import pytest
from card_entries import fit_entry
from fit_artefacts import artefact, uncertainty

from scaling_studies.cards.models.study import LawEntry
from scaling_studies.verdicts.facts import Facts
from scaling_studies.verdicts.reach import extrapolates, reach_of

#: Six fitted rows and two free constants: the scatter is 0.01 √(6/4) = 0.01225.
FITTED = np.array([0.01, -0.01] * 3)
FIT = artefact(parameters={"A": 1.0, "alpha": 0.3, "E": 0.0}, fixed=["E"])


def asked(held_out: list[float], fitted: np.ndarray = FITTED) -> str | None:
    rows = {
        "role": np.array(["fit"] * len(fitted) + ["held_out"] * len(held_out)),
        "relative_residual": np.array([*fitted, *held_out]),
    }
    facts = Facts({"law": FIT}, {"law": uncertainty()})
    return extrapolates(["law"], facts, {"law": rows})


@pytest.mark.parametrize(
    ("held_out", "mark"),
    [
        ([0.024, -0.024], "yes"),
        ([0.025, -0.025], "no"),
        ([0.024] * 9 + [0.025], "yes"),
        ([0.024, 0.025], "partly"),
        ([0.024, 0.025, 0.025], "no"),
    ],
)
def test_twice_the_scatter_of_the_fitted_rows_is_near(held_out, mark):
    assert asked(held_out) == mark


def test_without_held_out_rows_or_a_spare_row_nothing_is_said():
    assert asked([]) is None
    assert asked([0.0], FITTED[:2]) is None
    assert asked([0.0], FITTED[:3]) == "yes"


def test_fits_that_say_nothing_do_not_silence_those_after_them():
    near = {
        "role": np.array(["fit"] * 6 + ["held_out"] * 2),
        "relative_residual": np.array([*FITTED, 0.024, 0.025]),
    }
    few = {name: values[4:] for name, values in near.items()}
    empty = {name: values[:0] for name, values in near.items()}
    fits = ["unknown", "empty", "few", "law", "last"]
    points = {"empty": empty, "few": few, "law": near, "last": near}
    facts = Facts(dict.fromkeys(fits, FIT), dict.fromkeys(fits, uncertainty()))
    assert extrapolates(fits, facts, points) == "partly"
    for fit in fits[:3]:
        assert extrapolates([fit], facts, points) is None
        assert extrapolates([fit, "law"], facts, points) == "partly"


def test_what_a_law_spans_is_said_with_two_digits():
    rows = {
        "role": np.array(["fit", "fit", "held_out"]),
        "params": np.array([1.234e7, 5.678e9, 1e12]),
        "tokens": np.array([3.21e8, 3.21e8, 1e13]),
    }
    entry = fit_entry(law="additive", axes={"params": "params_total", "tokens": "tokens"})
    law = LawEntry(name="A law", fits=("law",), sentences=())
    assert reach_of(law, {"law": entry}, {"law": rows}) == (
        "2 runs: 12M to 5.7B parameters, 320M tokens"
    )
