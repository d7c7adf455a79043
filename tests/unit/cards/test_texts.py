"""Texts of figures whose placeholders no job could fill."""

from __future__ import annotations

import copy

import pytest
from malformed import CARD, STUDY

from scaling_studies.cards.meaning import meaning_problems
from scaling_studies.cards.models.study import StudyCard


def problems(**texts: str) -> list[str]:
    card = copy.deepcopy(CARD)
    card["figures"]["residuals"] |= texts
    return [str(problem) for problem in meaning_problems(StudyCard.model_validate(card), STUDY)]


@pytest.mark.parametrize(
    "text",
    [
        "α = {refit.alpha:.3f} ({refit.alpha.low:.3g} to {refit.alpha.high:.3g})",
        "{refit.twice}, {refit.a_opt:+.1%}, {refit.n:,d} runs, {refit.objective_value:.2e}",
        "written {{so}}",
    ],
)
def test_numbers_of_the_figures_fits_are_taken(text):
    assert not problems(title=text, caption=text, alt=text)


@pytest.mark.parametrize("key", ["title", "neutral", "subtitle", "caption", "finding", "alt"])
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{line.alpha:.2f}", "{line.alpha}"),
        ("{refit.gamma:.2f}", "{refit.gamma}"),
        ("{none.alpha:.2f}", "{none.alpha}"),
        ("{alpha}", "{alpha}"),
        ("{refit.alpha:>9}", "format"),
        ("{refit.alpha!r}", "format"),
        ("10^{9}", "{9}"),
        ("a brace { alone", "stray brace"),
    ],
)
def test_a_text_that_no_job_could_fill_is_refused_before_one_runs(key, text, word):
    more = {"claim": "{refit.alpha} > 0", "neutral": "Residuals"} | {key: text}
    (problem,) = problems(**more)
    assert f"figures.residuals.{key}" in problem and word in problem and "Fix: " in problem


@pytest.mark.parametrize(
    ("claim", "word"),
    [
        ("{refit.alpha} + 1", "is no statement"),
        ("min({refit.alpha}, 1) > 0", "is not arithmetic"),
        ("{refit.alpha:.2f} > 0", "placeholder"),
        ("{line.alpha} > 0", "{line.alpha}"),
        ("alpha > 0", "unknown quantity 'alpha'"),
        ("{refit.alpha} >", "is not arithmetic"),
        ("{refit.alpha > 0", "stray brace"),
    ],
)
def test_a_claim_that_is_no_statement_is_refused(claim, word):
    (problem,) = problems(claim=claim, neutral="Residuals")
    assert "figures.residuals.claim" in problem and word in problem
