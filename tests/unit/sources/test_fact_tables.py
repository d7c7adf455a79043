"""Fact tables as CSV."""

from __future__ import annotations

import pandas as pd
import pytest

from scaling_studies.errors import TableError
from scaling_studies.sources.fact_tables import to_csv_bytes


def test_csv_is_the_shortest_that_reads_back_exactly():
    values = [0.1 + 0.2, 1e-320, 1.7976931348623157e308, 5e15, 2.0]
    frame = pd.DataFrame({"a": values, "b": [1, 2, 3, 4, 5], "c": [True, False] * 2 + [True]})
    frame["d"] = pd.Series(["x,y", 'q"', "", None, "é"], dtype=object)
    content = to_csv_bytes(frame, table="t")
    lines = content.decode().split("\n")
    assert lines[0] == "a,b,c,d" and lines[1] == '0.30000000000000004,1,true,"x,y"'
    assert lines[4] == "5000000000000000.0,4,false," and lines[-1] == ""
    assert [float(line.split(",")[0]) for line in lines[1:-1]] == values


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1], 1j])
def test_what_is_no_fact_is_not_written(value):
    frame = pd.DataFrame({"a": pd.Series([1.0, value], dtype=object)})
    with pytest.raises(TableError, match="table t, row 2, column a"):
        to_csv_bytes(frame, table="t")
