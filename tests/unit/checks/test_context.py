"""What findings call the quantities of a fit."""

from __future__ import annotations

import pytest
from made_studies import made_fit, made_study


@pytest.mark.parametrize(
    ("law", "quantity", "name"),
    [
        ("additive", "alpha", "α"),
        ("additive", "a_opt", "a (exponent of best size, N* ∝ Cᵃ)"),
        ("additive", "log_A", "natural logarithm of A"),
        ("additive", "alpha_standard_error", "standard error of α"),
        # Without a symbol, or with an index that text has not, the law says what it is.
        ("kaplan", "alpha_N", "exponent of size"),
        ("effective_params", "rise_1", "rise of the log size term from 16 bits to 1 bit"),
        ("effective_params", "eff_2", "share of parameters that count, 2 bits"),
        # What no law knows is named by its id.
        ("additive", "error_at_1b", "error at 1b"),
    ],
)
def test_a_quantity_is_called_by_its_symbol_or_by_what_the_law_says_of_it(law, quantity, name):
    assert made_study(a=made_fit(law=law)).called("a", quantity) == name


def test_the_words_of_the_card_come_first():
    said = {"error_at_1b": "error of the 1B run", "rise_1": "what one bit costs"}
    context = made_study(a=made_fit(law="effective_params", quantity_descriptions=said))
    assert context.called("a", "error_at_1b") == "error of the 1B run"
    assert context.called("a", "rise_1") == "what one bit costs"
