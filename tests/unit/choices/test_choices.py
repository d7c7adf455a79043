"""The same fit under every combination of choices."""

from __future__ import annotations

import chinchilla
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import huber

from scaling_studies.cards.models.study import LawEntry
from scaling_studies.choices import universes as solved
from scaling_studies.choices.rows import (
    AS_THE_CARD,
    EVERY,
    GROUP_LEFT_OUT,
    outlier_choices,
    row_choices,
)
from scaling_studies.choices.summary import CURVES, answers, summarise
from scaling_studies.choices.table import choices_of, chosen_fits
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Interval, Uncertainty
from scaling_studies.laws import get_law
from scaling_studies.models.posynomial import Posynomial

HOFFMANN = {
    "E": 1.69337368,
    "A": 406.401018,
    "B": 410.722827,
    "alpha": 0.33917084,
    "beta": 0.2849083,
}


def published() -> FitArtefact:
    return FitArtefact(
        study="besiroglu_2024",
        fit="hoffmann_published",
        title="",
        law="additive",
        formula="",
        estimator="evaluate",
        objective=None,
        n=240,
        n_held_out=5,
        parameters=HOFFMANN,
        fixed=HOFFMANN,
        objective_value=None,
        quantities={},
    )


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return choices_of(
        "besiroglu_2024",
        {"huber_sum": chinchilla.entry()},
        {"hoffmann_published": published()},
        {"huber_sum": chinchilla.points()},
    )


def test_chinchillas_points_span_six_to_sixty_tokens_per_parameter(table):
    usable = table[table["usable"] & (table["estimator"] != "published")]
    ratio = usable["tokens_per_parameter"]
    assert (usable["at_flops"] == 5.88e23).all() and len(usable) >= 2000
    assert ratio.min() <= 6.0 and ratio.max() >= 60.0
    card = table[table["as_the_card"]]
    assert card["tokens_per_parameter"].tolist() == pytest.approx([17.9107], rel=1e-4)
    theirs = table[(table["estimator"] == "published") & (table["constants"] == "as given")]
    assert theirs["tokens_per_parameter"].tolist() == pytest.approx([59.04], rel=1e-3)
    rounded = table[table["constants"] == "rounded to 2 digits"]["tokens_per_parameter"]
    assert rounded.tolist() == pytest.approx([89.73], rel=1e-3)


def test_the_universe_of_the_card_is_its_fit(table):
    card = table[table["as_the_card"]].iloc[0]
    assert card["objective_value"] == pytest.approx(0.001018274017801, rel=1e-9)
    assert card["alpha"] == pytest.approx(0.3473105, rel=1e-6)
    assert card["converged"] and card["identified"] and card["n"] == 240


def _residuals(rows: pd.DataFrame, vector: np.ndarray, tied: bool) -> np.ndarray:
    e, a, b, alpha = vector[:4]
    beta = alpha if tied else vector[4]
    law = np.exp(e) + np.exp(a) * rows["params"] ** -alpha + np.exp(b) * rows["tokens"] ** -beta
    return (np.log(law) - np.log(rows["observed"])).to_numpy()


def test_no_descent_from_a_universe_goes_lower(table):
    points = chinchilla.points()
    masks = {
        (outliers, rows): one & other
        for outliers, one in outlier_choices(points).items()
        for rows, other in row_choices(points).items()
    }
    usable = table[(table["estimator"] == "minimisation") & table["objective"].str.contains("log")]
    usable = usable[usable["objective"].str.contains("0.01|0.1|squared")]
    for _, universe in usable.iloc[:: len(usable) // 25].iterrows():
        rows = points[masks[universe["outliers"], universe["rows"]]]
        assert len(rows) == universe["n"]
        name, tied = universe["objective"], universe["exponents"] == "tied"
        delta = None if name == "squared_log" else float(name.split("=")[1].rstrip(")"))

        def loss(vector, rows=rows, delta=delta, tied=tied):
            residual = _residuals(rows, vector, tied)
            return (residual**2).sum() if delta is None else huber(delta, residual).sum()

        start = [*np.log(universe[["E", "A", "B"]].astype(float)), universe["alpha"]]
        start += [] if tied else [universe["beta"]]
        assert loss(np.array(start)) == pytest.approx(universe["objective_value"], rel=1e-9)
        lowest = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000}).fun
        assert universe["objective_value"] <= lowest * (1 + 1e-6)


def test_answers_do_not_depend_on_how_universes_are_divided(monkeypatch):
    points = chinchilla.points().iloc[::4].reset_index(drop=True)
    whole = solved.universes(chinchilla.entry(), points)
    monkeypatch.setattr(solved, "BLOCK", 7)
    pd.testing.assert_frame_equal(solved.universes(chinchilla.entry(), points), whole)


def varied_at_once(found: pd.DataFrame) -> int:
    """Most choices of objective, outliers and rows by which a universe differs from the card."""
    first = found["objective"].iloc[0]
    apart = [found["objective"] != first, found["outliers"] != AS_THE_CARD, found["rows"] != EVERY]
    return int(sum(change.astype(int) for change in apart).max())


def test_choices_of_a_small_table_are_combined():
    assert varied_at_once(solved.universes(chinchilla.entry(), chinchilla.points())) == 3


def test_outliers_and_rows_of_a_large_table_are_varied_one_at_a_time(monkeypatch):
    monkeypatch.setattr(solved, "CROSSED", 0)
    found = solved.universes(chinchilla.entry(), chinchilla.points())
    assert not ((found["outliers"] != AS_THE_CARD) & (found["rows"] != EVERY)).any()
    assert varied_at_once(found) == 2 and found["rows"].nunique() > 5


def test_choices_of_a_law_that_takes_a_search_each_are_varied_one_at_a_time():
    entry = chinchilla.entry().model_copy(update={"law": "kaplan"})
    assert not isinstance(get_law("kaplan").model, Posynomial)
    found = solved.universes(entry, chinchilla.points().iloc[::4].reset_index(drop=True))
    assert varied_at_once(found) == 1
    assert {"objective", "outliers", "rows"} <= {*found} and found["objective"].nunique() > 3
    assert not found["rows"].str.startswith(GROUP_LEFT_OUT).any()


def test_a_universe_without_an_answer_says_why():
    few = chinchilla.points()
    few = few[few["role"] == "fit"].iloc[:6].reset_index(drop=True)
    found = solved.universes(chinchilla.entry(), few)
    short = found[found["n"] <= 4]
    assert len(short) and (short["failure"].str.contains("rows for [45] parameters")).all()
    assert not short["converged"].any() and short["alpha"].isna().all()
    negative = few.assign(observed=-few["observed"])
    found = solved.universes(chinchilla.entry(), negative)
    logs = found["objective"].str.contains("log")
    assert found.loc[logs, "failure"].str.contains("not defined at").all()


def test_rows_that_a_choice_would_not_change_are_no_choice():
    points = chinchilla.points()
    only = points[points["role"] == "fit"].assign(tokens=lambda t: 50 * t["params"])
    assert "all rows" not in outlier_choices(only)
    assert not [name for name in row_choices(only) if "tokens per parameter" in name]
    assert row_choices(only)[EVERY].all()


def test_checkpoints_of_one_run_may_be_left_out():
    points = chinchilla.points().assign(run_id=lambda t: t.index // 2)
    last = row_choices(points)["last checkpoints"]
    assert (points[last].groupby("run_id").size() >= 1).all() and last.sum() < len(points)
    first = points.groupby("run_id")["tokens"].transform("max") > points["tokens"]
    assert not last[first].any()


def test_a_headline_fit_is_varied_and_reduced_rows_are_not():
    entry = chinchilla.entry()
    assert chosen_fits({"a": entry, "b": entry.given("law", "estimator")}, {}) == ["a"]


def test_a_law_that_is_only_evaluated_and_no_headline_is_not_fitted():
    evaluated = chinchilla.entry().model_copy(update={"headline": None, "estimator": "evaluate"})
    fitted = chinchilla.entry().model_copy(update={"headline": None})
    law = LawEntry(name="A law", fits=("a", "b"), sentences=())
    assert chosen_fits({"a": evaluated}, {"law": LawEntry(name="A", fits=("a",))}) == []
    assert chosen_fits({"a": evaluated, "b": fitted}, {"law": law}) == ["b"]


def test_the_summary_holds_sampling_against_choice(table):
    interval = Interval(low=0.4, high=0.6, standard_error=0.05)
    known = Uncertainty(
        study="besiroglu_2024",
        fit="huber_sum",
        kind="pairs",
        reason=None,
        resamples=100,
        level=0.95,
        converged_share=1.0,
        intervals={"a_opt": interval},
    )
    found = summarise(table, {"huber_sum": chinchilla.entry()}, {"huber_sum": known})
    row = found[found["quantity"] == "a_opt"].iloc[0]
    usable = table[table["usable"] & (table["estimator"] != "published")]["a_opt"]
    assert row["inside"] == pytest.approx(usable.between(0.4, 0.6).mean())
    assert row["lowest"] == usable.min() and row["highest"] == usable.max()
    assert row["estimate"] == pytest.approx(0.5139, rel=1e-4)
    assert row["largest_choice"] and row["largest_value"] != row["estimate"]
    other = table[table["as_the_card"]].assign(size="params_non_embedding", as_the_card=False)
    moved = pd.concat([table, other.assign(a_opt=5.0)], ignore_index=True)
    found_elsewhere = summarise(moved, {"huber_sum": chinchilla.entry()}, {"huber_sum": known})
    said = found_elsewhere.set_index("quantity").loc["a_opt", "largest_option"]
    assert said == "N counts parameters without embeddings"
    # Another objective is no other estimator, and options stand in words.
    projected = table[table["as_the_card"]].assign(estimator="variable projection, log loss")
    projected = projected.assign(as_the_card=False, a_opt=6.0)
    changed = table[table["as_the_card"]].assign(objective="another", as_the_card=False, a_opt=7.0)
    moved = pd.concat([table, projected, changed], ignore_index=True)
    found_elsewhere = summarise(moved, {"huber_sum": chinchilla.entry()}, {"huber_sum": known})
    row = found_elsewhere.set_index("quantity").loc["a_opt"]
    assert (row["largest_choice"], row["largest_option"]) == ("objective", "another")
    moved = pd.concat([table, projected], ignore_index=True)
    found_elsewhere = summarise(moved, {"huber_sum": chinchilla.entry()}, {"huber_sum": known})
    said = found_elsewhere.set_index("quantity").loc["a_opt", "largest_option"]
    assert said == "coefficients solved for, squared error of its logarithm"
    ratio = found[found["quantity"] == "tokens_per_parameter"].iloc[0]
    assert np.isnan(ratio["sampling_low"]) and ratio["at_flops"] == 5.88e23


def test_answers_are_those_of_usable_universes_and_of_what_is_printed(table):
    each = answers(table)
    for quantity in CURVES:
        values = each[each["quantity"] == quantity]
        usable = table["usable"] & (table["estimator"] != "published") & table[quantity].notna()
        refits = values[values["estimator"] != "published"]
        assert refits["value"].tolist() == sorted(table.loc[usable, quantity])
        printed = values[values["estimator"] == "published"]
        assert printed["constants"].tolist() == ["as given"]
    assert answers(pd.DataFrame()).empty
    assert list(answers(pd.DataFrame()).dtypes) == list(each.dtypes)
