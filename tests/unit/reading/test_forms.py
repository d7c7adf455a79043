"""One table in every form that people and trackers write is read as the same numbers."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_tables import RUNS, same_numbers

from scaling_studies.errors import ScalingStudiesError
from scaling_studies.reading import read_runs


def text(separator: str = ",", number=repr) -> str:
    lines = [separator.join(RUNS.columns)]
    for row in RUNS.itertuples(index=False):
        cells = [row.run, str(int(row.params)), str(int(row.tokens)), number(row.loss)]
        lines.append(separator.join(cells))
    return "\n".join(lines) + "\n"


def comma(value: float) -> str:
    return repr(value).replace(".", ",")


FORMS = {
    "csv": text().encode(),
    "semicolons and decimal commas": text(";", comma).encode(),
    "tabs and decimal commas": text("\t", comma).encode(),
    "bars": text("|").encode(),
    "white space": text("   ").encode(),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + text().encode(),
    "UTF-16 with tabs": text("\t").encode("utf-16"),
    "UTF-16 without a mark": text("\t").encode("utf-16-le"),
    "CRLF": text().replace("\n", "\r\n").encode(),
    "sep=": b"sep=;\n" + text(";").encode(),
    "comment lines": b"# sweep\n# of week 12\n" + text().encode(),
    "a title": b"Runs of week 12\n\n" + text().encode(),
    "a row of units": text().replace("\n", "\n,params,tokens,nats\n", 1).encode(),
    "a last row of means": text().encode()
    + f"mean,{RUNS.params.mean()},{RUNS.tokens.mean()},{RUNS.loss.mean()}\n".encode(),
    "a header twice": text().encode() + b"run,params,tokens,loss\n",
    "a row twice": text().encode() + text().splitlines()[3].encode() + b"\n",
    "an index": RUNS.to_csv().encode(),
    "Markdown": ("| run | params | tokens | loss |\n|---|---|---|---|\n" + "".join(
        f"| {r.run} | {int(r.params)} | {int(r.tokens)} | {r.loss!r} |\n" for r in RUNS.itertuples()
    )).encode(),
    "gzip": gzip.compress(text().encode()),
    "bzip2": bz2.compress(text().encode()),
    "xz": lzma.compress(text().encode()),
    "a JSON array": RUNS.to_json(orient="records").encode(),
    "JSON under a key": json.dumps({"results": RUNS.to_dict("records"), "date": "today"}).encode(),
    "JSON lines": RUNS.to_json(orient="records", lines=True).encode(),
    **{
        f"JSON of pandas, {orient}": RUNS.to_json(orient=orient, double_precision=15).encode()
        for orient in ("columns", "index", "split", "table")
    },
    "JSON columns": json.dumps(RUNS.to_dict("list")).encode(),
    "JSON by run": json.dumps(
        {r["run"]: {k: r[k] for k in ("params", "tokens", "loss")} for r in RUNS.to_dict("records")}
    ).encode(),
    "nested JSON": json.dumps(
        [
            {"name": r["run"], "config": {"n_params": r["params"], "tokens": r["tokens"]},
             "summary": {"val/loss": r["loss"]}}
            for r in RUNS.to_dict("records")
        ]
    ).encode(),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_numbers(tmp_path, form):
    path = tmp_path / "runs.dat"
    path.write_bytes(FORMS[form])
    same_numbers(read_runs(path))


def test_parquet_zstd_and_excel(tmp_path):
    RUNS.to_parquet(tmp_path / "runs.parquet")
    same_numbers(read_runs(tmp_path / "runs.parquet"))
    with pa.CompressedOutputStream(str(tmp_path / "runs.csv.zst"), "zstd") as stream:
        stream.write(text().encode())
    same_numbers(read_runs(tmp_path / "runs.csv.zst"))
    pytest.importorskip("openpyxl")
    RUNS.to_excel(tmp_path / "runs.xlsx", index=False)
    same_numbers(read_runs(tmp_path / "runs.xlsx"))


def test_a_folder_with_a_json_a_run(tmp_path):
    for record in RUNS.to_dict("records"):
        place = tmp_path / "runs" / record.pop("run")
        place.mkdir(parents=True)
        (place / "summary.json").write_text(json.dumps(record))
    same_numbers(read_runs(tmp_path / "runs"))


def test_mlflow_with_a_row_a_metric(tmp_path):
    long = RUNS.melt("run", var_name="key").rename(columns={"run": "run_id"})
    long.replace({"key": {"loss": "val_loss"}}).to_csv(tmp_path / "long.csv", index=False)
    own = read_runs(tmp_path / "long.csv")
    assert own.kind == "long"
    same_numbers(own)


def group(value: float, sign: str) -> str:
    return f"{int(value):,}".replace(",", sign)


def suffixed(value: float, unit: str) -> str:
    for factor, letter in ((1e9, "B"), (1e6, "M")):
        if value >= factor:
            return f"{value / factor:.12g}{letter}{unit}"
    return f"{value:.12g}{unit}"


WRITTEN = {
    "commas": lambda value: group(value, ","),
    "points": lambda value: group(value, "."),
    "apostrophes": lambda value: group(value, "'"),
    "spaces": lambda value: group(value, " "),
    "no-break spaces": lambda value: group(value, "\u00a0"),
    "narrow spaces": lambda value: group(value, "\u202f"),
    "underscores": lambda value: group(value, "_"),
    "exponents": lambda value: f"{value:.12e}",
    "powers of ten": lambda value: f"{value / 1e7:.12g}×10^7",
    "letters": lambda value: suffixed(value, ""),
    "letters and words": lambda value: suffixed(value, " tokens"),
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(WRITTEN)),
    st.sampled_from([",", ";", "\t", "|"]),
    st.permutations(["run", "params", "tokens", "loss"]),
    st.booleans(),
)
def test_numbers_are_read_however_they_are_written(
    tmp_path_factory, written, separator, order, bom
):
    frame = RUNS.assign(
        params=RUNS["params"].map(WRITTEN[written]), tokens=RUNS["tokens"].map(WRITTEN[written])
    )[order]
    path = tmp_path_factory.mktemp("t") / "runs.csv"
    frame.to_csv(path, sep=separator, index=False, encoding="utf-8-sig" if bom else "utf-8")
    same_numbers(read_runs(path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"params,tokens,loss\n", "has no rows"),
        (b"1e8,2e9,3.1\n1e8,4e9,2.9\n", "add a first line with the names"),
        (b"params,tokens,loss\n1,500,000,3.1\n", "row 1"),
        (b'[{"params": 1', "as JSON"),
        (b"\x00\x01\x02\x03 \x00" * 9, "no table that is read"),
        (b"PAR1 and no more", "as Parquet"),
        (b"loss,loss\n3,4\n5,6\n", "column loss"),
        (b"params,tokens,loss\n1e8,2e9,3.1\n1e8,x,2.9\n2e8,4e9,2.8\n", "row 2, column tokens"),
        (b"params,tokens,loss\n1e8,2e9,3.1\n-1e8,3e9,2.9\n2e8,4e9,2.8\n", "row 2, column params"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line(tmp_path, content, said):
    path = tmp_path / "runs.csv"
    path.write_bytes(content)
    with pytest.raises(ScalingStudiesError, match=said) as caught:
        read_runs(path)
    assert "\n" not in str(caught.value) and "Fix: " in str(caught.value)


def test_runs_that_diverged_are_left_out_and_counted(tmp_path):
    frame = RUNS.assign(loss=RUNS["loss"].astype(object))
    frame.loc[1, "loss"], frame.loc[5, "loss"], frame.loc[7, "loss"] = "NaN", "Infinity", "diverged"
    frame.to_csv(tmp_path / "runs.csv", index=False)
    own = read_runs(tmp_path / "runs.csv")
    assert len(own.frame) == len(RUNS) - 3
    assert any(note.startswith("3 rows left out") for note in own.notes)
    np.testing.assert_allclose(own.frame["loss"], RUNS["loss"].drop([1, 5, 7]))


def test_a_frame_of_pandas_is_read(tmp_path):
    same_numbers(read_runs(RUNS))
    same_numbers(read_runs(RUNS.set_index("run")))
    with pytest.raises(ScalingStudiesError):
        read_runs(pd.DataFrame())
