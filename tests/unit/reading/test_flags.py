"""Rows that a column of yes and no, or a remark, calls bad."""

from __future__ import annotations

import shlex

import pytest
from own_tables import RUNS, stops

from scaling_studies.reading import read_runs


def worked(line: str) -> list[str]:
    """What the first answer of a line says to type, as the words of a shell."""
    return shlex.split(line.partition("Fix: type ")[2].rpartition(" (leave")[0])


@pytest.mark.parametrize(
    ("column", "bad", "good"),
    [
        ("valid", "False", "True"),
        ("is_converged", "no", "yes"),
        ("run ok?", "0", "1"),
        ("diverged", "True", "False"),
        ("hasCrashed", "yes", ""),
        ("exclude", "x", ""),
        ("outlier", "1.0", "0.0"),
        ("not_valid", "TRUE", "FALSE"),
        ("comment", "diverged", ""),
        ("Notes", "loss went NaN at 3k steps", "lr 3e-4"),
        ("status", "crashed (OOM)", "finished (0)"),
        ("remark", "did not converge, do not use", "did not crash"),
        ("tags", "final, outlier", "final"),
    ],
)
def test_rows_that_the_table_calls_bad_are_asked_for(column, bad, good):
    cells = [bad if row in (3, 11) else good for row in range(len(RUNS))]
    frame = RUNS.assign(**{column: cells})
    frame.loc[[3, 11], "loss"] *= 1.05
    line = stops(frame, f"row 4, column {column}: 2 rows of {len(RUNS)} may be of runs that went")
    assert "--rows all" in line
    flag, said = worked(line)
    assert flag == "--drop"
    own = read_runs(frame, drop=said)
    assert len(own.frame) == len(RUNS) - 2
    assert [len(rows) for rows in own.alternatives.values()] == [len(RUNS)]
    own = read_runs(frame, rows="all")
    assert len(own.frame) == len(RUNS) and any(said.split("=")[0] in one for one in own.warnings)


def test_remarks_on_several_ends_are_all_named_in_what_to_type():
    remarks = ["", "diverged", "NaN at 2k", "", "it's broken"] + [""] * (len(RUNS) - 5)
    words = worked(stops(RUNS.assign(comments=remarks), "3 rows of"))
    assert words[::2] == ["--drop"] * 3
    assert len(read_runs(RUNS.assign(comments=remarks), drop=words[1::2]).frame) == len(RUNS) - 3


@pytest.mark.parametrize(
    ("column", "bad", "good"),
    [
        ("use_ema", "False", "True"),
        ("tied", "0", "1"),
        ("comment", "resumed after a crash", ""),
        ("notes", "never diverged", "no NaNs"),
        ("valid", "True", "True"),
        ("project", "nan hunting", "ok"),
    ],
)
def test_settings_and_remarks_that_all_is_well_are_no_reason_to_ask(column, bad, good):
    cells = [bad if row in (3, 11) else good for row in range(len(RUNS))]
    own = read_runs(RUNS.assign(**{column: cells}), rows="all")
    assert len(own.frame) == len(RUNS) and not any("went wrong" in one for one in own.warnings)
