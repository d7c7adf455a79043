"""Conventions and steps of a card that contradict themselves."""

from __future__ import annotations

import copy

import pytest
import yaml
from malformed import CARD, STUDY

from scaling_studies.cards.load import load_card
from scaling_studies.cards.resolve import resolve_fit
from scaling_studies.errors import CardError

PRINTED = {"title": "As printed", "law": "additive", "estimator": "printed"}
CONSTANTS = {"E": 1.0, "A": 1.0, "B": 1.0, "alpha": 0.3, "beta": 0.3}


def load(tmp_path, **changes):
    card = copy.deepcopy(CARD)
    card["fits"]["printed"] = PRINTED | {"fixed": CONSTANTS}
    card["fits"]["size"] = PRINTED | {"law": "compute_optimal", "fixed": {"G": 0.1, "a": 0.5}}
    for fit, keys in changes.items():
        card["fits"][fit] |= keys
    path = tmp_path / f"{STUDY}.yaml"
    path.write_text(yaml.safe_dump(card), encoding="utf-8")
    return load_card(path)


def step(**keys):
    return {"step": {"change": "a change"} | keys}


def best(gives, **keys):
    return {"conventions": {"optimum": {"gives": gives} | keys}}


def test_an_optimum_over_compute_is_read(tmp_path):
    card = load(tmp_path, size=best("params", tokens="size", unit="PF-days"))
    optimum = card.fits["size"].conventions.optimum
    assert (optimum.gives, optimum.tokens, optimum.unit) == ("params", "size", "PF-days")


def test_a_step_and_conventions_are_no_reason_to_fit_again(tmp_path):
    said = step(**{"from": "printed"}) | {"conventions": {"params": "total"}}
    card = load(tmp_path, refit=said)
    assert card.fits["refit"].step.from_ == "printed"
    plain = load(tmp_path)
    assert resolve_fit(card, "refit") == resolve_fit(plain, "refit")


@pytest.mark.parametrize(
    ("changes", "said", "key"),
    [
        ({"refit": step(**{"from": "refitt"})}, "unknown fit 'refitt'", "fits.refit.step.from"),
        ({"refit": step()}, "from a number to itself", "fits.refit.step"),
        ({"refit": step(before="a_opt")}, "from a number to itself", "fits.refit.step"),
        (
            {"refit": step(before="a_optt")},
            "unknown quantity 'a_optt'",
            "fits.refit.step.before",
        ),
        (
            {"refit": step(quantity="aopt", before="a_opt")},
            "unknown quantity 'aopt'",
            "fits.refit.step.quantity",
        ),
        (
            {"line": step(quantity="A", before="a_opt", **{"from": "line"})},
            "unknown quantity 'a_opt'",
            "fits.line.step.before",
        ),
        ({"refit": step(**{"from": "refit"})}, "back to it", "fits.refit.step.from"),
        (
            {"refit": step(**{"from": "printed"}), "printed": step(**{"from": "refit"})},
            "back to it",
            "fits.printed.step.from",
        ),
        (
            {"refit": {"conventions": {"params": "totl"}}},
            "'totl' is not allowed",
            "fits.refit.conventions.params",
        ),
        (
            {"refit": {"conventions": {"loss": "nats_per_tokn"}}},
            "'nats_per_tokn' is not allowed",
            "fits.refit.conventions.loss",
        ),
        ({"refit": best("params")}, "is no optimum over compute", "fits.refit.conventions.optimum"),
        (
            {"size": best("param")},
            "'param' is not allowed",
            "fits.size.conventions.optimum.gives",
        ),
        (
            {"size": best("params", tokens="refitt")},
            "unknown fit 'refitt'",
            "fits.size.conventions.optimum.tokens",
        ),
        (
            {"size": best("params", tokens="refit")},
            "the fit refit is no optimum",
            "fits.size.conventions.optimum.tokens",
        ),
        (
            {"size": best("tokens", tokens="size")},
            "stands with tokens",
            "fits.size.conventions.optimum.tokens",
        ),
    ],
)
def test_contradictions_are_one_line_with_a_fix(tmp_path, changes, said, key):
    with pytest.raises(CardError, match=said) as caught:
        load(tmp_path, **changes)
    assert caught.value.place["key"] == key and caught.value.fix
