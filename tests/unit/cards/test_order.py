"""The report goes through one's own runs first, then through topics and years."""

from __future__ import annotations

from pathlib import Path

from scaling_studies.cards.load import load_cards
from scaling_studies.cards.names import OWN_RUNS, by_topic, in_order

FOLDER = Path(__file__).resolve().parents[3] / "config/studies"


def test_own_runs_come_first_under_a_heading_of_their_own():
    cards = load_cards(FOLDER, ("gadre_2024", "hestness_2019", "hoffmann_2022"))
    usual = [card.study for card in in_order(cards)]
    for study in usual:
        own = {**cards, study: cards[study].model_copy(update={"own": True})}
        order = in_order(own)
        assert [card.study for card in order] == [study, *(one for one in usual if one != study)]
        topics = by_topic(order)
        assert next(iter(topics)) == OWN_RUNS
        assert [card.study for card in topics[OWN_RUNS]] == [study]
    assert OWN_RUNS not in by_topic(in_order(cards))
