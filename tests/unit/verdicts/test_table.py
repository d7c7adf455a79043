"""The table of verdicts of a study."""

from __future__ import annotations

import pytest
from card_entries import fit_entries
from fit_artefacts import LAW, artefact, uncertainty

from scaling_studies import registry
from scaling_studies.errors import CardError
from scaling_studies.fits.uncertainty import Interval
from scaling_studies.verdicts.columns import SCHEMA, verdict_table
from scaling_studies.verdicts.table import verdict_rows

FIT = {
    "title": "t",
    "law": "additive",
    "response": {"metric": "loss"},
    "axes": {"params": "params_total", "tokens": "tokens"},
}
ALPHA = {"quantity": "alpha", "value": "0.34", "where": "Table 1"}
INTERVALS = {"alpha": Interval(0.31, 0.38, 0.345, 0.0175), "A": Interval(200.0, 900.0)}


def rows_of(*targets: dict, findings=(), estimator="parametric", intervals=INTERVALS, **changes):
    entries = fit_entries(
        {
            "law": FIT
            | changes.pop("entry", {})
            | {"estimator": estimator, "targets": list(targets)},
            "refit": FIT | {"targets": []},
        }
    )
    fits = {
        "law": artefact(fit="law", estimator=estimator, **changes),
        "refit": artefact(fit="refit", title="Refit", objective_value=0.8),
    }
    known = {"law": uncertainty(**intervals), "refit": uncertainty(**INTERVALS)}
    return verdict_rows("s", entries, fits, known, findings=findings)


def test_a_row_holds_everything_about_its_number():
    (row,) = rows_of(ALPHA | {"confirmation": "two_sources"})
    assert list(row) == SCHEMA.names
    assert (row["published"], row["refit"], row["digits"]) == (0.34, LAW["alpha"], 2)
    assert (row["verdict"], row["evidence"], row["role"]) == ("compatible", "refit", "constant")
    assert row["z"] == pytest.approx((0.34 + 0.005 - LAW["alpha"]) / (0.0381 / 1.96), abs=0.02)
    assert row["counted"] and row["not_counted"] is None and row["judged_by"] == "law"
    assert verdict_table([row]).to_pylist() == [row]
    assert verdict_table([]).schema == SCHEMA


@pytest.mark.parametrize(
    ("estimator", "evidence"),
    [("parametric", "refit"), ("evaluate", "evaluation"), ("printed", "arithmetic")],
)
def test_evidence_follows_from_the_estimator_unless_the_card_says(estimator, evidence):
    entry = {"fixed": LAW} if estimator != "parametric" else {}
    (row,) = rows_of(ALPHA, estimator=estimator, entry=entry)
    assert row["evidence"] == evidence
    (row,) = rows_of(ALPHA | {"evidence": "simulation"}, estimator=estimator, entry=entry)
    assert row["evidence"] == "simulation"


def test_a_refit_of_what_was_never_released_cannot_be_tested():
    """A printed constant is no evidence for itself."""
    (row,) = rows_of(ALPHA | {"evidence": "refit"}, estimator="printed", entry={"fixed": LAW})
    assert (row["verdict"], row["refit"]) == ("cannot_be_tested", None)


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ({}, "constant"),
        ({"quantity": "objective_value"}, "statistic"),
        ({"quantity": "a_opt"}, "constant"),
        ({"role": "prediction"}, "prediction"),
    ],
)
def test_roles(changes, role):
    (row,) = rows_of(ALPHA | changes)
    assert row["role"] == role
    (row,) = rows_of(ALPHA, entry={"headline": ["alpha"]})
    assert row["role"] == "headline"


def test_the_logarithm_of_a_counted_number_is_not_counted():
    rows = rows_of(
        ALPHA | {"quantity": "A", "value": "480"},
        ALPHA | {"quantity": "log_A", "value": "6.17"},
        ALPHA | {"quantity": "log_B", "value": "7.67"},
    )
    assert [row["counted"] for row in rows] == [True, False, True]
    assert "logarithm of A" in rows[1]["not_counted"]


def test_what_the_card_does_not_count_says_why():
    (row,) = rows_of(ALPHA | {"not_counted": "The window was chosen."})
    assert not row["counted"] and row["not_counted"] == "The window was chosen."


KNOWN = {"expected": "not_reproduced", "reason": "The table lacks half of the runs."}


def test_a_number_known_not_to_come_back_stops_the_run_when_it_does():
    with pytest.raises(CardError, match="is expected not to come back, and does"):
        rows_of(ALPHA | KNOWN)
    (row,) = rows_of(ALPHA | KNOWN | {"value": "0.50"})
    assert row["verdict"] == "does_not_come_back" and row["reason"].endswith("half of the runs.")


FAILS = {"check": "interval_plausibility", "severity": "fail", "fit": "law", "text": "Too narrow."}


@pytest.mark.parametrize("quantity", [None, "alpha"])
def test_a_check_that_fails_takes_trust_from_the_interval(quantity):
    (row,) = rows_of(ALPHA, findings=[FAILS | {"quantity": quantity}])
    assert row["verdict"] == "cannot_be_tested" and "Too narrow." in row["reason"]


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": "warning"},
        {"fit": "refit"},
        {"check": "rounded_parameters"},
        {"quantity": "beta"},
    ],
)
def test_other_findings_do_not(changes):
    (row,) = rows_of(ALPHA, findings=[FAILS | {"quantity": None} | changes])
    assert row["verdict"] == "compatible"


@pytest.mark.parametrize("flag", ["converged", "identified"])
def test_nor_is_the_interval_of_a_fit_trusted_that_is_not_at_its_optimum(flag):
    (row,) = rows_of(ALPHA, **{flag: False})
    assert row["verdict"] == "cannot_be_tested"


def test_printed_errors_and_intervals_have_rows_of_their_own():
    rows = rows_of(ALPHA | {"standard_error": "0.018", "interval": ["0.30", "0.38"]})
    assert [row["quantity"] for row in rows] == ["alpha", "alpha_standard_error", "alpha_interval"]
    assert [row["verdict"] for row in rows][1:] == ["exact", "compatible"]
    assert rows[1]["published"] == 0.018 and rows[1]["refit"] == 0.0175
    assert rows[2]["published"] == pytest.approx(0.08)
    assert {row["role"] for row in rows[1:]} == {"statistic"}


def test_published_constants_are_held_against_a_refit_alone_and_together():
    joint = {"quantity": "all_constants", "compare_with": "refit", "where": "Table 1"}
    rows = rows_of(
        joint,
        ALPHA | {"compare_with": "refit"},
        ALPHA | {"quantity": "a_opt", "value": "0.51", "role": "statistic"},
        estimator="evaluate",
        entry={"fixed": LAW},
    )
    assert [row["verdict"] for row in rows] == ["not_an_optimum", "not_an_optimum", "exact"]
    assert (rows[0]["published"], rows[0]["refit"]) == (1.0, 0.8)
    assert rows[1]["judged_by"] == "refit" and "“Refit”" in rows[1]["reason"]


def test_a_statistic_of_all_resamples_has_a_value_and_no_interval():
    chi = ALPHA | {"quantity": "chi", "value": "2.1"}
    (row,) = rows_of(chi, intervals={"chi": Interval(None, None, value=2.05)})
    assert (row["refit"], row["ci_low"], row["verdict"]) == (2.05, None, "exact")


@pytest.mark.parametrize("why", [None, "The window was chosen."])
def test_a_joint_test_counts_unless_the_card_says_not(why):
    joint = {"quantity": "all_constants", "compare_with": "refit", "where": "Table 1"}
    said = {"not_counted": why} if why else {}
    (row,) = rows_of(joint | said, estimator="evaluate", entry={"fixed": LAW})
    assert (row["counted"], row["not_counted"]) == (why is None, why)


@pytest.mark.parametrize(
    "check",
    [
        "interval_plausibility",
        "ill_conditioning",
        "dependent_rows",
        "unidentified_asymptote",
        "calibration",
    ],
)
def test_each_check_of_intervals_takes_trust_from_them(check):
    (row,) = rows_of(ALPHA, findings=[FAILS | {"check": check, "quantity": None}])
    assert row["verdict"] == "cannot_be_tested"
    assert check in registry.names("checks")
