"""Headings of several lines, tables with a column a run, and nested names of columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_studies.reading import read_runs
from scaling_studies.reading.guesses import guess
from scaling_studies.reading.names import name_of

SAID = {"unit": "nats_per_token", "params_convention": "total"}
SIZE, TOKENS = (
    side.ravel() for side in np.meshgrid([15e6, 42e6, 110e6, 340e6], [1e9, 4e9, 1.6e10],
                                         indexing="ij")
)  # fmt: skip
LOSS = np.round(1.9 + 350 * SIZE**-0.34 + 1200 * TOKENS**-0.31, 5)
RUNS = pd.DataFrame({"params": SIZE, "tokens": TOKENS, "loss": LOSS})


def assert_right(own) -> None:
    got = own.frame.sort_values(["params", "tokens"])
    for name, wanted in (("params", SIZE), ("tokens", TOKENS), ("loss", LOSS)):
        np.testing.assert_allclose(got[name], wanted, rtol=1e-6)


def written(tmp_path, text: str):
    file = tmp_path / "runs.csv"
    file.write_text(text, encoding="utf-8")
    return read_runs(file, **SAID)


def seeds() -> pd.DataFrame:
    return pd.concat([RUNS.assign(seed=s, loss=LOSS + 0.001 * s) for s in (-1, 0, 1)])


LEVELS = [
    lambda: seeds().groupby(["params", "tokens"]).agg({"loss": ["mean", "std"]}).to_csv(),
    lambda: seeds().groupby(["params", "tokens"]).agg({"loss": ["mean", "std"]})
    .reset_index().to_csv(index=False),
    lambda: seeds().groupby(["params", "tokens"]).agg({"loss": ["mean", "sem", "count"]})
    .reset_index().to_csv(),
    lambda: two_levels(["config", "config", "eval"]).to_csv(index=False),
    lambda: two_levels(["config", "data", "eval"]).to_csv(index=False),
    lambda: two_levels(["config", "config", "eval"]).to_csv(),
    lambda: two_levels(["config", "config", "eval"]).rename_axis("run").to_csv(),
    lambda: two_levels(["config", "config", "eval"]).to_csv(index=False, sep="\t"),
    lambda: pd.concat({"mine": two_levels(["config", "config", "eval"])}, axis=1).to_csv(),
    lambda: RUNS.pivot_table(index="params", columns="tokens", values=["loss"]).to_csv(),
    lambda: RUNS.pivot_table(index="tokens", columns="params", values=["loss"]).to_csv(),
    lambda: RUNS.pivot_table(index="params", columns="tokens", values="loss").to_csv(),
]  # fmt: skip


def two_levels(upper: list[str]) -> pd.DataFrame:
    frame = RUNS.copy()
    frame.columns = pd.MultiIndex.from_arrays([upper, ["params", "tokens", "loss"]])
    return frame


@pytest.mark.parametrize("form", range(len(LEVELS)))
def test_columns_of_several_levels_are_read(tmp_path, form):
    assert_right(written(tmp_path, LEVELS[form]()))


@settings(max_examples=40)
@given(
    units=st.sampled_from([("M", "B", "nats"), ("million", "billion", "nats/token"),
                           ("millions", "billions", "nats per token"), ("10^6", "10^9", "nats"),
                           ("million params", "billion tokens", "")]),
    brackets=st.sampled_from(["{}", "({})", "[{}]"]),
    more=st.sampled_from([("", ""), ("lr", "×1e-3"), ("wall time", "hours"), ("width", "")]),
    separator=st.sampled_from([",", ";", "\t"]),
    run=st.booleans(),
)  # fmt: skip
def test_units_on_the_second_line_are_read(tmp_path_factory, units, brackets, more, separator, run):
    lower = [brackets.format(unit) if unit else "" for unit in units]
    rows = [
        [f"{n / 1e6:g}", f"{d / 1e9:g}", f"{x:.5f}"]
        for n, d, x in zip(SIZE, TOKENS, LOSS, strict=True)
    ]
    lines = [["params", "tokens", "loss"], lower, *rows]
    if more[0]:
        lines = [
            [*line, *cell]
            for line, cell in zip(
                lines, [[more[0]], [more[1]], *([str(place)] for place in range(12))], strict=True
            )
        ]
    if run:
        lines = [
            [name, *line]
            for line, name in zip(
                lines, ["run", "", *(f"r{place}" for place in range(12))], strict=True
            )
        ]
    text = "\n".join(separator.join(line) for line in lines)
    assert_right(written(tmp_path_factory.mktemp("units"), text))


def turned(form: str) -> str | pd.DataFrame:
    named = RUNS.assign(run=[f"r{place}" for place in range(12)]).set_index("run")
    if form == "runs":
        return named.T.to_csv()
    if form == "quantity":
        return named.T.rename_axis("quantity").to_csv()
    if form == "numbered":
        return RUNS.T.to_csv()
    if form == "without a heading":
        return RUNS.T.to_csv(header=False)
    if form == "frame":
        return named.T
    if form == "numbered frame":
        return RUNS.T
    if form == "Markdown":
        head = "| | " + " | ".join(f"15M-{place}" for place in range(12)) + " |"
        cells = [("Parameters", SIZE), ("Training tokens", TOKENS), ("Val loss", LOSS)]
        rows = [f"| {name} | " + " | ".join(f"{one:.10g}" for one in each) + " |"
                for name, each in cells]  # fmt: skip
        return "\n".join([head, "|---" * 13 + "|", *rows])
    units = {"params": ("M", 1e6), "tokens": ("B", 1e9), "loss": ("nats", 1.0)}
    rows = [f"metric,unit,{','.join('abcdefghijkl')}"]
    rows += [f"{name},{unit}," + ",".join(f"{one:.10g}" for one in RUNS[name] / scale)
             for name, (unit, scale) in units.items()]  # fmt: skip
    return "\n".join(rows)


@pytest.mark.parametrize(
    "form",
    ["runs", "quantity", "numbered", "without a heading", "frame", "numbered frame", "Markdown",
     "units"],
)  # fmt: skip
def test_a_table_with_a_column_a_run_is_turned_and_it_is_said(tmp_path, form):
    given_ = turned(form)
    own = (
        read_runs(given_, **SAID) if isinstance(given_, pd.DataFrame) else written(tmp_path, given_)
    )
    assert_right(own)
    assert any("are runs, its rows quantities; turned" in note for note in own.notes)


def test_text_in_the_index_of_a_frame_is_kept_and_tells_sizes_when_said():
    names = [
        f"gpt-{size / 1e6:g}M_{tokens / 1e9:g}bt" for size, tokens in zip(SIZE, TOKENS, strict=True)
    ]
    frame = RUNS.drop(columns="params").set_index(pd.Index(names))
    assert_right(read_runs(frame, maps=["params=index"], **SAID))


FOLDERS = [
    *("config", "cfg.data", "hparams.data", "config/train", "args", "run.config.data"),
    *("experiment.cfg.data", "wandb.config.train", "settings.data", "summary", "state"),
]


@settings(max_examples=60)
@given(
    folder=st.sampled_from(FOLDERS),
    tokens=st.sampled_from(["total_tokens", "tokens", "num_tokens", "train_tokens", "max_tokens"]),
    params=st.sampled_from(["n_params", "num_parameters", "params", "total_params"]),
    loss=st.sampled_from(["eval.loss", "val/loss", "results.val_loss", "logs.eval/loss"]),
    sign=st.sampled_from([".", "/"]),
)
def test_nested_names_need_no_question(folder, tokens, params, loss, sign):
    model = sign.join([folder.replace("data", "model").replace("train", "model"), params])
    frame = RUNS.rename(
        columns={"params": model, "tokens": sign.join([folder, tokens]), "loss": loss}
    )
    frame = frame.assign(
        **{"config.data.vocab_size": 50304, "config.tokenizer.vocab_tokens": 50257}
    )
    assert_right(read_runs(frame, **SAID))


@pytest.mark.parametrize(
    "name",
    ["config.data.vocab_size", "config.data.vocab_tokens", "config.data.validation_tokens",
     "cfg/eval/tokens", "config.lora.n_params", "optimizer.n_params", "config.optimizer.params",
     "model.head.params", "config.model.embedding_params", "tokenizer.tokens",
     "generation.tokens", "dataset.tokens", "config.schedule.warmup_tokens"],
)  # fmt: skip
def test_nested_names_of_other_things_are_neither_sizes_nor_data(name):
    found = guess(name_of(name))
    assert found is None or not found.sure


def powers(tmp_path, form: str, *, below: bool, loss: str, label: str = "-"):
    """Runs in 10^6, 10^9 and 10^18, the powers in a row of their own or in the heading."""
    units = [form.format(n=n, high=str(n).translate(HIGH)) for n in (6, 9, 18)]
    units[2] = units[2].rstrip(")]") + " FLOP" + units[2][len(units[2].rstrip(")]")) :]
    names = ["N", "D", "C"]
    head = [f"run,{','.join(names)},L", f"{label},{','.join(units)},{loss}"]
    if not below:
        named = [f"{name} ({unit.strip('()')})" for name, unit in zip(names, units, strict=True)]
        head = [f"run,{','.join(named)},loss"]
    rows = [
        f"r{row},{n / 1e6:g},{d / 1e9:g},{6 * n * d / 1e18:.6g},{y}"
        for row, (n, d, y) in enumerate(zip(SIZE, TOKENS, RUNS["loss"], strict=True))
    ]
    path = tmp_path / "runs.csv"
    path.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")
    said = [] if loss == "nats" or not below else ["loss=L"]
    return read_runs(path, maps=said, yes=True)


HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
FORMS = ("10^{n}", "x10^{n}", "(10^{n})", "10**{n}", "10{high}", "×10{high}", "10^{{{n}}}", "1e{n}")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("loss", ["-", "", "nats"])
def test_powers_of_ten_below_names_are_units(tmp_path, form, loss):
    own = powers(tmp_path, form, below=True, loss=loss, label="units" if loss == "" else "-")
    assert len(own.frame) == len(RUNS)
    np.testing.assert_allclose(own.frame["params"], SIZE)
    np.testing.assert_allclose(own.frame["tokens"], TOKENS)
    np.testing.assert_allclose(own.frame["flops"], 6 * SIZE * TOKENS, rtol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_powers_of_ten_in_a_heading_are_units(tmp_path, form):
    own = powers(tmp_path, form, below=False, loss="")
    np.testing.assert_allclose(own.frame["params"], SIZE)
    np.testing.assert_allclose(own.frame["flops"], 6 * SIZE * TOKENS, rtol=1e-5)


@pytest.mark.parametrize("first", ["r0,1e6,1e9,", "r0,10^6,10^9,-", ",1e8,1e10,"])
def test_a_run_of_round_size_is_no_row_of_units(tmp_path, first):
    rows = [f"r{i},{n:g},{d:g},{y}" for i, (n, d, y) in
            enumerate(zip(SIZE, TOKENS, RUNS["loss"], strict=True))]  # fmt: skip
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(["run,params,tokens,loss", first, *rows]) + "\n", encoding="utf-8")
    own = read_runs(path, yes=True)
    np.testing.assert_allclose(own.frame["params"], SIZE)
