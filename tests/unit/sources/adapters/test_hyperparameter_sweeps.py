"""Sweeps of hyperparameters."""

from __future__ import annotations

from upstream_files import refused, write

from scaling_studies import registry

SWEEP_HEADER = "h,ffnh,numh,numl,lr,bs,ti,loss,smooth loss,D,N"
SWEEPS = {
    "d.csv": f"{SWEEP_HEADER}\n8,16,2,2,0.01,32,10,3.5,3.25,1000,{{}}\n",
    "m.csv": f"{SWEEP_HEADER},Na,topk,nume\n8,16,2,2,0.01,32,10,3.5,3.25,1000,500,90,1,8\n",
}


def test_hyperparameter_sweeps(tmp_path):
    options = {"dense": "d.csv", "experts": "m.csv"}
    files = SWEEPS | {"d.csv": SWEEPS["d.csv"].format(400)}
    tables = registry.load("adapters", "hyperparameter_sweeps")(write(tmp_path, files), **options)
    assert tables["dense"].loc[0, ["loss", "loss_last_step"]].tolist() == [3.25, 3.5]
    assert tables["experts"].loc[0, "params_active"] == 90
    files = SWEEPS | {"d.csv": SWEEPS["d.csv"].format("big")}
    paths = write(tmp_path, files)
    refused("hyperparameter_sweeps", paths, options, "d.csv", "row 1, column N", "'big'")
