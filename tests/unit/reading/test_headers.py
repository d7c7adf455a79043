"""Headers as public codes write them: understood, or asked about with a fix; none wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from own_tables import RUNS

from scaling_studies.errors import MustBeSaid
from scaling_studies.reading import read_runs

HEADERS = yaml.safe_load(Path(__file__).with_name("headers.yaml").read_text(encoding="utf-8"))
PLACE = np.arange(len(RUNS))
PARAMS, TOKENS, LOSS = (RUNS[name].to_numpy() for name in ("params", "tokens", "loss"))
FLOPS = 6.0 * PARAMS * TOKENS


def label(value: float) -> str:
    factor, letter = (1e9, "B") if value >= 1e9 else (1e6, "M")
    return f"{value / factor:.10g}{letter}"


#: Words of headers.yaml -> cells.
WHAT = {
    "name": RUNS["run"],
    "state": ["finished"] * len(RUNS),
    "word": ["baseline"] * len(RUNS),
    "params": PARAMS,
    "params_m": PARAMS / 1e6,
    "params_b": PARAMS / 1e9,
    "label": [label(value) for value in PARAMS],
    "log10params": np.log10(PARAMS),
    "part": 0.7 * PARAMS,
    "small": np.sqrt(PARAMS),
    "larger": PARAMS * (4 + PLACE % 3),
    "width": np.round(np.sqrt(PARAMS) / 8),
    "depth": np.round(np.log2(PARAMS)),
    "tokens": TOKENS,
    "tokens_b": TOKENS / 1e9,
    "labels_of_tokens": [label(value) for value in TOKENS],
    "log10tokens": np.log10(TOKENS),
    "planned": TOKENS * 1.5,
    "ratio": TOKENS / PARAMS,
    "sequences": TOKENS / 2048,
    "steps": TOKENS / 524288,
    "flops": FLOPS,
    "gflops": FLOPS / 1e9,
    "lngflops": np.log(FLOPS / 1e9),
    "zetta": FLOPS / 1e21,
    "pfdays": FLOPS / 8.64e19,
    "loss": LOSS,
    "train_loss": 0.97 * LOSS,
    "other_loss": 1.2 * LOSS,
    "ppl": np.exp(LOSS),
    "score": 0.2 + 0.01 * (PLACE * 7 % 16),
    "time": 100.0 + 37.0 * (PLACE * 5 % 16),
    "rate": 1.0e5 + 311.0 * (PLACE * 3 % 16),
    "tflops": 140.0 + 1.7 * PLACE,
    "mfu": 0.4 + 0.001 * PLACE,
    "lr": np.full(len(RUNS), 3e-4),
    "one": np.ones(len(RUNS)),
    "eight": np.full(len(RUNS), 8),
    "batch16": np.full(len(RUNS), 16),
    "batch512": np.full(len(RUNS), 512),
    "batch524288": np.full(len(RUNS), 524288),
    "accumulation32": np.full(len(RUNS), 32),
    "length1024": np.full(len(RUNS), 1024),
    "length2048": np.full(len(RUNS), 2048),
}


def table(header: dict) -> pd.DataFrame:
    return pd.DataFrame({name: WHAT[what] for name, what in header["columns"].items()})


def outcome(header: dict) -> str:
    return header.get("outcome", "asked" if "fix" in header else "understood")


@pytest.mark.parametrize("header", HEADERS, ids=[header["code"] for header in HEADERS])
def test_no_header_is_misunderstood(header):
    frame, fix = table(header), header.get("fix", [])
    if outcome(header) == "asked":
        with pytest.raises(MustBeSaid) as caught:
            read_runs(frame, yes=True)
        assert "\n" not in str(caught.value)
        for flag in fix[1::2]:
            assert flag.partition("=")[2].partition(":")[0] in str(caught.value)
        if not fix:
            return
    own = read_runs(frame, yes=True, maps=fix[1::2])
    axis = header.get("axis", "tokens")
    for name, wanted in (("params", PARAMS), (axis, TOKENS), ("loss", LOSS)):
        np.testing.assert_allclose(own.frame[name], wanted, rtol=1e-6)
    if "flops" in own.frame:
        np.testing.assert_allclose(own.frame["flops"], FLOPS, rtol=1e-6)


def test_most_headers_are_understood_without_a_flag():
    shares = Counter(outcome(header) for header in HEADERS)
    assert len(HEADERS) >= 60
    assert shares["understood"] >= 0.7 * len(HEADERS)


@pytest.mark.parametrize("bracket", ["(G)", "[G]", "( G )"])
def test_giga_in_brackets_is_a_billion(bracket):
    frame = pd.DataFrame({f"Params {bracket}": PARAMS / 1e9, f"Tokens {bracket}": TOKENS / 1e9})
    own = read_runs(frame.assign(loss=LOSS))
    np.testing.assert_allclose(own.frame["params"], PARAMS)
    np.testing.assert_allclose(own.frame["tokens"], TOKENS)
