"""Lower envelopes of exported training curves."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from upstream_files import refused, write

from scaling_studies import registry
from scaling_studies.sources.adapters.training_envelopes import GRID

HEADER = "Wall time,Step,Value\n"


def curve(*points):
    return HEADER + "".join(f"0,{gflop},{loss}\n" for gflop, loss in points)


def envelope(tmp_path, files, **options):
    chosen = {"params": {"1M_flops": 1_000_000, "2B_flops": 2_000_000}, "table": "runs"}
    paths = write(tmp_path, {f"x/{name}/run.csv": text for name, text in files.items()})
    return registry.load("adapters", "training_envelopes")(paths, **chosen, **options)["runs"]


def test_the_lowest_loss_near_the_end_of_each_run_is_taken(tmp_path):
    small = curve((1, 9.0), (5e9, 3.0), (6e9, 2.9))
    large = curve((1, 9.0), (5.5e9, 2.5), (2e10, 2.0))
    made = envelope(tmp_path, {"1M_flops": small, "2B_flops": large}, grid=False)
    # The first points are left out; targets are the least compute of the last points.
    assert made["target_flops"].tolist() == pytest.approx([5e18, 5.5e18])
    assert made["loss"].tolist() == [2.5, 2.5]
    assert made["params_non_embedding"].tolist() == [2_000_000] * 2
    assert made["tokens"].tolist() == [300 * 1024**2] * 2


def test_runs_of_unknown_size_give_a_target_and_are_never_the_best(tmp_path):
    files = {"1M_flops": curve((1, 9.0), (5e9, 3.0)), "odd_flops": curve((1, 9.0), (5.2e9, 1.0))}
    made = envelope(tmp_path, files, grid=False)
    assert made["loss"].tolist() == [3.0, 3.0]
    assert made["tokens"].tolist() == [150 * 1024**2] * 2


def test_targets_that_no_run_lies_near_are_left_out(tmp_path):
    made = envelope(tmp_path, {"1M_flops": curve((1, 9.0), (5e9, 3.0))}, grid=True)
    assert 4e18 <= made["target_flops"].min() <= made["target_flops"].max() <= 6e18
    assert set(made["loss"]) == {3.0}


def test_a_point_that_is_none_is_refused(tmp_path):
    paths = write(tmp_path, {"x/1M_flops/run.csv": curve((1, 9.0), (5e9, "nan"))})
    options = {"params": {"1M_flops": 1}, "table": "runs", "grid": False}
    refused("training_envelopes", paths, options, "row 2", "column Value")


def test_targets_of_the_grid_are_the_same_on_every_processor() -> None:
    with localcontext(prec=40):
        exact = [float(10 ** Decimal(float(power))) for power in np.linspace(18, 23, 200)]
    assert len(GRID) == 200
    # Of 200 powers the C library rounds a few the other way; NumPy's differ between processors.
    assert list(GRID) == [math.pow(10.0, power) for power in np.linspace(18, 23, 200)]
    assert max(abs(value / true - 1.0) for value, true in zip(GRID, exact, strict=True)) < 3e-16
