"""Fit artefacts and uncertainties: written once, read as they were."""

from __future__ import annotations

from dataclasses import fields, replace

import pandas as pd
import pytest
from card_entries import fit_entry
from fit_artefacts import artefact, uncertainty

from scaling_studies.artefacts import files
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import (
    Interval,
    Uncertainty,
    intervals_path,
    level_of,
    printed_intervals,
    read_intervals,
    read_resamples,
    stated_uncertainty,
)

RECORD = {"rule": "fit_laws", "seed": 3}
PRINTED = {"level": 0.8, "of": {"a": (0.4, 0.5)}}


def test_what_is_written_is_read(tmp_path):
    made = artefact(profile={"name": "E", "low": 0.0}, evidence={"starts": 3}, converged=True)
    made.write(tmp_path / "f.json", RECORD)
    assert FitArtefact.read(tmp_path / "f.json") == replace(made, provenance=RECORD)


def test_a_file_has_one_key_an_attribute_in_one_order(tmp_path):
    names = [item.name for item in fields(FitArtefact)]
    fitted = artefact().as_dict()
    assert list(fitted) == [name for name in names if name != "confirmation"]
    printed = artefact(estimator="printed").as_dict()
    assert list(printed) == [name for name in names if name != "profile"]
    # A card whose file is older, or holds more, is read all the same.
    del fitted["allocation"]
    assert FitArtefact.from_dict(fitted | {"more": 1}) == artefact()


def test_an_uncertainty_within_an_artefact_is_read_as_one(tmp_path):
    stated = stated_uncertainty(
        "s", "f", fit_entry({"estimator": "printed", "printed_intervals": PRINTED})
    )
    artefact(estimator="printed", uncertainty=stated).write(tmp_path / "f.json", RECORD)
    found = FitArtefact.read(tmp_path / "f.json")
    assert found.uncertainty == stated and "provenance" not in stated.as_dict()


def test_intervals_are_written_with_what_they_have(tmp_path):
    made = uncertainty(
        a=Interval(1.0, 2.0, 1.5, 0.2),
        wald=Interval(None, None, value=3.0),
        odd=Interval(1.0, 2.0, 1.5, 0.2, note="Why."),
    )
    made.write(tmp_path / "f.json", RECORD)
    content = files.read_json(tmp_path / "f.json")
    assert content["intervals"]["a"] == {
        "low": 1.0, "high": 2.0, "median": 1.5, "standard_error": 0.2,
    }  # fmt: skip
    assert content["intervals"]["wald"] == {"low": None, "high": None, "value": 3.0}
    assert content["intervals"]["odd"]["note"] == "Why."
    assert list(content) == [item.name for item in fields(Uncertainty)]
    assert Uncertainty.read(tmp_path / "f.json") == replace(made, provenance=RECORD)


@pytest.mark.parametrize(
    ("entry", "resampled"),
    [
        ({}, True),
        ({"resample": {"kind": "cluster"}}, True),
        ({"resample": {"reason": "said"}}, True),
        ({"resample": {"kind": "none"}}, False),
        ({"estimator": "isoflop"}, True),
        ({"estimator": "evaluate"}, False),
        ({"estimator": "printed"}, False),
    ],
)
def test_a_fit_without_resamples_says_so_itself(entry, resampled):
    assert fit_entry(entry).is_resampled == resampled
    stated = stated_uncertainty("s", "f", fit_entry(entry))
    assert (stated is None) == resampled
    if stated:
        assert (stated.study, stated.fit, stated.kind) == ("s", "f", "none")
        assert stated.resamples == 0 and stated.converged_share is None
        assert stated.level == 0.95 and stated.intervals == {}
        assert stated.reason == "Nothing is fitted here, so there is nothing to resample."


def test_the_reason_of_a_card_is_given():
    entry = {"resample": {"kind": "none", "reason": "Three rows."}}
    assert stated_uncertainty("s", "f", fit_entry(entry)).reason == "Three rows."


def test_printed_intervals_have_the_level_that_the_paper_says():
    entry = {"estimator": "printed", "printed_intervals": PRINTED}
    assert level_of(fit_entry(entry)) == 0.8 and level_of(fit_entry({})) == 0.95
    stated = stated_uncertainty("s", "f", fit_entry(entry))
    assert stated.level == 0.8
    assert stated.intervals == printed_intervals(fit_entry(entry)) == {"a": Interval(0.4, 0.5)}


def test_readers_need_not_know_where_the_intervals_stand(tmp_path):
    stated = stated_uncertainty("s", "printed", fit_entry({"estimator": "printed"}))
    fits = [artefact(fit="printed", uncertainty=stated), artefact(fit="b.1"), artefact(fit="a")]
    paths = []
    for name in ("a", "b.1"):
        path = tmp_path / f"s/{name}.json"
        path.parent.mkdir(exist_ok=True)
        replace(uncertainty(), fit=name).write(path, RECORD)
        files.write_parquet(path.with_suffix(path.suffix).with_name(f"{name}.parquet"),
                            pd.DataFrame({"resample": [len(name)]}), RECORD)  # fmt: skip
        paths.append(path)
    assert [item.fit for item in read_intervals(fits, paths)] == ["printed", "b.1", "a"]
    tables = read_resamples(fits, [path.with_name(f"{path.name[:-5]}.parquet") for path in paths])
    assert [table["resample"].tolist() for table in tables] == [[], [3], [1]]
    assert intervals_path("s", "f", resampled=True) == "results/resamples/s/f.json"
    assert intervals_path("s", "f", resampled=False) == "results/fits/s/f.json"


def test_a_damaged_artefact_is_refused(tmp_path):
    artefact().write(tmp_path / "f.json", RECORD)
    (tmp_path / "f.json").write_text("{}")
    with pytest.raises(ScalingStudiesError):
        FitArtefact.read(tmp_path / "f.json")
