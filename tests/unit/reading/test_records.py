"""Records whose numbers stand where others of the same name do."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from scaling_studies.answers.predict import predict
from scaling_studies.errors import MustBeSaid, TableError
from scaling_studies.reading import read_runs
from scaling_studies.reading.json_tables import harness_result, read_json, trainer_history
from scaling_studies.reading.numbers import numbers_of

SAID = {"unit": "nats_per_token", "params_convention": "total"}


def test_the_mean_loss_in_the_summary_of_a_trainer_is_not_the_last_one():
    log = [{"loss": 3.0, "step": 50}, {"loss": 2.5, "step": 100}]
    summary = {"step": 100, "train_loss": 3.4, "train_runtime": 9.0, "total_flos": 1e15}
    rows = trainer_history({"log_history": [*log, summary], "global_step": 100})
    assert [row["train_loss"] for row in rows] == [3.0, 2.5]
    assert rows[-1]["total_flos"] == 1e15
    # Where nothing else was logged it is what there is.
    (alone,) = trainer_history({"log_history": [summary], "global_step": 100})
    assert alone["train_loss"] == 3.4


def test_results_beside_a_configuration_are_those_of_a_harness_only_with_its_marks():
    config = {"model": {"n_params": 1e8}, "data": {"total_tokens": 2e9}}
    record = {"config": config, "results": {"val": {"loss": 2.9}}, "id": "a"}
    assert harness_result(record) is None
    frame = read_json("\n".join(json.dumps(record | {"id": name}) for name in "ab"), "r.jsonl")
    assert {"config.model.n_params", "config.data.total_tokens", "results.val.loss"} <= {*frame}
    marked = record | {"versions": {"val": 1}, "n_params": 1e8}
    found = harness_result(marked)
    assert found is not None and found["n_params"] == 1e8 and found["val/loss"] == 2.9


@pytest.mark.parametrize("name", ["curve", "history", "metrics"])
def test_curves_under_a_name_of_their_own_are_rows(name):
    curve = {"tokens": [1e9, 2e9], "loss": [4.0, 3.5]}
    text = json.dumps([{"n_params": 1e7, name: curve}, {"n_params": 4e7, name: curve}])
    frame = read_json(text, "runs.json")
    assert len(frame) == 4 and {"n_params", f"{name}.tokens", f"{name}.loss"} == {*frame}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": "crashed"}, "unfinished"),
        ({"tokens": 0}, "before the first step"),
    ],
)
def test_no_row_left_is_said_with_what_was_left_out(change, reason):
    sizes = np.geomspace(1e7, 1e9, 6)
    frame = pd.DataFrame({"params": sizes, "tokens": sizes * 20, "loss": 11 - np.log10(sizes)})
    frame = frame.assign(run=[f"r{n}" for n in range(6)], **change)
    with pytest.raises(TableError, match=f"no row is left to fit.*{reason}"):
        read_runs(frame, **SAID)


def test_cells_that_programs_wrapped_are_numbers_and_others_are_named():
    wrapped = ['="594000000"', "'594000000", "[594000000]", "tensor(5.94e8)", '"594M"']
    assert numbers_of(pd.Series(wrapped)).floats == pytest.approx(np.full(5, 5.94e8))
    sizes = np.geomspace(1e7, 1e9, 6)
    loss = 11 - np.log10(sizes)
    for cell in ("D={}M", "({}M)", "GPT ({}M)", "ca. {}M"):
        texts = [cell.format(round(size / 1e6)) for size in sizes]
        frame = pd.DataFrame({"params": sizes, "tokens": texts, "loss": loss})
        with pytest.raises(TableError, match=r"row 1, column tokens.*--map tokens=none"):
            read_runs(frame, **SAID)
        assert "tokens" not in read_runs(frame, maps=["tokens=none"], **SAID).roles


def test_a_law_along_one_axis_ignores_no_other():
    sizes = np.geomspace(1e7, 1e9, 10)
    frame = pd.DataFrame({"params": sizes, "loss": 1.8 + 400 * sizes**-0.34})
    with pytest.raises(MustBeSaid, match="leave out --tokens"):
        predict(frame, 2e9, 1e12, **SAID)
    assert predict(frame, 2e9, **SAID).to_json()["loss"]["value"] > 1.8
