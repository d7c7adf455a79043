"""The unpickler reads DataFrames and runs nothing."""

from __future__ import annotations

import gzip
import lzma
import os
import pickle
import subprocess

import numpy as np
import pandas as pd
import pytest

from scaling_studies.errors import TableError
from scaling_studies.sources.unpickle import read_frame


class _Call:
    """An object whose pickle calls a function when it is read."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def _write(path, value, opener=open, protocol=5):
    with opener(path, "wb") as stream:
        pickle.dump(value, stream, protocol=protocol)
    return path


@pytest.fixture
def nested():
    def plain(values):
        # Text as Python objects, as in files that older versions of pandas wrote.
        frame = pd.DataFrame(values).astype(object)
        frame.columns = pd.Index(list(values), dtype=object)
        return frame

    inner = plain({"flops": [1e16, 2e16], "n": [np.nan, 3.0]})
    return plain(
        {
            "name": ["a", "b"],
            "pairs": [inner, inner * 2],
            "curve": [np.arange(3.0), None],
            "losses": [pd.Series([4.0, 3.5]), pd.Series([1.0])],
        }
    )


@pytest.mark.parametrize(("suffix", "opener"), [("", open), (".gz", gzip.open), (".xz", lzma.open)])
def test_reads_a_frame_of_frames(tmp_path, nested, suffix, opener):
    path = _write(tmp_path / f"summary.pickle{suffix}", nested, opener)
    result = read_frame(path, table="summary")
    assert list(result["name"]) == ["a", "b"]
    pd.testing.assert_frame_equal(result["pairs"][1], nested["pairs"][1])
    np.testing.assert_array_equal(result["curve"][0], [0.0, 1.0, 2.0])
    assert list(result["losses"][0]) == [4.0, 3.5]


@pytest.mark.parametrize(
    ("protocol", "hidden"), [(0, False), (2, False), (5, False), (4, True), (5, True)]
)
@pytest.mark.parametrize(
    ("function", "name"),
    [(os.system, "posix.system"), (subprocess.check_output, ".check_output")],
)
def test_a_shell_command_is_refused_and_does_not_run(tmp_path, protocol, hidden, function, name):
    proof = tmp_path / "it-ran"
    payload = _Call(function, f"touch {proof}" if function is os.system else ["touch", str(proof)])
    value = payload
    if hidden:
        columns = pd.Index(["cell"], dtype=object)
        value = pd.DataFrame([[1], [payload]], columns=columns, dtype=object)
    path = _write(tmp_path / "bad.pickle", value, protocol=protocol)
    with pytest.raises(TableError, match="refused") as caught:
        read_frame(path, table="bad.pickle")
    assert not proof.exists()
    line = str(caught.value)
    assert name in line and "bad.pickle" in line and "\n" not in line
    # The same file does run where it is trusted: the payload is a real one.
    with path.open("rb") as stream:
        pickle.load(stream)
    assert proof.exists()


@pytest.mark.parametrize(
    "function", [eval, exec, getattr, __import__, open, pd.read_pickle, pd.eval, np.load]
)
def test_other_callables_are_refused(tmp_path, function):
    path = _write(tmp_path / "bad.pickle", _Call(function, "1"))
    with pytest.raises(TableError, match="asks for"):
        read_frame(path, table="bad.pickle")


def test_an_attribute_path_does_not_lead_out_of_an_admitted_class(tmp_path):
    # Protocol 4 looks dotted names up attribute by attribute.
    stream = (
        pickle.PROTO + b"\x04"
        + pickle.SHORT_BINUNICODE + b"\x11pandas.core.frame"
        + pickle.SHORT_BINUNICODE + b"\x12DataFrame.__init__"
        + pickle.STACK_GLOBAL + pickle.STOP
    )  # fmt: skip
    path = tmp_path / "bad.pickle"
    path.write_bytes(stream)
    with pytest.raises(TableError, match="asks for"):
        read_frame(path, table="bad.pickle")


def test_a_persistent_reference_is_refused(tmp_path):
    path = tmp_path / "bad.pickle"
    path.write_bytes(b"Pelsewhere\n.")
    with pytest.raises(TableError, match="outside itself"):
        read_frame(path, table="bad.pickle")


def test_a_class_changed_by_a_pickle_is_restored_and_the_pickle_refused(tmp_path):
    # BUILD with a (None, slots) state sets attributes of whatever is on the stack: of a class too.
    before = pd.Index.to_series
    stream = (
        b"\x80\x04\x8c\x06pandas\x8c\x05Index\x93"
        b"N}\x8c\x09to_seriesK\x01s\x86b."
    )  # fmt: skip
    path = tmp_path / "bad.pickle"
    path.write_bytes(stream)
    with pytest.raises(TableError, match="it changes Index"):
        read_frame(path, table="bad.pickle")
    assert pd.Index.to_series is before


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_truncated_pickle_gives_one_line(tmp_path, nested, keep):
    whole = pickle.dumps(nested)
    path = tmp_path / "cut.pickle"
    path.write_bytes(whole[:keep])
    with pytest.raises(TableError, match=r"cut\.pickle: the pickle") as caught:
        read_frame(path, table="cut.pickle")
    assert "\n" not in str(caught.value)


def test_something_else_than_a_frame_is_refused(tmp_path):
    path = _write(tmp_path / "list.pickle", [1, 2])
    with pytest.raises(TableError, match="holds a list, not a DataFrame"):
        read_frame(path, table="list.pickle")
