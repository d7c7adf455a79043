"""Cards of printed laws against the table of published constants: values and confirmation."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from scaling_studies.cards.load import load_card
from scaling_studies.cards.models.fit import FitEntry

ROOT = Path(__file__).resolve().parents[2]
TABLE = pd.read_csv(ROOT / "data/published_laws/laws.csv")
NUMBER = re.compile(r"(?<![\w.])-?[0-9.]+(?:e[+-]?[0-9]+)?", re.IGNORECASE)
#: From well to badly confirmed; a constant made of several is as sure as the worst of them.
DEGREES = ["two_sources", "one_source", "sources_disagree"]


def printed_fits() -> list[tuple[str, str, FitEntry]]:
    """Printed fits that are named after a law of the table, or begin with its name."""
    found = []
    for path in sorted((ROOT / "config/studies").glob("*.yaml")):
        card = load_card(path)
        for fit_id, fit in card.fits.items():
            if not fit.has_rows and path.stem in set(TABLE["study"]):
                found.append((path.stem, fit_id, fit))
    return found


FITS = printed_fits()


def rows_of(study: str, fit_id: str) -> pd.DataFrame:
    rows = TABLE[TABLE["study"] == study]
    law = max((law for law in rows["law"].unique() if fit_id.startswith(law)), key=len)
    return rows[rows["law"] == law]


@pytest.mark.parametrize(("study", "fit_id", "fit"), FITS, ids=[f"{s}/{f}" for s, f, _ in FITS])
def test_every_confirmed_constant_is_one_of_the_table(
    study: str, fit_id: str, fit: FitEntry
) -> None:
    rows = rows_of(study, fit_id)
    assert fit.confirmation, "a printed law says how well its constants are confirmed"
    for name, degree in fit.confirmation.items():
        numbers = {float(text) for text in NUMBER.findall(str(fit.fixed[name]))}
        known = rows[rows["value"].isin(numbers)]
        if known.empty:
            # A coefficient that passes through a printed point of the same study.
            known = TABLE[(TABLE["study"] == study) & TABLE["value"].isin(numbers)]
        assert len(known), f"{name} = {fit['fixed'][name]} is not printed"
        assert degree in set(known["confirmation"])
        assert DEGREES.index(degree) <= known["confirmation"].map(DEGREES.index).max()


@pytest.mark.parametrize(("study", "fit_id", "fit"), FITS, ids=[f"{s}/{f}" for s, f, _ in FITS])
def test_every_constant_of_the_law_is_in_the_card(study: str, fit_id: str, fit: FitEntry) -> None:
    numbers = {float(text) for value in fit.fixed.values() for text in NUMBER.findall(str(value))}
    # Coefficients of exponent-only laws, and exponents of data beside those of size.
    numbers |= {1.0 - value for value in numbers}
    missing = [
        f"{row.parameter} = {row.value}"
        for row in rows_of(study, fit_id).itertuples()
        if not any(abs(row.value - number) <= 1e-9 * abs(row.value) for number in numbers)
    ]
    assert not missing


def test_published_laws_without_runs_have_cards() -> None:
    wanted = {
        "kaplan_2020",
        "henighan_2020",
        "hernandez_2021",
        "zhai_2022",
        "deepseek_2024",
        "llama3_2024",
        "krajewski_2024",
        "sardana_2023",
        "hoffmann_2022",
    }
    assert wanted <= {study for study, _, _ in FITS}


def test_the_five_printed_optima_are_judged_as_printed() -> None:
    optima = pd.read_csv(ROOT / "data/published_laws/sardana_2023_optima.csv")
    fit = load_card(ROOT / "config/studies/sardana_2023.yaml").fits["analysis"]
    judged = {target.quantity: target.printed.value for target in fit.targets if target.printed}
    found = 0
    for row in optima.itertuples():
        for gives, value in (
            ("params", row.printed_params),
            ("tokens", row.printed_training_tokens),
            ("data_ratio", row.printed_data_ratio),
            ("saving", row.printed_compute_saving),
        ):
            if pd.isna(value):
                continue
            names = [
                name
                for name, quantity in fit.quantities.items()
                if quantity.inference_adjusted
                and quantity.inference_adjusted.as_dict()
                == {
                    "reference_params": row.chinchilla_optimal_params,
                    "inference_tokens": row.inference_tokens,
                    "gives": gives,
                }
            ]
            assert [judged[name] for name in names] == [value]
            found += 1
    assert found == len(judged)
