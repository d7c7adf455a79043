"""Files given as tables that are none: one line that names the place, and no crash."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaling_studies.errors import ScalingStudiesError, SourceError
from scaling_studies.runs.tables import RawTable, locate

PLACE = {"study": "a_2020", "table": "points"}
GOOD = '{"n": 1e9, "loss": 2.5}\n'


def refusal(path: Path) -> str:
    begin = time.process_time()
    with pytest.raises(ScalingStudiesError) as caught:
        RawTable.open(path, **PLACE).read()
    assert time.process_time() - begin < 2.0
    line = str(caught.value)
    assert line.startswith("study a_2020, table points") and "\n" not in line and "Fix: " in line
    return line


LINES = {
    "null": "null",
    "several nulls": "null\nnull",
    "null after an object": '{"n": 1} null {"n": 2}',
    "a number": "3",
    "a text": '"x"',
    "a list": "[1, 2]",
    "true": "true",
    "two objects": '{"n": 1} {"n": 2}',
    "a key twice": '{"n": 1, "n": 2}',
    "a key twice inside": '{"n": {"a": 1, "a": 2}}',
    "half a pair": '{"n": "\\ud800"}',
    "half a pair in a key": '{"\\udfff": 1}',
    "an open object": '{"n": 1',
    "deep lists": '{"n": ' + "[" * 100_000,
    "a number of a million digits": '{"n": ' + "9" * 1_000_000 + "}",
    "zero bytes": "\0\0\0",
    "a long line": '{"n": "' + "a" * 5_000_000 + '"}',
    "UTF-16": "\ufeff{".encode("utf-16").decode("latin-1"),
}


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("before", ["", GOOD])
def test_a_line_that_is_no_object_is_refused_with_its_row(tmp_path, name, before):
    path = tmp_path / "a.jsonl"
    path.write_text(before + LINES[name] + "\n" + GOOD, encoding="utf-8")
    assert f"row {2 if before else 1}" in refusal(path)


@pytest.mark.parametrize(
    ("lines", "columns"),
    [
        ('{"a": 1}\n\n{"b": 2}\n', {"a": [1, None], "b": [None, 2]}),
        ('{"a": 1}\n{"a": 2.5}\n{"a": null}\n', {"a": [1.0, 2.5, None]}),
        ('{"a": 1}\n{"a": "x"}\n', {"a": ["1", "x"]}),
        ('{"a": true}\n{"a": false}\n', {"a": [True, False]}),
        ('{"a": "2020-01-01"}\n', {"a": ["2020-01-01"]}),
        ('{"a": 99999999999999999999}\n', {"a": ["99999999999999999999"]}),
        ('\ufeff{"a": 1}', {"a": [1]}),
        ('{"a": [1]}\n{"a": {"b": 2}}\n', {"a": ["[1]", '{"b": 2}']}),
    ],
)
def test_objects_are_rows(tmp_path, lines, columns):
    path = tmp_path / "a.jsonl"
    path.write_text(lines, encoding="utf-8")
    assert RawTable.open(path, **PLACE).read().to_pydict() == columns


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(JSON, min_size=1, max_size=4),
    noise=st.binary(max_size=3),
    place=st.integers(0, 50),
)
def test_any_lines_are_a_table_or_refused_in_one_line(tmp_path, values, noise, place):
    data = "\n".join(map(json.dumps, values)).encode()
    path = tmp_path / "a.jsonl"
    path.write_bytes(data[:place] + noise + data[place:])
    try:
        RawTable.open(path, **PLACE).read()
    except ScalingStudiesError as error:
        assert "\n" not in str(error) and "Fix: " in str(error)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "itself", "dangling", "none"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, kind, ending):
    path = tmp_path / f"a.{ending}"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "itself":
            path.symlink_to(path)
        case "dangling":
            path.symlink_to("nowhere")
    with pytest.raises(SourceError) as caught:
        locate(tmp_path, path.name, **PLACE)
    assert "\n" not in str(caught.value) and "Fix: " in str(caught.value)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 64, b"PAR1", b"PAR1" + b"\xff" * 40 + b"PAR1", b"\x1f\x8b\x08", b"\xef\xbb\xbf"],
)
def test_broken_files_are_refused(tmp_path, ending, data):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(data)
    refusal(path)
