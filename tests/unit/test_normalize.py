import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaling_studies import raw_csv, runs
from scaling_studies.errors import TableError
from scaling_studies.normalize import normalize, normalize_file
from scaling_studies.tables import read_tables

LOSS = {"metric": "loss", "eval_set": "web", "unit": "nats_per_token", "from": "loss"}


def card_of(**tables):
    """Return the part of a card that normalisation reads."""
    defaults = {"file": "a.csv", "provenance": "measured", "measurements": [LOSS]}
    return {"study": "a_2020", "tables": {name: defaults | entry for name, entry in tables.items()}}


def rows_of(card, **frames):
    frames = {f"{name}.csv": pd.DataFrame(columns) for name, columns in frames.items()}
    table = normalize(card, frames)
    assert table.schema.equals(runs.RUN_SCHEMA)
    return table.to_pandas().astype(
        {f.name: object for f in table.schema if pa.types.is_dictionary(f.type)}
    )


def test_numbers_are_converted_and_derived():
    card = card_of(
        points={
            "columns": {
                "params_total": {"from": "size", "unit": "million"},
                "flops": {"from": "compute", "unit": "PF-days"},
                "tokens": {"derive": "tokens_from_6nd"},
                "unique_tokens": {"from": "distinct", "unit": "billion"},
                "epochs": {"derive": "epochs_from_unique"},
            },
            "constants": {"dataset": "web", "depth": 12, "flops_convention": "6ND_total"},
            "measurements": [LOSS | {"unit": "bits_per_token", "low": "low", "std": "sd"}],
            "provenance_group": "figure_4",
        }
    )
    frame = rows_of(
        card,
        a={
            "size": ["70", "410"],
            "compute": ["1", "2.5"],
            "distinct": ["10", "20"],
            "loss": ["4", "3"],
            "low": ["3.9", ""],
            "sd": ["0.1", "0.2"],
        },
    )
    tokens = np.array([8.64e19 / (6 * 70e6), 2.5 * 8.64e19 / (6 * 410e6)])
    np.testing.assert_allclose(frame["tokens"], tokens, rtol=1e-15)
    np.testing.assert_allclose(frame["epochs"], tokens / [1e10, 2e10], rtol=1e-15)
    np.testing.assert_allclose(frame["flops_6nd"], frame["flops"], rtol=1e-15)
    np.testing.assert_allclose(frame["value"], [4 * math.log(2), 3 * math.log(2)], rtol=1e-15)
    np.testing.assert_allclose(frame["value_std"], np.array([0.1, 0.2]) * math.log(2), rtol=1e-15)
    assert frame["value_low"][0] == 3.9 * math.log(2)
    assert math.isnan(frame["value_low"][1])
    assert set(frame["unit"]) == {"nats_per_token"}
    assert set(frame["depth"]) == {12.0}
    assert list(frame["run_id"]) == ["points:1", "points:2"]
    assert list(frame["row_key"]) == list(frame["group_id"]) == list(frame["run_id"])
    assert set(frame["provenance_group"]) == {"figure_4"}
    assert set(frame["status"]) == {"ok"}


def test_6nd_of_large_runs_does_not_overflow():
    card = card_of(
        points={"columns": {"params_total": {"from": "n"}, "tokens": {"from": "d"}}},
    )
    frame = rows_of(card, a={"n": [500_000_000_000], "d": [20_000_000_000_000], "loss": [1.9]})
    assert frame["flops_6nd"][0] == 6e25


@pytest.mark.parametrize(
    ("convention", "size"),
    [
        ("6ND_total", 100.0),
        ("6ND_non_embedding", 80.0),
        ("6ND_active", 30.0),
        ("reported", 30.0),
        (None, 30.0),
    ],
)
def test_6nd_uses_the_parameters_of_the_convention(convention, size):
    columns = {
        "params_total": {"from": "n"},
        "params_non_embedding": {"from": "body"},
        "params_active": {"from": "active"},
        "tokens": {"from": "d"},
    }
    constants = {} if convention is None else {"flops_convention": convention}
    frame = rows_of(
        card_of(points={"columns": columns, "constants": constants}),
        a={"n": ["100"], "body": ["80"], "active": ["30"], "d": ["7"], "loss": ["2"]},
    )
    assert frame["flops_6nd"][0] == 6 * size * 7
    mapped = columns | {"flops_convention": {"from": "kind"}}
    kinds = [convention or "unknown", "6ND_total"]
    frame = rows_of(
        card_of(points={"columns": mapped}),
        a={
            "n": ["100"] * 2,
            "body": ["80"] * 2,
            "active": ["30"] * 2,
            "d": ["7"] * 2,
            "loss": ["2"] * 2,
            "kind": kinds,
        },
    )
    assert list(frame["flops_6nd"]) == [6 * size * 7, 6 * 100 * 7]


def test_measurements_of_a_row_stand_together_and_share_its_key():
    card = card_of(
        curves={
            "columns": {"run_id": {"from": "run"}, "step": {"from": "step"}},
            "measurements": [
                LOSS,
                {"metric": "error", "eval_set": "quiz", "unit": "percent", "from": "quiz"},
                {"metric": "bleu", "unit": "bleu", "from": "bleu", "optional": True},
            ],
        }
    )
    frame = rows_of(
        card,
        a={
            "run": ["x", "x", "y"],
            "step": ["100", "2e2", "0.5"],
            "loss": ["3", "2", "1"],
            "quiz": ["50", "40", "30"],
            "bleu": ["", "20", "21"],
        },
    )
    assert list(frame["row_key"]) == ["x@100"] * 2 + ["x@200"] * 3 + ["y@0.5"] * 3
    assert list(frame["metric"]) == ["loss", "error"] + ["loss", "error", "bleu"] * 2
    assert list(frame["value"]) == [3, 0.5, 2, 0.4, 20, 1, 0.3, 21]
    assert list(frame["group_id"]) == ["x"] * 5 + ["y"] * 3
    assert list(frame["eval_set"].isna()) == [False, False, *[False, False, True] * 2]


def test_long_tables_share_the_key_of_a_checkpoint_and_are_averaged():
    card = card_of(
        losses={
            "columns": {"run_id": {"from": "run"}, "tokens": {"from": "d", "unit": "billion"}},
            "measurements": [LOSS | {"eval_set": {"column": "set"}}],
            "join": [{"file": "b.csv", "on": ["run"]}],
            "averages": [
                {"metric": "loss", "eval_set": "mean of all"},
                {"metric": "loss", "eval_set": "mean of two", "over": ["web", "code"]},
            ],
        }
    )
    frame = rows_of(
        card,
        a={
            "run": ["y", "y", "x", "x", "x", "y"],
            "set": ["web", "code", "web", "wiki", "code", "wiki"],
            "loss": ["1", "2", "4", "8", "16", "32"],
        },
        b={"run": ["x", "y", "z"], "d": ["1", "2", "3"], "loss of training": ["7", "8", ""]},
    )
    assert list(frame["row_key"][:6]) == ["y", "y", "x", "x", "x", "y"]
    assert list(frame["tokens"][:6] / 1e9) == [2, 2, 1, 1, 1, 2]
    averages = frame[6:]
    assert list(averages["eval_set"]) == ["mean of all"] * 2 + ["mean of two"] * 2
    assert list(averages["row_key"]) == ["y", "x", "y", "x"]
    assert list(averages["value"]) == [35 / 3, 28 / 3, 1.5, 10]
    assert list(averages["tokens"] / 1e9) == [2, 1, 2, 1]


def test_checkpoints_of_two_tables_share_their_key():
    columns = {"run_id": {"from": "run"}}
    error = {"metric": "error", "eval_set": "quiz", "unit": "fraction", "from": "error"}
    card = card_of(
        losses={"columns": columns},
        errors={"columns": columns, "file": "b.csv", "measurements": [error]},
    )
    frame = rows_of(
        card, a={"run": ["x", "y"], "loss": [3.0, 2.0]}, b={"run": ["y", "x"], "error": [0.1, 0.2]}
    )
    assert list(frame["table"]) == ["errors"] * 2 + ["losses"] * 2
    of_x = frame[frame["row_key"] == "x"]
    assert dict(zip(of_x["metric"], of_x["value"], strict=True)) == {"error": 0.2, "loss": 3.0}


def test_repeated_checkpoints_are_told_apart_where_they_are_allowed():
    card = card_of(
        points={
            "columns": {"run_id": {"from": "run"}},
            "measurements": [LOSS | {"eval_set": {"column": "set"}}],
            "allow": {"duplicate_runs": True},
        }
    )
    frame = rows_of(
        card,
        a={
            "run": ["x", "x", "x", "y", "x", "x"],
            "set": ["a", "b", "a", "a", "b", "a"],
            "loss": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        },
    )
    assert list(frame["row_key"]) == ["x", "x", "x#2", "y", "x#2", "x#3"]


def test_groups_constants_values_and_flags():
    card = card_of(
        points={
            "columns": {
                "params_total": {"from": "size", "values": {"7B": 7.0e9, "tiny": "1e6"}},
                "status": {"from": "state", "values": {"nan": "diverged"}},
                "note": {"from": "state", "values": {"": "state unknown"}},
                "is_final": {"from": "last"},
                "seed": {"from": "seed"},
            },
            "constants": {"run_id": "one run"},
            "group": ["size", "seed"],
            "allow": {"duplicate_runs": True},
        }
    )
    frame = rows_of(
        card,
        a={
            "size": ["7B", "tiny", "7B"],
            "state": ["", "nan", "ok"],
            "last": ["True", "no", ""],
            "seed": [1, 2, 3],
            "loss": ["2", "inf", "3"],
        },
    )
    assert list(frame["params_total"]) == [7e9, 1e6, 7e9]
    assert list(frame["status"]) == ["ok", "diverged", "ok"]
    assert list(frame["note"]) == ["state unknown", "nan", "ok"]
    assert list(frame["is_final"]) == [True, False, None]
    assert list(frame["group_id"]) == ["7B|1", "tiny|2", "7B|3"]
    assert list(frame["row_key"]) == ["one run", "one run#2", "one run#3"]
    assert math.isnan(frame["value"][1])


def test_samples_bring_their_unit():
    samples = {"samples": {"from": "m", "unit": "minutes"}}
    frame = rows_of(card_of(points={"columns": samples}), a={"m": ["30"], "loss": ["1"]})
    assert (frame["samples"][0], frame["sample_unit"][0]) == (0.5, "hours")
    multiple = card_of(
        points={
            "columns": {"samples": {"from": "m", "unit": "million"}},
            "constants": {"sample_unit": "images"},
        }
    )
    frame = rows_of(multiple, a={"m": ["30"], "loss": ["1"]})
    assert (frame["samples"][0], frame["sample_unit"][0]) == (3e7, "images")


FORMATS_CARD = {
    "columns": {
        "run_id": {"from": "run"},
        "step": {"from": "step"},
        "params_total": {"from": "n"},
        "learning_rate": {"from": "lr"},
    }
}


def test_csv_parquet_and_json_lines_give_the_same_rows(tmp_path):
    frame = pd.DataFrame(
        {
            "run": [1, 1, 2],
            "step": [10, 20, 10],
            "n": [1.5e6, 1.5e6, 2.25e7],
            "lr": [3e-4, None, 1e-4],
            "loss": [3.25, 2.5, 2.125],
            "unused": ["2020-01-01", "x", "y"],
        }
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    lines = frame.astype(object).where(frame.notna(), None).to_dict("records")
    text = "\n".join(json.dumps(line) for line in lines)
    (tmp_path / "a.jsonl").write_text(text + "\n")
    mixed = text.replace('"n": 1500000.0', '"n": "1500000"').replace('"lr": null', '"lr": NaN')
    (tmp_path / "mixed.jsonl").write_text(mixed + "\n")
    written = set()
    for file in ("a.csv", "a.parquet", "a.jsonl", "mixed.jsonl"):
        out = tmp_path / f"{file}.runs"
        normalize_file(card_of(points=FORMATS_CARD | {"file": file}), tmp_path, out)
        written.add(out.read_bytes())
    assert len(written) == 1
    assert list(runs.read_runs(out)["row_key"]) == ["1@10", "1@20", "2@10"]


def test_frames_and_files_give_the_same_bytes(tmp_path, request):
    root = request.config.rootpath
    found = sorted((root / "config/studies").glob("*.yaml"))
    assert found
    for path in found:
        card = yaml.safe_load(path.read_text(encoding="utf-8"))
        if any(entry.get("retrieved") for entry in card["tables"].values()):
            continue
        normalize_file(card, root / "data", tmp_path / "files.parquet")
        table = normalize(card, read_tables(card, root / "data"))
        runs.write_runs(table, tmp_path / "frames.parquet")
        frames = (tmp_path / "frames.parquet").read_bytes()
        assert frames == (tmp_path / "files.parquet").read_bytes(), path.stem


def test_a_card_without_tables_gives_an_empty_run_table(tmp_path):
    normalize_file({"study": "a_2020", "tables": {}}, tmp_path, tmp_path / "a.parquet")
    assert runs.read_runs(tmp_path / "a.parquet").empty
    assert normalize({"study": "a_2020", "tables": {}}, {}).num_rows == 0


def test_besiroglus_points_are_hoffmanns_figure(request, tmp_path):
    root = request.config.rootpath
    card = yaml.safe_load((root / "config/studies/besiroglu_2024.yaml").read_text())
    normalize_file(card, root / "data", tmp_path / "a.parquet")
    frame = runs.read_runs(tmp_path / "a.parquet")
    raw = np.genfromtxt(root / "data/hoffmann_2022/points.csv", delimiter=",", names=True)
    assert len(frame) == 245
    np.testing.assert_array_equal(frame["value"], raw["loss"])
    np.testing.assert_array_equal(frame["params_total"], raw["params"])
    tokens = raw["training_flops"] / (6 * raw["params"])
    np.testing.assert_allclose(frame["tokens"], tokens, rtol=1e-15)


def test_quoted_line_breaks_and_a_byte_order_mark_are_read(tmp_path):
    (tmp_path / "a.csv").write_bytes(
        '\ufeffrun,loss,note\r\n"a, b",2.5,"two\nlines"\r\n\r\nc, 2.25 ,\r\n'.encode()
    )
    card = card_of(points={"columns": {"run_id": {"from": "run"}, "note": {"from": "note"}}})
    normalize_file(card, tmp_path, tmp_path / "a.parquet")
    frame = runs.read_runs(tmp_path / "a.parquet")
    assert list(frame["run_id"]) == ["a, b", "c"]
    assert list(frame["value"]) == [2.5, 2.25]
    assert frame["note"][0] == "two\nlines"


CURVES = card_of(
    curves={
        "columns": {
            "run_id": {"from": "run"},
            "step": {"from": "step"},
            "params_total": {"from": "n"},
            "tokens": {"from": "d"},
        },
        "measurements": [LOSS, LOSS | {"eval_set": "code", "from": "code", "optional": True}],
    }
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    runs_of_rows=st.lists(st.integers(0, 5), min_size=1, max_size=60),
    block=st.integers(120, 900),
    group=st.integers(1, 40),
    repeat=st.booleans(),
)
def test_parts_of_any_size_give_the_same_bytes(
    tmp_path, runs_of_rows, block, group, repeat, monkeypatch
):
    steps = {run: 0 for run in range(6)}
    lines = ["run,step,n,d,loss,code"]
    for number, run in enumerate(runs_of_rows):
        steps[run] += 1
        code = "" if number % 3 else "1.5"
        lines.append(f"run {run},{steps[run]},{10 + run},{steps[run] * 7},{2 + number / 7},{code}")
    if repeat:
        lines.append(lines[1])
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    frames = read_tables(CURVES, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(raw_csv, "_BLOCK_BYTES", block)
        patch.setattr(runs, "ROW_GROUP_ROWS", group)
        if repeat:
            outcomes = []
            for work in (
                lambda: normalize(CURVES, frames),
                lambda: normalize_file(CURVES, tmp_path, tmp_path / "files"),
            ):
                with pytest.raises(TableError, match="repeats row 1 ") as caught:
                    work()
                outcomes.append(str(caught.value))
            assert outcomes[0] == outcomes[1]
            assert f"row {len(runs_of_rows) + 1}," in outcomes[0]
            assert not (tmp_path / "files").exists()
            return
        runs.write_runs(normalize(CURVES, frames), tmp_path / "frames.parquet")
        normalize_file(CURVES, tmp_path, tmp_path / "files.parquet")
    assert (tmp_path / "frames.parquet").read_bytes() == (tmp_path / "files.parquet").read_bytes()
    assert pq.read_metadata(tmp_path / "files.parquet").num_row_groups >= 1
