"""Every published value of the shared list is a target of its study's card, unchanged."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from scaling_studies.cards import load

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(os.environ.get("SCALING_STUDIES_TARGETS", ROOT / ".." / "shared/facts/targets.csv"))


def listed() -> list[dict[str, str]]:
    if not LIST.is_file():
        return []
    with LIST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(not LIST.is_file(), reason="the list of published values is not there")
@pytest.mark.parametrize(
    "row", listed(), ids=lambda row: f"{row['study']}-{row['fit']}-{row['quantity']}"
)
def test_published_value_is_in_its_card(row: dict[str, str]):
    card = load.load_card(ROOT / "config" / "studies" / f"{row['study']}.yaml")
    targets = {target.quantity: target for target in card.fits[row["fit"]].targets}
    target = targets[row["quantity"]]
    assert target.value == float(row["value"])
    for key in ("standard_error", "tolerance"):
        assert getattr(target, key) == (float(row[key]) if row[key] else None)
    assert target.tolerance_kind == (row["tolerance_kind"] or None)
