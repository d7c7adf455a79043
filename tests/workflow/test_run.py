"""The workflow from cards to pages: what it makes, always the same bytes, and its record."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from projects import FORMATS, made

from scaling_studies.artefacts import files
from scaling_studies.cards import load


def test_one_core_gives_the_same_bytes(finished, tmp_path):
    alone = finished.copy(tmp_path / "alone", results=False)
    alone.run("--cores", "1")
    first, second = made(finished.folder), made(alone.folder)
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert {Path(name).suffix for name in first} == set(FORMATS)


def test_verdicts_have_their_columns_and_all_targets(finished):
    from scaling_studies.cards import load

    verdicts = files.read_parquet(finished.folder / "results/verdicts.parquet")
    assert list(verdicts.columns[:13]) == [
        "study",
        "fit",
        "quantity",
        "published",
        "refit",
        "ci_low",
        "ci_high",
        "verdict",
        "reason",
        "evidence",
        "role",
        "digits",
        "z",
    ]
    wanted = [
        (study, fit, target.quantity)
        for study, fit, entry in load.each_fit(
            load.load_cards(finished.folder / "config/studies", finished.studies)
        )
        for target in entry.targets
        if target.value is not None or target.is_joint
    ]
    widths = verdicts["quantity"].str.endswith(("_standard_error", "_interval"))
    verdicts = verdicts[~widths]
    judged = zip(verdicts["study"], verdicts["fit"], verdicts["quantity"], strict=True)
    assert sorted(judged) == sorted(wanted)
    assert verdicts["reason"].str.len().min() > 20


def test_gathered_fits_are_long(finished):
    fits = files.read_parquet(finished.folder / "results/fits.parquet")
    assert list(fits.columns) == [
        "study",
        "fit",
        "law",
        "objective",
        "n",
        "parameter",
        "value",
        "standard_error",
        "ci_low",
        "ci_high",
        "freedom",
    ]
    refit = fits[(fits["fit"] == "approach_3_refit") & (fits["parameter"] == "alpha")].iloc[0]
    assert refit["value"] == pytest.approx(0.34731, abs=1e-5)
    assert refit["ci_low"] < refit["value"] < refit["ci_high"]


def test_every_artefact_records_what_it_was_made_from(finished):
    results = finished.folder / "results"
    made_files = [*results.rglob("*.json"), *results.rglob("*.parquet")]
    assert {path.relative_to(results).parts[0] for path in made_files} >= {
        *("runs", "fits", "resamples", "verdicts", "comparisons"),
        *("fits.parquet", "verdicts.parquet"),
    }
    for path in made_files:
        record = files.read_provenance(path)
        assert {"rule", "inputs", "code", "packages", "python", "seed"} <= set(record), path
        for name, checksum in record["inputs"].items():
            assert files.sha256_of(finished.folder / name) == checksum, (path, name)


def test_every_resampling_records_its_seed(finished):
    for path in (finished.folder / "results/resamples").rglob("*.json"):
        assert isinstance(files.read_json(path)["provenance"]["seed"], int)


def declared_figures(project) -> list[str]:
    """Names of all figures of the studies and comparisons of a project."""
    loaded = load.load_cards(project.folder / "config/studies", project.studies)
    of_studies = [name for card in loaded.values() for name in card.figures]
    return [*of_studies, *load.load_comparisons(project.folder / "config/comparisons.yaml")]


def test_figures_have_their_numbers_beside_them(finished):
    drawn = [*(finished.folder / "reports/figures").rglob("*.svg")]
    figures = [path for path in drawn if not path.stem.endswith("-dark")]
    assert len(figures) == len(drawn) / 2 == len(declared_figures(finished)) >= 6
    for figure in figures:
        assert len(pd.read_csv(figure.with_suffix(".csv"))) > 0
        meta = files.read_json(figure.with_suffix(".json"))
        assert len(meta["alt"]) > 40
        assert "{" not in meta["title"] + meta["caption"] + meta["alt"]


def test_run_table_keeps_units_in_its_schema(finished):
    schema = pq.read_schema(finished.folder / "results/runs/hoffmann_2022.parquet")
    assert schema.field("flops_6nd").metadata[b"unit"] == b"FLOP"


def test_a_table_of_laws_has_one_sentence_each(finished):
    laws = files.read_parquet(finished.folder / "results/laws.parquet")
    assert set(laws["study"]) == set(finished.studies)
    assert laws["sentence"].str.endswith(".").all()


def test_summary_says_how_many_laws_come_back(finished):
    done = finished.call("python", "-m", "scaling_studies.cli.summary")
    assert "published law" in done.stdout and "could be refitted" in done.stdout
    assert "reports/index.html" in done.stdout


def test_snakemake_report_holds_every_figure(finished, tmp_path):
    target = tmp_path / "report.zip"
    finished.run("--report", str(target))
    from zipfile import ZipFile

    names = ZipFile(target).namelist()
    figures = [*(finished.folder / "reports/figures").rglob("*[!k].svg")]
    assert len([name for name in names if name.endswith(".svg")]) >= len(figures)
