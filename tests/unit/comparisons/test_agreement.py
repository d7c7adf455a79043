"""Which estimates may be compared, which rest on the same runs, and what steps do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from fit_artefacts import artefact, uncertainty
from made_estimates import estimate, frame

from scaling_studies.cards.models.study import StudyCard
from scaling_studies.comparisons.agreement import (
    ANY,
    BARRED,
    NO_INTERVAL,
    SAME_RUNS,
    WITH_OUTPUT,
    WITHOUT,
    compare_estimates,
)
from scaling_studies.comparisons.estimates import estimates, shared_runs
from scaling_studies.comparisons.ladder import laddered, ladders
from scaling_studies.fits.uncertainty import Interval

TABLE = {
    "file": "a/runs.csv",
    "provenance": "measured",
    "columns": {"params_total": {"from": "n"}},
    "measurements": [{"metric": "loss", "unit": "nats_per_token", "from": "loss"}],
}
FIT = {
    "title": "A fit",
    "law": "additive",
    "response": {"metric": "loss"},
    "axes": {"params": "params_total", "tokens": "tokens"},
}


def card(study: str, **fits: dict[str, Any]) -> StudyCard:
    return StudyCard.rebuilt(
        {"study": study, "title": study, "tables": {"runs": TABLE}}
        | {"fits": {name: FIT | changes for name, changes in fits.items()}}
    )


def rows(seed: int = 0, count: int = 10, **columns: Any) -> pd.DataFrame:
    drawn = np.random.default_rng(seed).uniform(1.0, 2.0, (3, count))
    names = ("params", "tokens", "observed")
    return pd.DataFrame(dict(zip(names, drawn, strict=True)) | columns)


def summary(*some: dict[str, Any], counted_as: str = ANY) -> dict[str, Any]:
    members, groups = compare_estimates(frame(*some))
    (group,) = groups[groups["counted_as"] == counted_as].to_dict("records")
    return group | {"members": members[members["counted_as"] == counted_as]}


def test_the_same_runs_count_once_and_others_say_why_not():
    found = summary(
        estimate("a", 0.5),
        estimate("b", 0.6),
        estimate("c", 0.7),
        estimate("d", 0.9, runs="a/main", n=50),
        estimate("e", 0.1, runs="a/main", source="published", n=900),
        estimate("f", 0.2, None),
        estimate("g", 0.2, allocates=False),
    )
    reasons = dict(zip(found["members"]["study"], found["members"]["reason"], strict=True))
    assert reasons == {
        **dict.fromkeys("abc", ""),
        **dict.fromkeys("de", SAME_RUNS),
        "f": NO_INTERVAL,
        "g": BARRED,
    }
    assert (found["estimates"], found["pooled"], found["studies"]) == (7, 3, 3)
    assert (found["same_runs"], found["no_interval"]) == (2, 1)
    assert found["mean"] == pytest.approx(0.6) and found["i2_low"] > 0.5


def test_of_the_same_runs_the_headline_goes_first():
    one, other = estimate("a", 0.5, headline=False, n=900), estimate("b", 0.6, runs="a/main")
    members = summary(one, other)["members"]
    assert members[members["counts"]]["study"].tolist() == ["b"]


def test_estimates_are_grouped_by_what_n_counts():
    some = [estimate(name, 0.5 + 0.01 * place) for place, name in enumerate("abc")]
    bare = [
        estimate(name, 0.8 + 0.01 * place, params_count="non_embedding")
        for place, name in enumerate("abc")
    ]
    active = estimate("d", 0.5, params_count="active")
    unknown = estimate("e", 0.5, params_count="not stated")
    every = (*some, *bare, active, unknown)
    assert summary(*every, counted_as=WITH_OUTPUT)["pooled"] == 4
    assert summary(*every, counted_as=WITHOUT)["mean"] == pytest.approx(0.81)
    whole = summary(*every)
    assert whole["pooled"] == 8 and whole["tau"] > 0.1
    assert summary(*every, counted_as=WITH_OUTPUT)["tau"] < 0.02


def test_fewer_than_three_studies_are_not_summed_up():
    found = summary(estimate("a", 0.5), estimate("a", 0.6, runs="x"), estimate("b", 0.7))
    assert found["pooled"] == 3 and np.isnan(found["mean"])


def test_loss_exponents_are_compared_within_one_law():
    laws = ("additive", "kaplan")
    some = [estimate("a", 0.3, quantity="alpha", law=law) for law in laws]
    _, groups = compare_estimates(frame(*some))
    assert groups["law"].tolist() == ["additive", "kaplan"]


def test_nothing_to_compare_is_a_table_without_rows():
    members, groups = compare_estimates(frame())
    assert len(members) == len(groups) == 0 and {"counts", "reason"} <= set(members)
    assert len(estimates({}, [], [], [])) == 0 and len(ladders({}, [], [])) == 0


def test_conventions_are_those_of_the_card_else_of_the_rows():
    stated = {"conventions": {"params": "active", "schedule": "constant", "loss": "bits_per_byte"}}
    known = estimates(
        {"a": card("a", f={}), "b": card("b", f=stated)},
        [artefact(study="a"), artefact(study="b")],
        [uncertainty(0.8, alpha=Interval(0.3, 0.4))] * 2,
        [rows(1, dataset="web", flops_convention="reported"), rows(2)],
    )
    first, second = (part.iloc[0] for _, part in known.groupby("study"))
    assert (first["params_count"], first["flops_count"]) == ("total", "6ND_total")
    assert (first["loss_unit"], first["schedule"]) == ("nats_per_token", "not stated")
    assert (second["params_count"], second["flops_count"]) == ("active", "6ND_active")
    assert (second["loss_unit"], second["schedule"]) == ("bits_per_byte", "constant")
    # Half of an 80 % interval of 0.1 over the normal quantile of 90 %.
    assert first["standard_error"] == pytest.approx(0.05 / 1.2815515655446004)


def test_what_shares_runs():
    cards = {name: card(name, f={}) for name in "abc"} | {"d": card("d", f={"published_by": "c"})}
    fits = [artefact(study=name) for name in "abcd"]
    same = rows(1)
    # The second has half of the first's rows, the last is printed by the third.
    points = [same, pd.concat([same.head(5), rows(2, 3)]), rows(3), pd.DataFrame()]
    assert shared_runs(cards, fits, points) == ["a/f", "a/f", "c/f", "c/f"]
    points[1] = pd.concat([same.head(2), rows(2, 8)])
    assert shared_runs(cards, fits, points)[:2] == ["a/f", "b/f"]


def test_fits_of_one_study_share_runs_unless_their_data_sets_differ():
    cards = {"a": card("a", f={}, g={}, h={})}
    fits = [artefact(study="a", fit=name) for name in "fgh"]
    points = [rows(1, dataset="x"), rows(2, dataset="y"), rows(3, dataset="x")]
    assert shared_runs(cards, fits, points) == ["a/f", "a/g", "a/f"]


def test_a_ladder_is_climbed_from_its_foot():
    cards = {
        "a": card(
            "a",
            last={"step": {"from": "next", "change": "two"}},
            foot={},
            next={"step": {"from": "foot", "change": "one"}},
            aside={},
            own={"step": {"quantity": "b_opt", "before": "a_opt", "change": "turned"}},
        )
    }
    assert laddered(cards["a"].fits) == {"foot", "next", "last", "own"}
    values = {"foot": 0.8, "next": 0.6, "last": 0.5, "own": 0.4}
    fits = [
        artefact(study="a", fit=name, quantities={"a_opt": value, "b_opt": 1.0 - value})
        for name, value in values.items()
    ]
    table = ladders(cards, fits, [uncertainty(a_opt=Interval(0.3, 0.9))] * 4)
    climbed = table[table["ladder"] == "foot"]
    assert climbed["fit"].tolist() == ["foot", "next", "last"]
    assert climbed["value"].tolist() == [0.8, 0.6, 0.5]
    assert climbed["before"].tolist()[1:] == [0.8, 0.6] and np.isnan(climbed["before"].iloc[0])
    turned = table[table["ladder"] == "own"]
    assert turned["value"].tolist() == pytest.approx([0.4, 0.6])
    assert np.isnan(turned["low"].iloc[1])
