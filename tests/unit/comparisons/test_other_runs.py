"""Laws on the runs of other studies, and Approach 2 replayed over those of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from fit_artefacts import LAW, artefact

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.comparisons.cross_prediction import cross_predictions
from scaling_studies.comparisons.parabolas import parabolas
from scaling_studies.laws import get_law


def card(study: str, unit: str = "nats_per_token", **changes: Any) -> StudyCard:
    table = {
        "file": "a/runs.csv",
        "provenance": "measured",
        "columns": {"params_total": {"from": "n"}},
        "measurements": [{"metric": "loss", "unit": unit, "from": "loss"}],
    }
    fit = {
        "title": "A fit",
        "law": "additive",
        "response": {"metric": "loss"},
        "axes": {"params": "params_total", "tokens": "tokens"},
    }
    return StudyCard.rebuilt(
        {"study": study, "title": study, "tables": {"runs": table}, "fits": {"f": fit | changes}}
    )


def runs(level: float = 0.0, budgets: int = 4) -> pd.DataFrame:
    """Eight sizes at each of some budgets, on the law but for the level of the loss."""
    flops = np.repeat(10.0 ** (19.0 + np.arange(budgets)), 8)
    sizes = np.tile(np.geomspace(0.2, 5.0, 8), budgets) * np.sqrt(flops / 120.0)
    frame = pd.DataFrame({"params": sizes, "tokens": flops / (6.0 * sizes), "flops": flops})
    frame["predicted"] = get_law("additive").value(LAW, frame)
    return frame.assign(observed=frame["predicted"] + level, role="fit", run_id=range(len(frame)))


def test_a_law_whose_level_alone_differs_predicts_the_other_runs():
    cards = {"a": card("a"), "b": card("b")}
    other = artefact(study="b", parameters=LAW | {"E": 2.1})
    points = [runs(), runs(0.3).assign(tokens=lambda frame: frame["tokens"] * 1.001)]
    table = cross_predictions(cards, [artefact(study="a"), other], points)
    crossed = table[table["study"] != table["of_study"]].set_index("study")
    assert crossed.loc["a", "shift"] == pytest.approx(0.3, abs=1e-3)
    assert (crossed["error"] < 1e-3).all() and not crossed["same_runs"].any()
    assert (table["spread"] > 0.05).all() and (table["n"] == 32).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "bits_per_byte"},
        {"axes": {"params": "params_non_embedding", "tokens": "tokens"}},
        {"allocation": False},
    ],
)
def test_what_counts_something_else_is_not_compared(changes):
    cards = {"a": card("a"), "b": card("b", **changes)}
    fits = [artefact(study="a"), artefact(study="b")]
    table = cross_predictions(cards, fits, [runs(), runs(0.3)])
    assert ((table["study"] == "a") == (table["of_study"] == "a")).all()


def test_of_no_fit_there_is_an_empty_table():
    assert len(cross_predictions({}, [], [])) == len(parabolas({}, [], [])) == 0


def test_parabolas_are_replayed_over_the_runs_and_around_the_best_size():
    table = parabolas({"a": card("a")}, [artefact(study="a")], [runs()])
    found = table.set_index(["surface", "grid"])
    assert found.loc[("symmetric surface", "centred"), "shift"] == pytest.approx(0.0, abs=1e-3)
    own = found.loc[("own surface", "centred")]
    assert own["exponent"] == pytest.approx(LAW["beta"] / (LAW["alpha"] + LAW["beta"]))
    assert own["read_exponent"] == pytest.approx(own["exponent"], abs=1e-3)
    assert (table["failure"] == "").all()


def test_runs_without_budgets_say_why():
    scattered = runs()
    scattered["tokens"] *= np.geomspace(1.0, 1e6, len(scattered))
    table = parabolas({"a": card("a")}, [artefact(study="a")] * 2, [scattered, runs().head(8)])
    assert len(table) == 2
    assert "FLOP budgets" in table["failure"][0] and "8 rows" in table["failure"][1]
