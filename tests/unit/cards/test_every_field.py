"""Any text and number at every place that the models of a card describe."""

from __future__ import annotations

import json
from typing import Any

import pytest
from card_fields import KEY, PLACES, PROSE, with_value
from hypothesis import given, settings
from hypothesis import strategies as st
from snakemake.io import PeriodicityDetector

from scaling_studies.cards.load import validated
from scaling_studies.cards.meaning import meaning_problems
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.plain_yaml import check_plain
from scaling_studies.errors import CardError

TEXTS = (
    *("{9}", "{study}", "{{x}}", "}{", "{*}", "$10^{9}$", "{% x %}", "{wildcards.fit}", "%s", "*"),
    *("<mapping>", "<list>", "<", "[key]", "<script>", "]]>", "&amp;", "\x00", "\x1b[2J", "\u202e"),
    *("\ud800", "\uffff", "\r\n", "\t", " ", "", "not *", "not", "like", "defaults", "rest"),
    *("1e999", "nan", "-inf", "1_0", "9" * 400, "1/0", "__class__", "../..", "/", "\\", "a" * 3000),
)
NUMBERS = st.floats() | st.integers() | st.sampled_from([10**400, -(10**400), 5e-324, 1e308, True])
TEXT = st.sampled_from(TEXTS) | st.text(max_size=12)


def refusals(place: tuple[str, ...], value: Any) -> list[str] | None:
    """What is wrong with a card that has a value at a place, in lines; None when it is taken."""
    study, document = with_value(place, value)
    try:
        check_plain(document)
    except CardError as error:
        return [str(CardError(error.problem, study=study, fix=error.fix, **error.place))]
    try:
        card = validated(StudyCard, document, study)
    except CardError as error:
        return [str(error)]
    # What a job gets of it is the same.
    assert StudyCard.rebuilt(json.loads(json.dumps(card.as_dict()))) == card
    return [str(problem) for problem in meaning_problems(card, study)] or None


def check(place: tuple[str, ...], value: Any) -> None:
    for line in refusals(place, value) or ():
        assert line.isprintable() and line.startswith("study ") and len(line) < 5000
        assert "Fix: " in line


def test_the_places_are_those_of_the_models():
    assert len(PLACES) > 200 and len(PROSE) > 30
    assert {("title",), ("fits", "{}", "targets", "[]", "where"), ("laws", KEY)} <= {*PLACES}


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_braces_signs_and_digits_at_every_place(place):
    for value in ("{9} $10^{9}$ {{x}} }", "<mapping>", "\x1b\ud800\u202e", "9" * 400):
        check(place, value)
    if place[-1] != KEY:
        check(place, 10**400)


@settings(max_examples=120)
@given(place=st.sampled_from(PLACES), value=TEXT | NUMBERS | st.lists(TEXT | NUMBERS, max_size=2))
def test_anything_at_any_place(place, value):
    if place[-1] != KEY or isinstance(value, str):
        check(place, value)


@pytest.mark.parametrize("place", [place for place in PROSE if place[0] != "figures"], ids=".".join)
def test_prose_may_be_any_printable_text(place):
    found = refusals(place, "{9} $10^{9}$ <b> }{ 100 % 'so' é")
    assert found is None or all("is missing" in line for line in found), found


@pytest.mark.parametrize("key", ["<<citation", "<mapping>", "<", "[key]", "{9}"])
@pytest.mark.parametrize(
    "place", [(), ("citation",), ("fits", "{}"), ("fits", "{}", "response")], ids=".".join
)
def test_an_unknown_key_is_named_whatever_its_signs(place, key):
    (line,) = refusals((*place, key), 1)
    assert f"unknown key {key!r}" in line and line.count("Fix: ") == 1


#: Snakemake refuses, and with it the whole run, what looks like a rule that feeds on itself.
PERIODIC = PeriodicityDetector()


@settings(max_examples=100)
@given(
    place=st.sampled_from([("study",), *[(part, KEY) for part in ("tables", "fits", "figures")]]),
    start=st.text(alphabet="ab", max_size=3),
    part=st.text(alphabet="ab_0", min_size=1, max_size=4),
    times=st.integers(15, 25),
)
def test_a_name_that_snakemake_would_not_take_is_refused(place, start, part, times):
    name = f"a{start}{part * times}"[:64]
    taken = all("never ends" not in line for line in refusals(place, name) or ())
    assert taken == (PERIODIC.is_periodic(name) is None)
