"""The committed fact tables are what their records say and what the adapters extract."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from scaling_studies.sources import records, refresh
from scaling_studies.sources.files import Upstream, default_cache, default_mirror

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
STUDIES = records.studies(DATA)
RECORDS = {study: records.load(study, data_dir=DATA) for study in STUDIES}
TABLES = [
    (study, table)
    for study in STUDIES
    for table in RECORDS[study].tables
    if table.how != "retrieved"
]
TABLE_IDS = [f"{study}/{table.file}" for study, table in TABLES]


def rows(study, file):
    with (DATA / study / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def is_number(unit):
    return unit not in ("text", "boolean")


def upstream_of(study):
    """Where to take upstream files from, or skip: the mirror, else a cache that has them all."""
    if mirror := default_mirror(ROOT):
        return Upstream(mirror=mirror, cache=ROOT / ".cache" / "upstream", offline=True)
    cache = Upstream(cache=ROOT / default_cache())
    if not cache.missing(RECORDS[study].files) or os.environ.get("SCALING_STUDIES_NETWORK"):
        return cache
    pytest.skip(
        f"upstream files of {study} are in neither a mirror (SCALING_STUDIES_MIRROR) nor the cache"
    )


@pytest.mark.parametrize("study", STUDIES)
def test_every_table_is_the_recorded_one(study):
    refresh.verify(study, data_dir=DATA, upstream=None)


@pytest.mark.mirror
@pytest.mark.parametrize(
    "study", [study for study in STUDIES if any(table.adapter for table in RECORDS[study].tables)]
)
def test_every_extracted_table_is_what_its_adapter_extracts(study, tmp_path):
    upstream = upstream_of(study)
    refresh.verify(study, data_dir=DATA, upstream=upstream)
    for path in refresh.refresh(study, data_dir=DATA, upstream=upstream, out_dir=tmp_path):
        committed = DATA / study / path.name
        retrieved = {table.file for table in RECORDS[study].tables if table.how == "retrieved"}
        assert committed.exists() == (path.name not in retrieved)
        if committed.exists():
            assert committed.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_folder_holds_nothing_else(study):
    record = RECORDS[study]
    expected = {table.file for table in record.tables if table.how != "retrieved"}
    expected |= {
        block.listing for block in record.record.upstream or () if block.listing is not None
    }
    assert {path.name for path in (DATA / study).iterdir()} == expected | {"source.yaml"}


@pytest.mark.parametrize("study", STUDIES)
def test_every_upstream_file_is_used(study):
    record = RECORDS[study]
    used = {
        file.path
        for table in record.tables
        if table.adapter
        for file in refresh.inputs(record, table)
    }
    assert used == {file.path for file in record.files}


@pytest.mark.parametrize(("study", "table"), TABLES, ids=TABLE_IDS)
def test_bytes_are_plain(study, table):
    content = (DATA / study / table.file).read_bytes()
    content.decode("utf-8")
    assert b"\r" not in content and content.endswith(b"\n") and not content.startswith(b"\xef")


@pytest.mark.parametrize(("study", "table"), TABLES, ids=TABLE_IDS)
def test_numbers_are_written_in_the_shortest_form_that_reads_back(study, table):
    for number, row in enumerate(rows(study, table.file), start=1):
        for column, described in table.columns.items():
            value = row[column]
            if value == "" or not is_number(described.unit):
                continue
            shortest = str(int(value)) if re.fullmatch(r"-?\d+", value) else repr(float(value))
            assert value == shortest, f"row {number}, column {column}"


@pytest.mark.parametrize(("study", "table"), TABLES, ids=TABLE_IDS)
def test_no_row_appears_twice(study, table):
    seen = [tuple(row.values()) for row in rows(study, table.file)]
    assert len(set(seen)) == len(seen)


def test_the_readme_has_one_section_a_study():
    sections = re.findall(r"^## (\S+)$", (DATA / "README.md").read_text(), flags=re.MULTILINE)
    assert sorted(sections) == STUDIES


@pytest.mark.parametrize("study", STUDIES)
def test_the_readme_tells_licence_and_source(study):
    text = (DATA / "README.md").read_text()
    section = re.search(rf"^## {study}$(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)[1]
    section = " ".join(section.split())
    record = RECORDS[study].record
    licence = record.licence
    if licence.spdx != "none stated":
        assert licence.spdx in section
    for block in record.upstream or ():
        assert block.repository in section
        if licence.spdx == "none stated":
            assert "no licence" in section
    if licence.notice is not None and "Scott" not in licence.notice:
        assert licence.notice in section


# What the tables hold, study by study: facts that a wrong extraction would break.


def test_hoffmann_has_the_245_points_in_upstream_order():
    points = rows("hoffmann_2022", "points.csv")
    assert [int(row["point"]) for row in points] == list(range(245))
    assert len({f"{float(row['params']):.4g}" for row in points}) == 43
    dropped = sorted(points, key=lambda row: float(row["loss"]))[-5:]
    assert all(float(row["params"]) > 2e9 for row in dropped)
    assert all(0.9e19 < float(row["training_flops"]) < 1.1e19 for row in dropped)


def test_gadre_has_every_loss_and_error_of_every_run():
    runs = [row["run"] for row in rows("gadre_2024", "runs.csv")]
    losses = rows("gadre_2024", "losses.csv")
    errors = rows("gadre_2024", "task_errors.csv")
    tasks = rows("gadre_2024", "tasks.csv")
    sets = {row["eval_set"] for row in losses}
    assert len(runs) == 104 and len(sets) == 8 and len(tasks) == 46
    assert {(row["run"], row["eval_set"]) for row in losses} == {(r, s) for r in runs for s in sets}
    names = {row["task"] for row in tasks}
    assert {(row["run"], row["task"]) for row in errors} == {(r, t) for r in runs for t in names}
    assert sum(row["in_17_task_subset"] == "true" for row in tasks) == 17
    for row in rows("gadre_2024", "runs.csv"):
        assert int(row["tokens"]) == float(row["token_multiplier"]) * int(row["params"])
        assert int(row["batch_sequences"]) > 1


def test_porian_points_agree_with_their_compute():
    names = {row["experiment"] for row in rows("porian_2024", "experiments.csv")}
    points = rows("porian_2024", "isoflops.csv")
    assert len(names) == 15 and len(points) == 579 + 581 + 481 + 104
    for row in points + rows("porian_2024", "optima.csv"):
        assert row["experiment"] in names
    for row in points:
        six_nd = 6.0 * float(row["params"]) * float(row["tokens"])
        assert abs(six_nd / float(row["flops"]) - 1.0) < 1e-12


def test_clark_keeps_the_163_runs_of_the_published_fit():
    runs = rows("clark_2022", "runs.csv")
    chosen = [
        row
        for row in runs
        if (row["routing_frequency"], row["experts_per_token"], row["seed"]) == ("0.5", "1", "42")
    ]
    assert (len(runs), len(chosen)) == (223, 163)
    assert {row["router"] for row in chosen} == {"Dense", "S-Base", "RL-R", "Hash"}


def test_bhagia_mean_of_the_last_five_is_the_published_13b_loss():
    values = [
        float(row["value"])
        for row in rows("bhagia_2024", "evaluations.csv")
        if (row["run"], row["eval_set"]) == ("peteish13_eval_full", "c4_en")
    ]
    assert len(values) == 5
    assert abs(sum(values) / 5 / 2.437876033782959 - 1.0) < 1e-12


def test_luo_has_27_curves():
    points = rows("luo_2025", "curves.csv")
    assert len({(row["model_size"], row["schedule"]) for row in points}) == 27
    assert len(points) == 6265


def test_gemstones_rows_of_hot_are_rows_of_the_whole_runs():
    whole = {tuple(row.values()) for row in rows("gemstones_2025", "hot_100b.csv")}
    assert {tuple(row.values()) for row in rows("gemstones_2025", "hot.csv")} <= whole


def test_brown_counts_fit_in_their_samples():
    counts = rows("brown_2024", "counts.csv")
    assert len({row["model"] for row in counts}) == 7
    assert len({row["problem"] for row in counts}) == 128
    assert all(0 <= int(row["correct"]) <= int(row["samples"]) == 10_000 for row in counts)


def test_jones_frontiers_have_101_points_in_order_of_compute():
    compute = {}
    for row in rows("jones_2021", "frontier.csv"):
        compute.setdefault(row["board_size"], []).append(float(row["training_flops"]))
    assert list(compute) == list("3456789")
    assert all(len(values) == 101 and sorted(set(values)) == values for values in compute.values())


def test_muennighoff_tokens_are_never_fewer_than_unique_tokens():
    for row in rows("muennighoff_2023", "runs.csv"):
        assert float(row["tokens"]) >= float(row["unique_tokens"])


def test_published_laws_are_complete_and_consistent():
    laws = rows("published_laws", "laws.csv")
    keys = [(row["study"], row["law"], row["parameter"]) for row in laws]
    assert len(set(keys)) == len(keys)
    for row in laws:
        assert row["conventions"] and row["where_printed"]
        assert row["confirmation"] in {"two_sources", "one_source", "sources_disagree"}
    value = {key: float(row["value"]) for key, row in zip(keys, laws, strict=True)}
    for size in ("400m", "1b", "10b", "67b", "175b", "280b", "520b", "1t", "10t"):
        n, d, c = (value["hoffmann_2022", f"table_3_{size}", name] for name in "NDC")
        assert abs(6.0 * n * d / c - 1.0) < (0.05 if size == "67b" else 0.011)
    deepseek = {key[1:]: number for key, number in value.items() if key[0] == "deepseek_2024"}
    m, d = "optimal_flops_per_token", "optimal_tokens"
    assert abs(deepseek[m, "coefficient"] * deepseek[d, "coefficient"] - 1.0) < 2e-4
    assert abs(deepseek[m, "exponent"] + deepseek[d, "exponent"] - 1.0) < 1e-9
    # GPT-3 prints the language law of Henighan et al. with the scale written out.
    scale = value["henighan_2020", "language_compute", "C0"]
    exponent = value["henighan_2020", "language_compute", "alpha_C"]
    assert abs(scale**exponent - value["gpt3_2020", "compute", "coefficient"]) < 5e-3


def test_porian_experiments_that_are_judged_by_their_training_loss():
    """The card says which: Kaplan's set-up, attention counted, and tuned without the last layer."""
    names = {
        row["experiment"].split("_", 1)[1]
        for row in rows("porian_2024", "experiments.csv")
        if row["loss_split"] == "train"
    }
    assert {name for name in names if "attention" not in name} == {
        "kaplan_reproduction",
        "kaplan_flops_tuned",
    }
    assert len(names) == 6
