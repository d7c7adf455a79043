"""Tables whose last sign is cut off: one line, whatever sign and wherever pieces of a file end."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaling_studies.runs import raw_csv


@pytest.mark.parametrize("sign", ["é", "€", "𝛼"])
@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
@pytest.mark.parametrize("chunk", [3, 8, 1_000])
def test_a_sign_that_the_end_of_a_file_cuts_off_is_named_with_its_line(
    tmp_path: Path, monkeypatch, sign, ending, chunk
):
    monkeypatch.setattr(raw_csv, "CHUNK", chunk)
    path = tmp_path / "points.csv"
    whole = f"n,loss\n1,2.5{ending}".encode()
    for length in range(1, len(sign.encode())):
        path.write_bytes(whole + sign.encode()[:length])
        found = raw_csv.explain(path, ValueError("x"), study="a_2020", table="points")
        assert f"line {2 + ending.count(chr(10))} of points.csv is not UTF-8" in str(found)
    path.write_bytes(whole + sign.encode())
    assert "UTF-8 text" not in str(
        raw_csv.explain(path, ValueError("x"), study="a_2020", table="points")
    )
