"""Formulas as MathML: every law's, well formed, nothing lost; symbols and names of quantities."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_studies.cards.names import quantity_name
from scaling_studies.laws import laws
from scaling_studies.pages.formulas import GREEK, formula, symbol

ENTITIES = {"&InvisibleTimes;": "\u2062", "&ApplyFunction;": "\u2061", "&nbsp;": " "}
LAWS = laws()
NAMES = st.sampled_from(["A", "N", "alpha", "N_c", "R_D*", "D'", "x", "2", "0.5", "c0"])


def tree(html: str) -> ElementTree.Element:
    for entity, sign in ENTITIES.items():
        html = html.replace(entity, sign)
    return ElementTree.fromstring(f"<div>{html}</div>")


def letters(text: str) -> list[str]:
    """Letters and digits of a text, in any order: a fraction and an index change their places."""
    return sorted(re.findall(r"[^\W_]", text))


@pytest.mark.parametrize("name", LAWS)
def test_the_formula_of_every_law_is_whole(name: str) -> None:
    text = LAWS[name].formula
    shown = "".join(tree(formula(text)).itertext())
    spelled = re.sub(r"[A-Za-z]+", lambda found: GREEK.get(found[0], found[0]), text)
    spelled = re.sub(r"(?<=_)inf|\bsum|\bprod", "", spelled.replace("_", " _"))
    assert letters(re.sub(r"[∞∑∏]", "", shown)) == letters(spelled.replace("_ inf", ""))


@st.composite
def formulas(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0:
        return draw(NAMES)
    inner = formulas(depth - 1)
    kind = draw(
        st.sampled_from(["{0} {1}", "{0} + {1}", "({0}) / ({1})", "({0})^({1})", "exp({0})"])
    )
    return kind.format(draw(inner), draw(inner))


@given(formulas())
def test_any_formula_gives_a_well_formed_element(text: str) -> None:
    shown = tree(formula(text))
    assert {item.tag for item in shown} == {"math"}
    for item in shown.iter():
        if item.tag in {"mfrac", "msup", "msub"}:
            assert len(item) == 2
        if item.tag == "msubsup":
            assert len(item) == 3


def test_a_long_formula_may_go_on_in_a_new_line_where_terms_are_added() -> None:
    short, long = (
        "L = E + A N^-alpha",
        "L = E + A (N - 1)^-alpha - B D^-beta, D = U + R and then more",
    )
    assert len(tree(formula(short))) == 1
    parts = ["".join(item.itertext()).strip() for item in tree(formula(long))]
    assert [part[0] for part in parts] == ["L", "+", "−", "D", "+"] and parts[2].endswith(",")
    # At the head of an element a sign would lose its space.
    assert formula(long).count('<mo form="infix">') == 3


@given(st.text(max_size=30))
def test_no_text_breaks_the_page(text: str) -> None:
    shown = formula(text)
    assert "<script" not in shown and shown.startswith("<math>") and shown.endswith("</math>")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("alpha", "α"), ("N_c", "Nc"), ("R_D_star", "RD∗"), ("L_inf", "L∞"), ("c0", "c0")],
)
def test_symbols(name: str, shown: str) -> None:
    assert "".join(tree(symbol(name)).itertext()) == shown


def test_no_quantity_keeps_the_underscores_of_its_id() -> None:
    for law in LAWS.values():
        meanings = {item.name: item.meaning for item in law.parameters}
        for name in [*meanings, *law.derived, "objective_value", "held_out_error"]:
            called = quantity_name(name, meanings)
            assert called.symbol or called.words
            assert "_" not in called.words
            if called.symbol:
                assert "_" not in "".join(tree(formula(called.symbol)).itertext())
            for known in (meanings, None):
                for said in (name, f"log_{name}", f"log_{name}_standard_error"):
                    assert "_" not in quantity_name(said, known).plain


def test_what_reads_as_no_symbol_is_said_in_words():
    known = {item.name: item.meaning for item in LAWS["effective_params"].parameters}
    assert quantity_name("rise_1_plain", known).symbol == ""
    assert quantity_name("eff_4", known).plain == "share of parameters that count, 4 bits"
    assert quantity_name("slope", {"slope": "slope"}).plain == "slope"
    assert quantity_name("R_D_star", {"R_D_star": "repetitions"}).symbol == "R_D_star"


def test_a_prime_has_the_size_of_its_letter() -> None:
    for text in ("L = D'", "L = N'^-alpha", "L = m_b'"):
        shown = str(formula(text))
        assert shown.count("′</mo></mrow>") == 1 and "<mo>′" not in shown
