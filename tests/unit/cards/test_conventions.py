"""What the numbers of a fit count: the words of cards are those of run tables."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from scaling_studies.cards.models.conventions import Conventions
from scaling_studies.runs.columns import FLOPS_CONVENTIONS


@pytest.mark.parametrize("convention", FLOPS_CONVENTIONS)
def test_a_card_counts_compute_as_run_tables_do_and_says_nothing_where_it_does_not_know(convention):
    read = TypeAdapter(Conventions).validate_python
    if convention == "unknown":
        with pytest.raises(ValidationError):
            read({"flops": convention})
    else:
        assert read({"flops": convention}).flops == convention
