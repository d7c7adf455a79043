"""The checks as a whole: their names, what they hand on, and that a sound study passes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from checked_studies import EVALUATED, REFIT, STUDY, TRUTH, checked_study, made_card

from scaling_studies import registry
from scaling_studies.artefacts import files
from scaling_studies.checks.context import SEVERITIES, CheckContext, fail, info, warning
from scaling_studies.checks.part import CheckedPart, checked_part
from scaling_studies.checks.run import run
from scaling_studies.pages import wording

DOCS = Path(__file__).resolve().parents[3] / "docs" / "checks.md"
FULL = {
    "fixed": {name: value * 1.0000001 for name, value in TRUTH.items()},
    "resample": {"kind": "none"},
}


@pytest.fixture(scope="module")
def record() -> dict:
    return run(checked_study(refit=REFIT, published=EVALUATED | FULL))


def test_the_documentation_describes_each_check_once():
    described = re.findall(r"^## `(\w+)`$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(described) == list(registry.names("checks"))
    assert len(described) == 16


@pytest.mark.parametrize("name", registry.names("checks"))
def test_a_check_says_what_it_is_in_words(name):
    module = registry.load("checks", name)
    assert re.fullmatch(r"[A-Z][a-z].{,170}\?", module.MEANING)
    assert module.NOTHING[:2].islower() and not module.NOTHING.endswith(".")


def test_a_sound_study_has_nothing_amiss(record):
    assert record["counts"] == {"fail": 0, "warning": 0, "info": len(record["findings"])}
    looked = {check["name"] for check in record["checks"] if check["nothing"] is None}
    assert looked == {item["check"] for item in record["findings"]}
    assert {"early_stop", "ill_conditioning", "unidentified_asymptote"} <= looked
    nothing = {check["name"] for check in record["checks"]} - looked
    assert nothing == {
        "calibration",
        "choice_sensitivity",
        "extrapolation_rank",
        "parabola_bias",
        "published_table_audit",
    }


def test_findings_are_sentences_about_fits_of_the_study(record):
    for item in record["findings"]:
        assert item["text"][0].isupper() or item["text"][0].isdigit()
        assert item["text"].endswith(".")
        assert item["fit"] in (None, "refit", "published")


def test_the_record_is_the_same_each_time_and_fits_into_json(record):
    again = run(checked_study(refit=REFIT, published=EVALUATED | FULL))
    text = json.dumps(files.json_ready(record), allow_nan=False)
    assert text == json.dumps(files.json_ready(again), allow_nan=False)


def test_the_gravest_come_first():
    wrong = EVALUATED | {"fixed": FULL["fixed"] | {"E": 1.4000001}}
    severities = [
        item["severity"] for item in run(checked_study(refit=REFIT, wrong=wrong))["findings"]
    ]
    assert severities[0] == "fail"
    assert severities == sorted(severities, key=["fail", "warning", "info"].index)


def test_a_severity_is_one_that_pages_show():
    assert SEVERITIES == ("info", "warning", "fail")
    assert [make("A text.").severity for make in (info, warning, fail)] == list(SEVERITIES)
    assert tuple(wording.SEVERITIES) == SEVERITIES[::-1]


def test_prose_of_a_card_is_no_part_of_what_is_checked():
    card = made_card({"refit": REFIT | {"reading": "A text."}})
    prose = {"reading": "Another.", "title": "New", "label": "short"}
    other = made_card({"refit": REFIT | prose})
    assert checked_part(card, {}) == checked_part(other, {})


def test_rows_without_the_column_of_groups_are_groups_of_their_own():
    context = checked_study(refit=REFIT, published=EVALUATED | FULL)
    assert context.groups("refit", "no_such_column") == context.fits["refit"].n
    titles = [context.fits[name].title for name in ("refit", "published")]
    assert context.titles(["refit", "published"]) == "“{}” and “{}”".format(*titles)


def test_units_of_another_study_s_rows_are_known():
    entry = REFIT | {"source_study": "other_2021"}
    context = checked_study(refit=REFIT)
    part = checked_part(
        made_card({"refit": entry}), {"other_2021": made_card({}, runs="bits_per_byte")}
    )
    context = CheckContext(
        context.study, part, context.fits, context.intervals, context.points, context.verdicts
    )
    assert context.units("refit") == {"bits_per_byte"}


def test_a_job_gets_the_part_of_the_card_that_is_checked():
    entry = REFIT | {"source_study": "other_2021", "resample": {"kind": "cluster"}}
    part = checked_part(
        made_card({"refit": entry}, runs="nats_per_token"),
        {"other_2021": made_card({}, runs="bits_per_byte"), "more_2022": made_card({})},
    )
    again = CheckedPart.rebuilt(json.loads(json.dumps(part.as_dict())))
    assert again == part and set(part.tables) == {STUDY, "other_2021"}
    assert again.fits["refit"].resample.kind == "cluster"
