"""Bad cards and tables: one clear line, exit status 1, nothing half-written."""

from __future__ import annotations

import html
import os
import re
import subprocess
from dataclasses import replace

import pytest
import yaml
from projects import Project

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
        '{data_growth: "100",',
        '{data_grwth: "100",',
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
    done = replace(fresh, studies=("hestness_2019",)).run(check=False)
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
    (fresh.folder / TABLE).with_name("source.yaml").unlink()
    fresh.edit(TABLE, old, new)
    done = fresh.run("results/runs/hestness_2019.parquet", check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1
    lines = error_lines(output)
    assert len(lines) == 1, output
    assert [word for word in words if word not in lines[0]] == []
    assert "Traceback" not in output
    assert [*fresh.folder.glob("results/runs/*")] == []


#: What Snakemake, Python or a template would take for something of its own.
BRACES = ("{9}", "{study}", "{wildcards.fit}", "$10^{9}$", "{{x}}", "{a, b}", "}{", "{", "{% x %}")


def test_braces_in_texts_and_settings_are_texts(fresh):
    path = fresh.folder / CARD
    card = yaml.safe_load(path.read_text(encoding="utf-8"))
    words = " ".join(BRACES)
    card |= dict.fromkeys(("title", "name", "short", "question"), words)
    card |= {"notes": list(BRACES), "summary": [words], "aliases": [words]}
    card["citation"] |= {"title": words, "authors": words}
    for fit in card["fits"].values():
        fit |= {"title": words, "reading": words}
        for target in fit.get("targets", []) if isinstance(fit.get("targets"), list) else []:
            target |= {"where": words}
    for figure in card["figures"].values():
        figure |= {"title": "{{9}}", "caption": "{{study}}", "alt": "$10^{{9}}$"}
    path.write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")
    config = fresh.folder / "config/config.yaml"
    config.write_text("cache: ca{che}\nmirror: mir{9}ror\n", encoding="utf-8")
    project = replace(fresh, studies=("hestness_2019", "besiroglu_2024"), resamples=20)
    project.run()
    page = (fresh.folder / "reports/studies/hestness_2019.html").read_text(encoding="utf-8")
    assert [text for text in BRACES if html.escape(text) not in page] == []
    assert project.planned() == {}


def test_bad_card_stops_its_own_study_alone_and_check_says_the_same(fresh):
    fresh.edit(CARD, "law: power", "law: powr")
    fresh.edit("config/studies/gordon_2021.yaml", "citation:", "citation: [")
    (fresh.folder / "config/studies/.#hestness_2019.yaml").symlink_to("nobody@nowhere.1:2")
    (fresh.folder / "config/studies/._hestness_2019.yaml").write_bytes(bytes(100))
    project = replace(
        fresh, studies=("hestness_2019", "besiroglu_2024", "gordon_2021"), resamples=20
    )
    done = project.run(check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1 and "WildcardError" not in output
    assert "not run: gordon_2021, hestness_2019." in output
    for page in ("index.html", "comparisons.html", "studies/besiroglu_2024.html"):
        assert (fresh.folder / "reports" / page).is_file(), output
    index = (fresh.folder / "reports/index.html").read_text(encoding="utf-8")
    assert "unknown law" in index and "is not valid YAML" in index
    module = ("-m", "scaling_studies.cli.main", "check")
    checked = project.call("python", *module, "hestness_2019", "gordon_2021", check=False)
    said = [line for line in checked.stderr.splitlines() if line.startswith("Error: ")]
    first = [next(line for line in said if study in line) for study in ("gordon", "hestness")]
    assert [output.count(line) for line in first] == [1, 1]
    # Without anything else to do, the run still ends with an error.
    again = project.run(check=False)
    assert again.returncode == 1 and "not run: gordon_2021, hestness_2019." in again.stderr


def test_changed_digit_of_a_carried_table_is_refused_with_the_way_to_accept_it(fresh):
    fresh.edit(TABLE, "768000000", "768000001")
    done = fresh.run("results/runs/hestness_2019.parquet", check=False)
    (line,) = error_lines(done.stdout + done.stderr)
    assert done.returncode == 1 and f"git checkout -- {TABLE}" in line
    accepted = re.search(r"write `sha256: ([0-9a-f]{64})`", line)[1]
    record = (fresh.folder / TABLE).with_name("source.yaml")
    was = re.search(r"table1\.csv.*?sha256: ([0-9a-f]{64})", record.read_text(), re.DOTALL)[1]
    fresh.edit(record.relative_to(fresh.folder).as_posix(), was, accepted)
    fresh.run("results/runs/hestness_2019.parquet")


def test_folder_with_braces_is_refused_in_one_line(fresh):
    folder = fresh.folder.rename(fresh.folder.with_name("a{9}b"))
    done = Project(folder, choices=False).run(check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in output
    assert "has braces, which Snakemake takes for wildcards. Fix: rename the folder" in output


@pytest.mark.slow
@pytest.mark.parametrize("home", ["/proc/nothing", "/dev/null", "/sys", "file", "link"])
def test_a_home_folder_that_cannot_be_written_to_is_not_needed(fresh, tmp_path, home):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere/below")
    done = fresh.run(
        "-n",
        "results/runs/hestness_2019.parquet",
        environment={
            "HOME": home if home.startswith("/") else str(tmp_path / home),
            **dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), ""),
        },
    )
    assert "normalize_runs" in done.stdout + done.stderr


@pytest.mark.slow
def test_future_times_are_refused_with_the_command_that_mends_them(fresh):
    times = (2e9, 4e9)
    table = fresh.folder / TABLE
    os.utime(table, times)
    target = "results/runs/hestness_2019.parquet"
    done = fresh.run(target, check=False)
    (line,) = [line for line in (done.stdout + done.stderr).splitlines() if "Fix:" in line]
    assert done.returncode == 1 and TABLE in line and "the clock says" in line
    command = re.search(r"`(find [^`]*)`", line)[1]
    subprocess.run(["bash", "-c", command], cwd=fresh.folder, check=True)
    fresh.run(target)
    # Older than anything, as archives that are made reproducibly have them.
    for seconds in (0, -86400, 315532800):
        os.utime(table, (seconds, seconds))
        again = fresh.run("-n", target)
        assert "Nothing to be done" in again.stdout + again.stderr


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
