"""`scaling-studies check`: whatever a card or table holds, one line a problem and nothing left."""

from __future__ import annotations

import contextlib
import copy
import io
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from malformed import (
    CARD,
    CARDS,
    DELETE,
    ODD_VALUES,
    PATHS,
    STUDY,
    TABLE,
    TABLES,
    TEXTS,
    UNKNOWN,
    spoiled,
)

from scaling_studies.cli.main import main


class Folder:
    """A folder with one study, in which the command is called."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "cards").mkdir()
        (path / "data" / STUDY).mkdir(parents=True)
        self.write()

    def write(self, card: dict | str | bytes = CARD, table: str | bytes = TABLE) -> None:
        if isinstance(card, dict):
            card = yaml.safe_dump(card, sort_keys=False)
        for name, content in (
            (f"cards/{STUDY}.yaml", card),
            (f"data/{STUDY}/points.csv", table),
        ):
            data = content if isinstance(content, bytes) else content.encode()
            (self.path / name).write_bytes(data)

    def files(self) -> set[str]:
        return {str(path.relative_to(self.path)) for path in self.path.rglob("*")}

    def check(self, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        folders = ["--cards", str(self.path / "cards"), "--data", str(self.path / "data")]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(["check", *folders, *arguments])
        return status, out.getvalue(), err.getvalue()

    def must_refuse(self, place: str) -> None:
        """The status is 1, each problem is one line with its place and a fix; nothing is left."""
        before = self.files()
        status, _, err = self.check(STUDY)
        assert status == 1, err
        self.must_be_plain(err)
        assert place in err, err
        assert self.files() == before

    @staticmethod
    def must_be_plain(err: str) -> None:
        lines = err.splitlines()
        assert "Traceback" not in err and lines
        assert all(sign.isprintable() for line in lines for sign in line), err
        for line in lines[:-1]:
            assert line.startswith(f"Error: study {STUDY}"), line
            assert ". Fix: " in line, line
            assert len(line) < 6000
        assert lines[-1].endswith("found.")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_study_in_order_is_said_to_be(folder):
    before = folder.files()
    status, out, err = folder.check()
    assert (status, err) == (0, "")
    assert out == f"{STUDY}: card, tables and fits are in order\n"
    assert folder.files() == before


def test_there_are_two_hundred_of_them():
    assert len(CARDS) + len(TEXTS) + len(TABLES) + 100 >= 200


@pytest.mark.parametrize("name", CARDS)
def test_a_contradictory_card_is_refused(folder, name):
    folder.write(CARDS[name])
    folder.must_refuse(f"study {STUDY}, ")


@pytest.mark.parametrize("name", TEXTS)
def test_a_card_that_is_no_card_is_refused(folder, name):
    folder.write(TEXTS[name])
    folder.must_refuse("")
    assert not Path("/tmp/owned").exists()


@pytest.mark.parametrize("name", TABLES)
def test_a_bad_table_is_refused(folder, name):
    folder.write(table=TABLES[name])
    folder.must_refuse("table points")
    assert not Path("/tmp/owned").exists()


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(path=st.sampled_from(PATHS), value=st.sampled_from([*ODD_VALUES, DELETE, UNKNOWN]))
def test_a_card_spoiled_anywhere_is_refused_plainly_or_is_in_order(folder, path, value):
    folder.write(spoiled(path, value))
    before = folder.files()
    status, out, err = folder.check(STUDY)
    assert folder.files() == before
    if status:
        folder.must_be_plain(err)
    else:
        assert out.endswith("in order\n") and not err


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_table_with_noise_is_refused_plainly_or_is_in_order(folder, data):
    table = bytearray(TABLE.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(table) - 1))
        table[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    folder.write(table=bytes(table))
    status, out, err = folder.check(STUDY)
    if status:
        folder.must_be_plain(err)
    else:
        assert out.endswith("in order\n") and not err


def test_every_problem_is_listed(folder):
    card = spoiled(("fits", "refit", "law"), "additiv")
    card["fits"]["line"]["law"] = "pwr"
    card["figures"]["residuals"]["kind"] = "residuls"
    folder.write(card)
    status, _, err = folder.check()
    assert status == 1
    assert [line.partition(": ")[2].partition(":")[0] for line in err.splitlines()[:-1]] == [
        f"study {STUDY}, key fits.line.law",
        f"study {STUDY}, key fits.refit.law",
        f"study {STUDY}, key figures.residuals.kind",
    ]
    assert "did you mean 'additive'?" in err and "3 problems found." in err


def test_all_problems_of_form_are_listed(folder):
    card = spoiled(("citation", "year"), "soon")
    card["colour"] = "blue"
    card["titel"] = "A"
    folder.write(card)
    err = folder.check()[2]
    assert all(
        word in err for word in ("citation.year", "colour", "'titel'", "did you mean 'title'")
    )
    assert "3 problems found." in err


def test_an_unknown_study_is_named_with_the_nearest(folder):
    status, _, err = folder.check("a_202")
    assert status == 1
    assert err.startswith("Error: there is no card") and f"did you mean '{STUDY}'?" in err


def test_without_a_configuration_the_fix_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    assert "name --config, or --cards and --data" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_cards_of_the_project_are_in_order(repository, monkeypatch, capsys):
    """What the workflow runs, `check` takes: tables that are not carried cannot be looked at."""
    monkeypatch.chdir(repository)
    assert main(["check"]) == 0, capsys.readouterr().err


def with_resample(resample: dict) -> dict:
    """The card whose fit is resampled in another way."""
    card = copy.deepcopy(CARD)
    card["fits"]["refit"]["resample"] = resample
    return card


@pytest.mark.parametrize(
    "resample",
    [
        {"kind": "cluster"},
        {"kind": "cluster", "groups": "size"},
        {"kind": "cluster", "groups": "budget"},
        {"kind": "cluster", "groups": "budget", "beside": "pairs"},
        {"kind": "stratified", "groups": "size"},
        {"kind": "parametric", "groups": "budget"},
        {"kind": "parametric", "groups": "run_id"},
    ],
)
def test_groups_that_a_run_accepts_are_in_order(folder, resample):
    folder.write(with_resample(resample))
    status, _, err = folder.check()
    assert (status, err) == (0, "")


@pytest.mark.parametrize("kind", ["cluster", "stratified", "parametric"])
@pytest.mark.parametrize("groups", ["budgets", "family", "nothing"])
def test_groups_of_which_there_is_no_column_are_refused(folder, kind, groups):
    folder.write(with_resample({"kind": kind, "groups": groups}))
    folder.must_refuse(f"column {groups}, key fits.refit.resample.groups: there is no such column")


def test_budgets_of_rows_without_compute_are_refused(folder):
    card = with_resample({"kind": "cluster", "groups": "budget"})
    card["fits"]["refit"] |= {"law": "power_offset", "axes": {"x": "params_total"}}
    for key in ("bounds", "quantities", "targets"):
        del card["fits"]["refit"][key]
    del card["tables"]["points"]["columns"]["tokens"], card["fits"]["line"]
    card = {key: value for key, value in card.items() if key not in ("ranking", "figures")}
    folder.write(card)
    folder.must_refuse("column budget, key fits.refit.resample.groups: some rows have no compute")
