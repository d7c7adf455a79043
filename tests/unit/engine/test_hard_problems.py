"""Noise-free tables that are hard to fit: a wrong optimum is never called converged."""

from __future__ import annotations

import pytest
from hard_problems import hard_problem, misfit, outcome
from hard_truths import HARD

from scaling_studies import registry

#: Problems a law in the everyday run, and in the full one (``-m slow``): 10,000 and more in all.
EVERYDAY, FULL = 2, 540
#: Laws whose fit takes a second, and their problems in the full run.
EXPENSIVE, FULL_OF_THOSE = {"multi_power", "data_constrained", "broken_two"}, 200


def wrong_ones(name: str, seeds: range) -> list[int]:
    return [seed for seed in seeds if outcome(hard_problem(name, seed)) == "wrong"]


def test_every_law_has_hard_problems():
    assert set(HARD) == set(registry.names("laws"))
    many = len(set(HARD) - EXPENSIVE) * FULL + len(EXPENSIVE) * FULL_OF_THOSE
    assert many >= 10_000


@pytest.mark.parametrize("name", sorted(HARD))
def test_a_wrong_optimum_is_not_called_converged(name):
    assert wrong_ones(name, range(1 if name in EXPENSIVE else EVERYDAY)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HARD))
def test_a_wrong_optimum_is_not_called_converged_in_ten_thousand(name):
    assert wrong_ones(name, range(FULL_OF_THOSE if name in EXPENSIVE else FULL)) == []


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("additive", 4),  # both exponents lie below the box that starts are laid in
        ("change_point", 484),  # a fixed constant below -745, which was taken for a logarithm
        ("data_constrained", 184),  # six of 120 starts agreed on another, with E at its bound
        ("change_point", 9),  # twelve rows, of which no trial boundary had enough on either side
    ],
)
def test_problems_that_were_once_called_converged_elsewhere(name, seed):
    fit = hard_problem(name, seed).fit()
    assert fit.converged
    assert misfit(fit) < 1e-6


def test_a_law_with_a_parameter_for_each_row_that_misses_them_is_not_called_converged():
    """Seven of 132 starts agreed on a limit of zero; the truth has another, and no residuals."""
    fit = hard_problem("broken", 538).fit()
    assert fit.n == len(fit.parameters)
    assert not fit.converged
    assert any("6 rows and 6 free parameters" in message for message in fit.messages)
