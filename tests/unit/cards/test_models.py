"""Entries of a card as objects: defaults, plain values and back."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from scaling_studies.cards.load import load_cards
from scaling_studies.cards.models.fit import FitEntry, ResolvedFit
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.resolve import resolve_fit

CARDS = load_cards(Path(__file__).resolve().parents[3] / "config/studies")
PLAIN = {"title": "A", "law": "power"}


@pytest.mark.parametrize("study", CARDS)
def test_a_card_is_rebuilt_from_its_plain_values(study):
    card = CARDS[study]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = StudyCard.rebuilt(json.loads(json.dumps(card.as_dict())))
        assert again == card
        for fit_id in card.fits:
            fit = resolve_fit(card, fit_id)
            again = ResolvedFit.rebuilt(json.loads(json.dumps(fit.as_dict())))
            assert again == fit
            assert again.estimator == card.fits[fit_id].estimator


def test_what_is_not_said_is_the_default_and_is_not_written():
    fit = FitEntry.model_validate(PLAIN | {"estimator": "parametric", "resample": {}})
    assert (fit.resample.kind, fit.rows.where, fit.targets) == ("pairs", None, ())
    assert fit.as_dict() == PLAIN


def test_only_the_given_parts_are_written():
    fit = FitEntry.model_validate(PLAIN | {"reading": "A text.", "fixed": {"A": 1}})
    assert fit.given("law", "fixed", "axes").as_dict() == {"law": "power", "fixed": {"A": 1}}


def test_an_entry_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        FitEntry.model_validate(PLAIN).law = "kaplan"


@pytest.mark.parametrize(
    ("estimator", "kind", "expected"),
    [
        ("parametric", "pairs", (True, True, True)),
        ("parametric", "none", (True, True, False)),
        ("evaluate", "pairs", (True, False, False)),
        ("printed", "pairs", (False, False, False)),
    ],
)
def test_what_a_fit_needs_follows_from_how_it_is_made(estimator, kind, expected):
    fit = FitEntry.model_validate(PLAIN | {"estimator": estimator, "resample": {"kind": kind}})
    assert (fit.has_rows, fit.is_fitted, fit.is_resampled) == expected


def test_what_is_drawn_beside_groups_needs_groups():
    resample = {"kind": "cluster", "groups": "budget", "beside": "pairs"}
    assert FitEntry.model_validate(PLAIN | {"resample": resample}).resample.beside == "pairs"
    for kind in ("pairs", "parametric", "stratified", "none"):
        with pytest.raises(ValueError, match="draws no groups"):
            FitEntry.model_validate(PLAIN | {"resample": resample | {"kind": kind}})
