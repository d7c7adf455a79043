"""Sizes, data and compute that cannot all be right."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
from own_tables import PARAMS, RUNS, TOKENS, stops

from scaling_studies.reading import read_runs

FLOPS = 6.0 * PARAMS * TOKENS


@pytest.mark.parametrize("fault", ["wrapped", "a typo", "one batch for all", "thousands"])
@pytest.mark.parametrize("wrong", ["tokens", "flops", "compute (EFLOP)"])
def test_compute_that_contradicts_sizes_and_data_in_some_rows_is_asked_for(fault, wrong):
    factor = np.ones(len(RUNS))
    if fault == "wrapped":
        factor[-4:] = (0.2, 0.1, 0.05, 0.02)
    elif fault == "a typo":
        factor[5] = 10.0
    elif fault == "one batch for all":
        factor = np.geomspace(0.4, 2.5, len(RUNS))
    else:
        factor[::3] = 1e-3
    column = "tokens" if wrong == "tokens" else wrong
    compute = "flops" if wrong == "tokens" else wrong
    frame = RUNS.assign(**{compute: FLOPS / (1e18 if "EFLOP" in compute else 1.0)})
    frame[column] *= factor
    line = stops(frame, f"column {compute}: compute in {compute!r} is ")
    assert " times 6 x parameters x tokens" in line and "unlike it in rows " in line
    typed = line.partition("Fix: type ")[2]
    both = shlex.split(typed.partition("tokens alone); or ")[2].partition(" (both")[0])
    for maps in (["tokens=none"], ["flops=none"], both[1::2]):
        own = read_runs(frame, maps=maps)
        assert ("tokens" in own.frame) == (maps != ["tokens=none"])
        assert any("unlike it in rows" in one for one in own.warnings) == (len(maps) == 2)


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.3])
def test_compute_that_counts_somewhat_more_is_not_asked_for(spread):
    noise = np.exp(spread * np.sin(np.arange(len(RUNS))))
    own = read_runs(RUNS.assign(flops=1.2 * FLOPS * noise), yes=True)
    assert {"tokens", "flops"} <= {*own.frame}


def test_a_row_that_contradicts_may_be_dropped():
    frame = RUNS.assign(flops=FLOPS, name=[f"r{row}" for row in range(len(RUNS))])
    frame = frame.drop(columns="run", errors="ignore")
    frame.loc[4, "tokens"] *= 30
    assert "row 5, column flops" in stops(frame, "unlike it in rows 5,")
    assert len(read_runs(frame, drop="name=r4").frame) == len(RUNS) - 1
