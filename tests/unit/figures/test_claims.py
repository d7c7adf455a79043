"""Titles that claim something hold on what was built, or give way to one that claims nothing."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_figures import context_of, entry_of, inputs_of
from made_estimates import agreement_tables
from simulated_artefacts import CARD, STUDY

from scaling_studies import figures
from scaling_studies.cards import load
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.errors import CardError
from scaling_studies.figures.claims import (
    ALLOCATIONS,
    allocations,
    claim_holds,
    number_of_agreement,
    number_of_allocation,
    number_of_plans,
    number_of_points,
)

#: Words by which a caption says something of what was found, which belongs into `finding`.
FOUND = {
    "bend", "bends", "overlap", "overlaps", "differ", "differs", "miss", "misses", "agree",
    "agrees", "falls", "decides", "higher", "faster", "slower", "steeper", "flatter", "already",
}  # fmt: skip
ROOT = Path(__file__).resolve().parents[3]
CARDS = {
    path.stem: load.load_card(path) for path in sorted((ROOT / "config/studies").glob("*.yaml"))
}
ENTRIES = [(study, name) for study, card in CARDS.items() for name in card.figures]
COMPARISONS = load.load_comparisons(ROOT / "config/comparisons.yaml")
#: Words by which a title says something of what was found.
VERBS = {
    "is", "are", "does", "do", "comes", "come", "grows", "grow", "falls", "fall", "holds", "hold",
    "misses", "miss", "moves", "move", "differ", "differs", "predict", "predicts", "lie", "lies",
    "follow", "follows", "gives", "give", "buys", "takes", "turns", "agree", "imply",
    "implies", "decides", "improve", "determine", "needs", "stays", "levels", "asks", "ask",
    "has", "have",
}  # fmt: skip


def test_a_title_gives_way_when_an_artefact_changes(results: Path) -> None:
    context = context_of(
        results,
        "residuals",
        title="α is {refit.alpha:.2f}",
        claim="abs({refit.alpha} - 0.34) < 0.1 and {refit.alpha.low} < {refit.alpha.high}",
        neutral="Residuals of the law",
        finding="It lies near the truth.",
        fits=["refit"],
    )
    fit = context.fits["refit"]
    assert context.claim_holds and context.title == f"α is {fit.quantities['alpha']:.2f}"
    assert context.meta()["caption"].endswith("It lies near the truth.")
    context.fits["refit"] = replace(fit, quantities=fit.quantities | {"alpha": 0.9})
    assert context.title == "Residuals of the law"
    meta = context.meta()
    assert meta["claim_holds"] is False and meta["caption"] == "What to see."


@pytest.mark.parametrize(
    "changes",
    [{"claim": "{refit.alpha} > 0"}, {"neutral": "Residuals"}, {"finding": "It is so."}],
)
def test_a_claim_needs_its_way_out(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="stands without"):
        FigureEntry.model_validate(entry_of("residuals").model_dump(exclude_unset=True) | changes)


@pytest.mark.parametrize("claim", ["{refit.no_such} > 0", "{refit.alpha}", "refit > 1", "{x} ="])
def test_a_claim_that_says_nothing_is_refused(claim: str, results: Path) -> None:
    context = context_of(results, "residuals", claim=claim, neutral="N", fits=["refit"])
    with pytest.raises(CardError):
        context.claim_holds  # noqa: B018


def test_the_build_says_which_title_does_not_hold(results, tmp_path, caplog) -> None:
    context = context_of(results, "residuals", claim="{refit.alpha} < 0", neutral="N")
    assert context.claim_holds is False
    figures.draw_all(
        STUDY,
        {"residuals": context.entry},
        inputs_of(results),
        {"residuals": tmp_path / "residuals.svg"},
        cards={STUDY: StudyCard.rebuilt(CARD)},
        provenance=lambda _: {},
    )
    assert "the title of residuals does not hold: {refit.alpha} < 0" in caplog.text


@pytest.mark.parametrize(("study", "name"), ENTRIES)
def test_every_title_of_a_card_that_says_something_has_a_claim(study: str, name: str) -> None:
    entry = CARDS[study].figures[name]
    for text in filter(None, (entry.neutral, None if entry.claim else entry.title)):
        assert not VERBS & set(text.lower().replace(",", " ").split()), text
        assert "{" not in text


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_title_of_a_comparison_that_says_something_has_a_claim(name: str) -> None:
    entry = COMPARISONS[name]
    for text in filter(None, (entry.neutral, None if entry.claim else entry.title)):
        assert not {"differ", "agree", "is", "come", "ask"} & set(text.lower().split()), text


@pytest.mark.parametrize(("study", "name"), ENTRIES)
def test_a_caption_says_what_was_found_in_its_finding(study: str, name: str) -> None:
    for sentence in re.split(r"(?<=[.;:])\s+", CARDS[study].figures[name].caption):
        if "{" not in sentence:
            assert not FOUND & set(re.findall(r"\w+", sentence.lower())), sentence


@pytest.mark.parametrize("study", CARDS)
def test_a_sentence_on_a_law_without_numbers_has_a_condition(study: str) -> None:
    """So that none is said of a law whose verdict or numbers have changed."""
    for law in CARDS[study].laws.values():
        for sentence in law.sentences:
            assert "{" in sentence.say or sentence.when or sentence.verdict, sentence.say


@pytest.mark.parametrize(("study", "name"), ENTRIES)
def test_every_claim_can_fail(study: str, name: str) -> None:
    """With numbers that are none, no claim holds, so that its neutral title is shown."""
    entry = CARDS[study].figures[name]
    if entry.claim:
        assert not claim_holds(entry.claim, lambda *_: math.nan, CardError)


def test_numbers_of_points() -> None:
    points = pd.DataFrame(
        {
            "role": ["fit", "fit", "fit", "held_out", "held_out"],
            "relative_residual": [-0.1, -0.2, 0.3, 0.5, np.nan],
        }
    )
    found = {
        name: number_of_points(points, name)
        for name in ("share_above", "residual_median", "held_out_mean", "held_out_worst", "other")
    }
    assert found == {
        "share_above": 2 / 3,
        "residual_median": -0.1,
        "held_out_mean": 0.5,
        "held_out_worst": 0.5,
        "other": None,
    }
    assert number_of_points(points.head(3), "held_out_mean") is None
    assert number_of_points(None, "share_above") is None


def test_laws_of_the_best_size_alone_are_counted_apart() -> None:
    frame = pd.DataFrame({"params_opt": [1.0, 2.0], "loss_opt": [2.5, np.nan]})
    found = {name: list(allocations(frame, name)["params_opt"]) for name in ALLOCATIONS}
    assert found == {"allocation": [1.0], "best_sizes": [2.0]}


def test_numbers_of_allocations() -> None:
    frame = pd.DataFrame({"flops": [1e20, 1e20, 1e22], "params_opt": [1.0, 4.0, np.nan]})
    assert number_of_allocation(frame, "params_opt_spread_at_1e20") == 4.0
    assert number_of_allocation(frame, "params_opt_least_at_1e20") == 1.0
    assert number_of_allocation(frame, "params_opt_most_at_1e22") is None
    none = frame.iloc[:0]
    assert math.isnan(number_of_allocation(none, "params_opt_spread_at_1e20") or 0.0)
    assert number_of_allocation(none, "params_optt_spread_at_1e20") is None
    for name in (
        "params_opt",
        "nothing_least_at_1e20",
        "params_opt_least_at_x",
        "params_opt_x_at_1",
    ):
        assert number_of_allocation(frame, name) is None
    assert math.isfinite(number_of_allocation(frame, "params_opt_spread_at_1e20"))


def test_numbers_of_plans() -> None:
    plan = {"purpose": "serving", "amount": 1e13, "asked": 1e22}
    frame = pd.DataFrame([plan | {"size": size} for size in (0.1, 0.2, 0.6)])
    other = [plan | {"asked": 1e24}, plan | {"amount": 1e12}, plan | {"purpose": "over_trained"}]
    frame = pd.concat([frame, pd.DataFrame(other).assign(size=9.0)])
    found = [
        number_of_plans(frame, f"serving_1e13_size_{which}_at_1e22")
        for which in ("least", "median", "most")
    ]
    assert found == [0.1, 0.2, 0.6]
    assert number_of_plans(frame, "over_trained_1e13_size_most_at_1e22") == 9.0
    assert math.isnan(number_of_plans(frame, "serving_1e13_size_most_at_1e20") or 0.0)
    assert math.isnan(number_of_plans(frame.iloc[:0], "serving_1e13_size_most_at_1e22") or 0.0)
    for name in ("serving_1e13_sise_most_at_1e22", "serving_1e13_size_at_1e22", "size"):
        assert number_of_plans(frame, name) is None


#: Table and name of a number in the titles of agreement, and its value for the made-up studies.
NUMBERS = {
    ("agreement", "a_opt_output_pooled"): 4.0,
    ("ladders", "largest"): 0.2,
    ("cross_predictions", "others"): 0.0105,
    ("cross_predictions", "own"): 0.0045,
    ("parabolas", "exponent"): 0.04,
    ("noise_floor", "least"): 0.001349,
    ("noise_floor", "most"): 0.002698,
    ("board", "least_near"): 0.01,
    ("board", "least_far"): 0.08,
    ("choices", "choices_width_a_opt"): 0.12,
    ("choices", "sampling_width_a_opt"): 0.1,
    ("choices", "most_choices_high_tokens_per_parameter"): 1280.0,
    ("choices", "most_usable_a_opt"): 6.0,
    ("run_map", "studies"): 3.0,
    ("run_map", "reach_6e22"): 1.0,
    ("run_map", "reach_6e18"): 3.0,
    ("run_map", "reach_1e23"): 0.0,
}


@pytest.mark.parametrize(("place", "value"), NUMBERS.items())
def test_numbers_of_agreement(place: tuple[str, str], value: float) -> None:
    table, name = place
    frame = agreement_tables()[table]
    assert number_of_agreement(frame, name) == pytest.approx(value)
    assert number_of_agreement(frame, "nothing") is None
    # A run without such rows shows the neutral title.
    assert math.isnan(number_of_agreement(frame.iloc[:0], name) or 0.0)
