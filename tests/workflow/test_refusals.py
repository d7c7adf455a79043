"""Bad cards and tables: one clear line, exit status 1, nothing half-written."""

from __future__ import annotations

import pytest

CARD = "config/studies/hestness_2019.yaml"
TABLE = "data/hestness_2019/table1.csv"

BAD_CARDS = {
    "unknown key": (
        'title: "Beyond',
        'titel: x\ntitle: "Beyond',
        ["hestness_2019", "titel", "did you mean 'title'"],
    ),
    "unknown law": ("law: power", "law: powr", ["hestness_2019", "powr", "power"]),
    "unknown quantity": (
        "{data_growth: 100,",
        "{data_grwth: 100,",
        ["hestness_2019", "word_lm", "data_grwth", "did you mean 'data_growth'"],
    ),
    "key twice": (
        "question: How",
        "question: a\nquestion: How",
        ["hestness_2019", "question", "twice"],
    ),
    "not YAML": ("citation:", "citation: [", ["hestness_2019", "not valid YAML"]),
}
BAD_TABLES = {
    "text in a number": ("768000000", "many", ["hestness_2019", "current", "samples", "many"]),
    "negative loss": ("3.37", "-3.37", ["hestness_2019", "current", "current_best"]),
    "empty value": ("3.37", "", ["hestness_2019", "current", "current_best"]),
    "missing column": ("current_best", "best", ["hestness_2019", "current", "current_best"]),
}


def error_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if "hestness_2019" in line and "Fix:" in line]


@pytest.mark.parametrize("name", BAD_CARDS)
def test_bad_card_is_refused_in_one_line(fresh, name):
    old, new, words = BAD_CARDS[name]
    fresh.edit(CARD, old, new)
    done = fresh.run(check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1
    lines = error_lines(output)
    assert len(lines) == 1, output
    assert [word for word in words if word not in lines[0]] == []
    assert "Traceback" not in output
    assert not (fresh.folder / "results").exists()


@pytest.mark.parametrize("name", BAD_TABLES)
def test_bad_table_is_refused_in_one_line(fresh, name):
    old, new, words = BAD_TABLES[name]
    fresh.edit(TABLE, old, new)
    done = fresh.run("results/runs/hestness_2019.parquet", check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1
    lines = error_lines(output)
    assert len(lines) == 1, output
    assert [word for word in words if word not in lines[0]] == []
    assert "Traceback" not in output
    assert [*fresh.folder.glob("results/runs/*")] == []


def test_unknown_setting_is_refused(fresh):
    done = fresh.run("--config", "resample=10", check=False)
    assert done.returncode == 1
    assert "did you mean 'resamples'" in done.stdout + done.stderr


def test_damaged_artefact_is_named_with_the_command_that_remakes_it(project):
    path = project.folder / "results/fits/hoffmann_2022/approach_3_refit.json"
    path.write_bytes(path.read_bytes().replace(b"0.3473", b"0.3474"))
    done = project.run("--force", "results/verdicts/hoffmann_2022.parquet", check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1
    assert "approach_3_refit.json is damaged" in output
    assert "snakemake --force results/fits/hoffmann_2022/approach_3_refit.json" in output
