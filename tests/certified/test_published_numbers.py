"""Every published number gets its verdict, and those that come back keep coming back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from scaling_studies.artefacts import files
from scaling_studies.cards import load

ROOT = Path(__file__).resolve().parents[2]
CARDS = load.load_cards(ROOT / "config/studies")
TARGETS = [
    (study, fit, target) for study, fit, entry in load.each_fit(CARDS) for target in entry.targets
]


@pytest.fixture(scope="module")
def verdicts(whole_run):
    return files.read_parquet(whole_run / "results/verdicts.parquet")


def test_every_target_has_one_verdict(verdicts):
    run = set(verdicts["study"])
    wanted = Counter((study, fit, target.quantity) for study, fit, target in TARGETS)
    judged = Counter(zip(verdicts["study"], verdicts["fit"], verdicts["quantity"], strict=True))
    assert judged == Counter({key: n for key, n in wanted.items() if key[0] in run})


def test_numbers_with_a_tolerance_come_back_unless_known_not_to(verdicts):
    """Monte Carlo quantities are left out: this run draws few resamples."""
    known = {
        (study, fit, target.quantity)
        for study, fit, target in TARGETS
        if target.expected == "not_reproduced" or target.tolerance is None
    }
    drawn = {
        (study, fit, name)
        for study, fit, entry in load.each_fit(CARDS)
        for name, quantity in entry.quantities.items()
        if quantity.wald_against
    }
    failed = verdicts[verdicts["verdict"] != "reproduced"]
    keys = zip(failed["study"], failed["fit"], failed["quantity"], strict=True)
    assert [key for key in keys if key not in known | drawn] == []


def test_what_does_not_come_back_says_why(verdicts):
    missed = verdicts[verdicts["verdict"] == "not_reproduced"]
    assert missed["reason"].str.len().min() > 60
