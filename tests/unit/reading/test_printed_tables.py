"""Tables as papers and notebooks print them, and what is typed where one cannot be known."""

from __future__ import annotations

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_studies.errors import CardError, MustBeSaid
from scaling_studies.reading import read_runs

SIZES, AMOUNTS = np.array([2.1e7, 5.4e7, 1.24e8, 3.5e8, 7.7e8]), np.array([5e8, 2e9, 8e9, 3e10])
PARAMS, TOKENS = (grid.ravel() for grid in np.meshgrid(SIZES, AMOUNTS, indexing="ij"))
LOSS = np.round(1.85 + 380 * PARAMS**-0.34 + 1100 * TOKENS**-0.3, 4)
LABELS = [f"{size / 1e6:.0f}M" for size in SIZES]
MATRIX = LOSS.reshape(len(SIZES), -1)
RUNS = [f"{size}_{data / 1e9:g}Btok" for size in LABELS for data in AMOUNTS]


def assert_right(own, rows: int = len(LOSS)) -> None:
    frame = own.frame.sort_values(["params", "tokens"])
    assert len(frame) == rows
    np.testing.assert_allclose(frame["params"], PARAMS, rtol=0.02)
    np.testing.assert_allclose(frame["tokens"], TOKENS, rtol=0.01)
    np.testing.assert_allclose(frame["loss"], LOSS, rtol=1e-3)


def written(tmp_path, frame: pd.DataFrame, **how):
    path = tmp_path / "runs.csv"
    frame.to_csv(path, index=False, **how)
    return path


def flags(line: str) -> list[str]:
    """What a refusal says to type with --map, in its order."""
    return [shlex.split(found)[0] for found in re.findall(r"--map ('[^']*'|[^\s,;]+)", line)]


def asked(path, *words: str, **said) -> list[str]:
    with pytest.raises(MustBeSaid) as error:
        read_runs(path, yes=True, **said)
    line = str(error.value)
    assert "\n" not in line
    for word in words:
        assert word in line
    return flags(line)


@settings(max_examples=25, deadline=None)
@given(
    head=st.sampled_from(["params", "n_params", "Model size", "Parameters (M)", "N params"]),
    before=st.sampled_from(["", "loss@", "loss ", "val_loss@", "D=", "tokens=", "loss (", "loss_"]),
    after=st.sampled_from(["", " tokens", "tok", "_tokens", " tok"]),
    separator=st.sampled_from([",", ";", "\t"]),
    turned=st.booleans(),
)
def test_a_matrix_of_losses_is_a_row_a_run(
    tmp_path_factory, head, before, after, separator, turned
):
    headings = [f"{amount / 1e9:g}B" for amount in AMOUNTS]
    if turned and before in ("D=", "tokens="):
        before = "N="
    after = after.replace("tokens", "params").replace("tok", "params") if turned else after
    closed = ")" if "(" in before else ""
    rows, columns = (headings, LABELS) if turned else (LABELS, headings)
    head = "tokens" if turned else head.removesuffix(" (M)")
    frame = pd.DataFrame({head: rows})
    for place, name in enumerate(columns):
        frame[f"{before}{name}{after}{closed}"] = MATRIX[place] if turned else MATRIX[:, place]
    path = written(tmp_path_factory.mktemp("matrix"), frame, sep=separator)
    own = read_runs(path, yes=True)
    assert_right(own)
    assert any("their cells losses" in note for note in own.notes)


def test_what_pandas_pivots_is_a_row_a_run(tmp_path):
    frame = pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "loss": LOSS})
    path = tmp_path / "pivot.csv"
    frame.pivot_table(index="params", columns="tokens", values="loss").to_csv(path)
    assert_right(read_runs(path))
    frame.pivot_table(index="tokens", columns="params", values="loss").to_csv(path)
    assert_right(read_runs(path))


def test_losses_of_other_things_are_no_matrix(tmp_path):
    frame = pd.DataFrame({"params": PARAMS, "tokens": TOKENS})
    for step in (10, 20, 30):
        frame[f"loss_{step}"] = LOSS + step / 100
    asked(written(tmp_path, frame), "3 columns may be the loss")


@settings(max_examples=25, deadline=None)
@given(
    head=st.sampled_from(["Model size", "params", "N (M)", "n_params"]),
    others=st.lists(st.sampled_from(["dataset", "arch", "model"]), unique=True, max_size=2),
    by_data=st.booleans(),
    empty=st.sampled_from(["", "-", "—"]),
)
def test_cells_merged_over_rows_count_for_each(tmp_path_factory, head, others, by_data, empty):
    sizes = PARAMS / 1e6 if "(M)" in head else PARAMS
    order = np.argsort(TOKENS if by_data else PARAMS, kind="stable")
    frame = pd.DataFrame({head: sizes, "tokens (B)": TOKENS / 1e9, "loss": LOSS}).iloc[order]
    merged = "tokens (B)" if by_data else head
    frame[merged] = frame[merged].astype(object).mask(frame[merged].duplicated(), "")
    for name in others:
        frame.insert(0, name, [f"m{place}" if cell != "" else "" for place, cell in
                               enumerate(frame[merged])])  # fmt: skip
    path = written(tmp_path_factory.mktemp("merged"), frame)
    own = read_runs(path, yes=True)
    assert_right(own)
    assert own.kind == "printed"
    assert any("taken from the one above" in note for note in own.notes)


def test_cells_that_are_missing_here_and_there_are_not_filled(tmp_path):
    sizes = PARAMS.astype(object)
    sizes[[3, 4, 9]] = ""
    own = read_runs(written(tmp_path, pd.DataFrame({"params": sizes, "tokens": TOKENS,
                                                    "loss": LOSS})))  # fmt: skip
    assert len(own.frame) == len(LOSS) - 3
    assert any("params is empty" in note for note in own.notes)


def test_what_pandas_prints_is_read(tmp_path):
    frame = pd.DataFrame({"params": PARAMS.astype(int), "tokens": TOKENS.astype(int), "loss": LOSS})
    (tmp_path / "printed.txt").write_text(frame.to_string())
    assert_right(read_runs(tmp_path / "printed.txt"))


@pytest.mark.parametrize("names", [("tokens", "loss"), ("tokens", "val_loss", "lr"), ("D", "L")])
def test_curves_kept_as_lists_are_rows(tmp_path, names):
    lines = []
    for row, size in enumerate(SIZES):
        curve = {"tokens": AMOUNTS, "D": AMOUNTS, "loss": MATRIX[row], "val_loss": MATRIX[row],
                 "L": MATRIX[row], "lr": np.full(len(AMOUNTS), 3e-4)}  # fmt: skip
        record = {"n_params": size, "betas": [0.9, 0.95]}
        if names == ("D", "L"):
            record["N"] = record.pop("n_params")
        lines.append(json.dumps(record | {name: list(curve[name]) for name in names}))
    (tmp_path / "runs.jsonl").write_text("\n".join(lines))
    said = ["params=N", "tokens=D"] if "D" in names else []
    assert_right(read_runs(tmp_path / "runs.jsonl", maps=said, yes=True))


@pytest.mark.parametrize("key", ["key", "name", "metric"])
def test_metrics_kept_as_pairs_are_columns(tmp_path, key):
    records = [
        {"n_params": size, "tokens": data, "metrics": [{key: "val_loss", "value": loss}]}
        for size, data, loss in zip(PARAMS, TOKENS, LOSS, strict=True)
    ]
    (tmp_path / "runs.json").write_text(json.dumps(records))
    assert_right(read_runs(tmp_path / "runs.json", yes=True))


def test_sheets_without_numbers_are_passed_over(tmp_path):
    pytest.importorskip("openpyxl")
    path = tmp_path / "runs.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"note": ["about", "these runs"]}).to_excel(book, sheet_name="README")
        pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "loss": LOSS}).to_excel(
            book, sheet_name="runs", index=False
        )
    own = read_runs(path)
    assert_right(own)
    assert any("README" in note for note in own.notes)


@pytest.mark.parametrize(
    ("columns", "typed"),
    [
        ({"params": PARAMS, "chinchilla_multiplier": TOKENS / PARAMS / 20},
         ["tokens=params*chinchilla_multiplier*20"]),
        ({"params": PARAMS, "overtraining_factor": TOKENS / PARAMS / 20},
         ["tokens=params*overtraining_factor*20"]),
        ({"params": PARAMS, "data_GB": TOKENS * 4 / 1e9}, ["tokens=data_GB*250000000"]),
        ({"params": PARAMS, "corpus bytes": TOKENS * 4}, ["tokens=corpus bytes*0.25"]),
        ({"params": PARAMS, "GMACs": 3e-9 * PARAMS * TOKENS}, ["flops=GMACs:GMAC"]),
        ({"params": PARAMS, "batch_size": np.full(20, 2**19), "steps": TOKENS / 2**19},
         ["tokens=batch_size*steps"]),
        ({"N": PARAMS, "B": np.full(20, 2**19), "S": TOKENS / 2**19}, ["params=N", "tokens=B*S"]),
        ({"size_M": PARAMS / 1e6, "data_B": TOKENS / 1e9}, ["tokens=data_B"]),
        ({"name": RUNS}, ["params=name", "tokens=name"]),
        ({"name": [f"x-{run.replace('_', '-d').replace('Btok', 'B')}" for run in RUNS]},
         ["params=name", "tokens=name"]),
        ({"d_model": np.sqrt(PARAMS / 96), "n_layers": np.full(20, 8), "tokens": TOKENS},
         ["params=12*n_layers*d_model*d_model"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, (dict, list)) else None,
)  # fmt: skip
def test_what_a_refusal_says_to_type_leads_to_the_numbers(tmp_path, columns, typed):
    path = written(tmp_path, pd.DataFrame(columns | {"loss": LOSS}))
    said: list[str] = []
    for flag in typed:
        if flag not in said:
            assert flag in asked(path, maps=said), said
            said.append(flag)
    assert_right(read_runs(path, maps=said, yes=True))


def test_data_seen_several_times_are_a_product_of_it(tmp_path):
    frame = pd.DataFrame({"params": PARAMS, "unique_tokens": TOKENS / 4, "epochs": 4, "loss": LOSS})
    assert_right(read_runs(written(tmp_path, frame)))


def test_runs_that_saw_the_same_data_more_often_are_of_another_kind(tmp_path):
    once = pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "epochs": 1, "loss": LOSS})
    path = written(tmp_path, pd.concat([once, once.assign(epochs=4, loss=LOSS * 1.03)]))
    with pytest.raises(MustBeSaid, match="--rows epochs=1 "):
        read_runs(path, yes=True)
    assert_right(read_runs(path, rows="epochs=1"))


@pytest.mark.parametrize("name", ["stage", "phase", "cluster_of_data", "train_set"])
def test_kinds_that_alternate_along_the_data_are_asked_for(tmp_path, name):
    first = pd.DataFrame({name: "a", "params": PARAMS, "tokens": TOKENS, "loss": LOSS})
    other = first.assign(**{name: "b"}, tokens=1.1 * TOKENS, loss=0.9 * LOSS)
    path = written(tmp_path, pd.concat([first, other]))
    with pytest.raises(MustBeSaid, match=f"--rows {name}=a "):
        read_runs(path, yes=True)
    assert_right(read_runs(path, rows=f"{name}=a"))


def test_kinds_that_go_with_the_amount_of_data_are_not_asked_for(tmp_path):
    frame = pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "loss": LOSS})
    frame["schedule"] = np.where(TOKENS > 4e9, "long", "short")
    assert_right(read_runs(written(tmp_path, frame), yes=True))


@pytest.mark.parametrize("name", ["N_act", "n_activated", "act_params", "N_active"])
def test_active_sizes_under_short_names_are_known(tmp_path, name):
    frame = pd.DataFrame({"N_total": 8 * PARAMS, name: PARAMS, "D": TOKENS, "loss": LOSS})
    own = read_runs(written(tmp_path, frame), yes=True)
    assert_right(own)
    assert own.size == "params_active"


def test_a_logarithm_among_logarithms_is_asked_for(tmp_path):
    frame = pd.DataFrame({"logN": np.log(PARAMS), "logD": np.log(TOKENS), "logL": np.log(LOSS)})
    path = written(tmp_path, frame)
    with pytest.raises(MustBeSaid, match="--unit ln or --unit log10"):
        read_runs(path, yes=True)
    assert_right(read_runs(path, unit="ln"))


def test_a_loss_may_be_a_product(tmp_path):
    frame = pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "log_likelihood": -LOSS})
    path = written(tmp_path, frame)
    assert asked(path) == ["loss=log_likelihood*-1"]
    assert_right(read_runs(path, maps=["loss=log_likelihood*-1"]))


@pytest.mark.parametrize("what", ["run", "step", "dataset", "seed", "status"])
def test_what_is_no_amount_is_no_product(tmp_path, what):
    path = written(tmp_path, pd.DataFrame({"params": PARAMS, "tokens": TOKENS, "loss": LOSS}))
    with pytest.raises(CardError, match="a product is no"):
        read_runs(path, maps=[f"{what}=params*tokens"])


@pytest.mark.parametrize("name", ["model", "model_name", "preset"])
def test_names_of_models_are_not_said_to_be_runs(tmp_path, name):
    labels = [label for label in LABELS for _ in AMOUNTS]
    frame = pd.DataFrame({name: labels, "params": PARAMS, "tokens": TOKENS, "loss": LOSS})
    own = read_runs(written(tmp_path, frame), yes=True)
    assert_right(own)
    assert any(f"20 rows under 5 names of {name}; if" in line for line in own.warnings)
