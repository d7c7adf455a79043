"""Targets of a card name quantities that the judging fit has."""

import pytest
import yaml

from scaling_studies.cards.load import load_card
from scaling_studies.errors import CardError

CARD = {
    "study": "made_2020",
    "title": "Made up",
    "citation": {"authors": "Nobody", "year": 2020, "title": "Made up"},
    "question": "Does it load?",
    "tables": {
        "points": {
            "file": "made_2020/points.csv",
            "provenance": "measured",
            "columns": {"samples": {"from": "x"}},
            "measurements": [{"metric": "loss", "unit": "as_plotted", "from": "loss"}],
        }
    },
}


def load(tmp_path, target):
    fit = {
        "title": "A line",
        "law": "power",
        "response": {"metric": "loss"},
        "axes": {"x": "samples"},
    }
    fits = {"line": fit | {"targets": [target]}, "other": fit}
    path = tmp_path / "made_2020.yaml"
    path.write_text(yaml.safe_dump(CARD | {"fits": fits}), encoding="utf-8")
    return load_card(path)


def test_a_target_may_have_another_name_in_the_judging_fit(tmp_path):
    target = {"quantity": "slope", "ours": "alpha", "value": 0.1, "where": "Table 1"}
    card = load(tmp_path, target | {"compare_with": "other"})
    assert card.fits["line"].targets[0].ours == "alpha"


@pytest.mark.parametrize(
    ("names", "key"),
    [
        ({"quantity": "slope"}, "fits.line.targets.0.quantity"),
        ({"quantity": "alpha", "ours": "slope"}, "fits.line.targets.0.ours"),
    ],
)
def test_a_quantity_that_no_fit_has_is_refused(tmp_path, names, key):
    with pytest.raises(CardError) as caught:
        load(tmp_path, names | {"value": 0.1, "where": "Table 1"})
    assert "no quantity 'slope'" in str(caught.value)
    assert key in str(caught.value)
