"""Files to a run table: formats, parts and the project's own cards."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaling_studies.cards.load import load_card
from scaling_studies.cards.models.table import TableEntry
from scaling_studies.errors import TableError
from scaling_studies.runs import raw_csv, run_files
from scaling_studies.runs.normalize import normalize_file, read_run_table

LOSS = {"metric": "loss", "eval_set": "web", "unit": "nats_per_token", "from": "loss"}


def card_of(**tables):
    """Return the part of a card that normalisation reads."""
    defaults = {"file": "a.csv", "provenance": "measured", "measurements": [LOSS]}
    entries = {name: defaults | entry for name, entry in tables.items()}
    return {
        "study": "a_2020",
        "tables": {name: TableEntry.model_validate(entry) for name, entry in entries.items()},
    }


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
        normalize_file(**card_of(points=FORMATS_CARD | {"file": file}), data_dir=tmp_path, out=out)
        written.add(out.read_bytes())
    assert len(written) == 1
    assert list(run_files.read_runs(out)["row_key"]) == ["1@10", "1@20", "2@10"]


def test_a_card_without_tables_gives_an_empty_run_table(tmp_path):
    normalize_file("a_2020", {}, tmp_path, tmp_path / "a.parquet")
    assert run_files.read_runs(tmp_path / "a.parquet").empty
    assert read_run_table("a_2020", {}, tmp_path).num_rows == 0


def test_besiroglus_points_are_hoffmanns_figure(request, tmp_path):
    root = request.config.rootpath
    card = load_card(root / "config/studies/besiroglu_2024.yaml")
    normalize_file(card.study, card.tables, root / "data", tmp_path / "a.parquet")
    frame = run_files.read_runs(tmp_path / "a.parquet")
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
    normalize_file(**card, data_dir=tmp_path, out=tmp_path / "a.parquet")
    frame = run_files.read_runs(tmp_path / "a.parquet")
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


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    runs_of_rows=st.lists(st.integers(0, 5), min_size=1, max_size=60),
    block=st.integers(120, 900),
    group=st.integers(1, 40),
    repeat=st.booleans(),
)
def test_pieces_of_any_size_give_the_same_bytes(
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
    if repeat:
        lines_of_errors = set()
        for bytes_of_piece in (1 << 20, block):
            monkeypatch.setattr(raw_csv, "_BLOCK_BYTES", bytes_of_piece)
            with pytest.raises(TableError, match="repeats row 1 ") as caught:
                normalize_file(**CURVES, data_dir=tmp_path, out=tmp_path / "files")
            lines_of_errors.add(str(caught.value))
        assert len(lines_of_errors) == 1
        assert f"row {len(runs_of_rows) + 1}," in lines_of_errors.pop()
        assert not (tmp_path / "files").exists()
        return
    written = set()
    with monkeypatch.context() as patch:
        patch.setattr(run_files, "ROW_GROUP_ROWS", group)
        for bytes_of_piece in (1 << 20, block):
            patch.setattr(raw_csv, "_BLOCK_BYTES", bytes_of_piece)
            normalize_file(**CURVES, data_dir=tmp_path, out=tmp_path / "files.parquet")
            written.add((tmp_path / "files.parquet").read_bytes())
        table = read_run_table(**CURVES, data_dir=tmp_path)
        run_files.write_runs([table], tmp_path / "files.parquet")
        written.add((tmp_path / "files.parquet").read_bytes())
    assert len(written) == 1
    assert pq.read_metadata(tmp_path / "files.parquet").num_row_groups >= 1
