"""Rows and columns that would give a wrong law are told apart, or asked about with a fix."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_tables import PARAMS, RUNS, TOKENS, same_numbers, stops

from scaling_studies.errors import CardError, MustBeSaid, ScalingStudiesError, TableError
from scaling_studies.reading import read_runs

LOSS = RUNS["loss"].to_numpy()
FLOPS = 6.0 * PARAMS * TOKENS


@pytest.mark.parametrize("column", ["eval_set", "dataset", "val set", "corpus", "domain", "split"])
@pytest.mark.parametrize("kinds", [("web", "books"), ("c4", "pile", "wiki")])
def test_rows_of_several_evaluation_sets_are_asked_for(column, kinds):
    frame = pd.concat(
        [RUNS.assign(**{column: kind}, loss=LOSS * (1 + 0.2 * i)) for i, kind in enumerate(kinds)]
    ).sample(frac=1, random_state=1)
    line = stops(frame, f"{column}={kinds[0]}")
    assert "--rows" in line
    own = read_runs(frame, rows=f"{column}={kinds[0]}")
    same_numbers(read_runs(own.frame.sort_values("run")))
    assert len(read_runs(frame, rows="all").frame) == len(frame)


@pytest.mark.parametrize("column", ["optimizer", "arch", "tokenizer", "data_mix group", "recipe"])
def test_recipes_side_by_side_are_asked_for(column):
    half = np.where(np.arange(len(RUNS)) % 2 == np.arange(len(RUNS)) // 4 % 2, "a", "b")
    frame = RUNS.assign(**{column: half}, loss=LOSS * np.where(half == "a", 1.0, 1.05))
    if column == "data_mix group":
        frame = frame.rename(columns={column: "group"})
        column = "group"
    stops(frame, f"--rows {column}=a")
    assert len(read_runs(frame, rows=f"{column}=a").frame) == 8


def test_a_setting_that_goes_with_the_size_is_no_kind():
    same_numbers(read_runs(RUNS.assign(arch=RUNS["params"].map("model of {:.0f}".format))))


@pytest.mark.parametrize("column", ["lr", "learning_rate", "peak_lr", "weight_decay", "batch_size"])
@pytest.mark.parametrize("names", ["one a run", "none"])
def test_the_best_of_a_sweep_is_asked_for(column, names):
    values = [1e-4, 3e-4, 1e-3, 3e-3]
    frame = pd.concat(
        [RUNS.assign(**{column: v}, loss=LOSS + 0.1 * abs(i - 1)) for i, v in enumerate(values)]
    )
    if names == "none":
        frame = frame.drop(columns="run")
    else:
        frame["run"] = [f"run {place}" for place in range(len(frame))]
    stops(frame, f"--best-of {column}")
    own = read_runs(frame, best_of=column)
    np.testing.assert_allclose(own.frame["loss"], LOSS)
    assert len(own.alternatives["--rows all"]) == len(frame)


@pytest.mark.parametrize("column", ["seed", "ID", "Created", "replicate", "trial"])
def test_repetitions_of_one_name_are_told_apart(column):
    frame = pd.concat(
        [RUNS.assign(**{column: k, "step": 5000}, loss=LOSS + 0.01 * k) for k in (1, 2)]
    )
    own = read_runs(frame)
    assert len(own.frame) == 2 * len(RUNS) and own.frame["run"].is_unique
    assert any("told apart by" in note for note in own.notes)


def curves(tail: float = 0.0) -> pd.DataFrame:
    """Five checkpoints of each run; before the end the loss is higher by ``tail``."""
    parts = []
    for share in (0.2, 0.4, 0.6, 0.8, 1.0):
        tokens = TOKENS * share
        loss = 1.85 + 380 * PARAMS**-0.35 + 1100 * tokens**-0.3 + tail * (1 - share)
        step = np.round(tokens / 524288)
        parts.append(RUNS.assign(step=step, tokens=tokens, loss=loss))
    return pd.concat(parts)


@pytest.mark.parametrize("order", ["by step", "by run", "mixed"])
def test_checkpoints_before_the_end_are_left_out_or_asked_for(order):
    frame = curves(0.2)
    if order != "by step":
        frame = frame.sort_values(["run", "step"]) if order == "by run" else frame.sample(frac=1.0)
    with pytest.raises(MustBeSaid, match="--rows last"):
        read_runs(frame)
    for own in (read_runs(frame, rows="last"), read_runs(frame, yes=True)):
        found = own.frame.sort_values("run").reset_index(drop=True)
        np.testing.assert_allclose(found["loss"], LOSS, atol=1e-6)
        assert len(own.alternatives["--rows all"]) == len(frame)
    assert len(read_runs(frame, rows="all").frame) == len(frame)


def test_a_run_that_ended_in_nan_has_no_last_row():
    frame = curves(0.2).sort_values(["run", "step"]).reset_index(drop=True)
    frame.loc[4, "loss"] = np.nan
    own = read_runs(frame, rows="last")
    assert len(own.frame) == len(RUNS) - 1 and "r00" not in set(own.frame["run"])


@pytest.mark.parametrize("axis", ["epoch", "step", "iteration"])
def test_curves_without_data_give_their_last_rows(axis):
    frame = curves(0.2).assign(**{axis: np.repeat([1, 2, 3, 4, 5], len(RUNS))})
    frame = frame.drop(columns=["tokens"] + (["step"] if axis != "step" else []))
    keep = frame["run"].isin(["r00", "r04", "r08", "r12"])
    own = read_runs(frame[keep])
    np.testing.assert_allclose(own.frame["loss"], LOSS[::4], atol=1e-6)


@pytest.mark.parametrize("smell", ["n_updates", "epochs", "max_iters", "data units", "batch count"])
def test_data_that_may_hide_in_a_column_is_asked_for(smell):
    frame = RUNS.drop(columns="tokens").assign(**{smell: TOKENS / 524288})
    stops(frame, smell)
    with pytest.raises(MustBeSaid):
        read_runs(RUNS.drop(columns=["tokens", "run"]), yes=True)
    assert len(read_runs(frame, maps=["tokens=none"]).frame) == len(RUNS)
    own = read_runs(frame, maps=[f"tokens={smell}*524288"])
    np.testing.assert_allclose(own.frame["tokens"], TOKENS)


@pytest.mark.parametrize("batch", ["global_batch_size", "train_batch_size", "effective_batch_size"])
@pytest.mark.parametrize("length", ["seq_length", "block_size", "context_length"])
@pytest.mark.parametrize("steps", ["max_iters", "train_steps", "num_iterations"])
def test_batch_length_and_steps_make_tokens(batch, length, steps):
    size = np.where(np.arange(len(RUNS)) % 2, 256, 128)
    frame = RUNS.drop(columns="tokens").assign(
        **{batch: size, length: 2048, steps: TOKENS / (2048 * size)}
    )
    same_numbers(read_runs(frame))


@pytest.mark.parametrize(
    "name",
    ["perf/tflops", "tflops_per_gpu", "throughput (TFLOP/s)", "mfu", "achieved_tflops", "TFLOPS",
     "throughput/gflops_per_second", "flops_per_token", "hardware_tflops_per_gpu", "flop/s"],
)  # fmt: skip
def test_speed_is_never_compute(name):
    frame = RUNS.assign(**{name: 140.0 + np.arange(len(RUNS))})
    own = read_runs(frame)
    assert "flops" not in own.frame
    same_numbers(own)
    with pytest.raises(MustBeSaid):
        read_runs(frame.drop(columns="tokens"), yes=True)


@pytest.mark.parametrize("factor", [1e-12, 1e-6, 1e6])
def test_compute_that_cannot_be_is_asked_for(factor):
    stops(RUNS.assign(flops=FLOPS * factor), "flops", maps=[])
    if factor < 1:
        frame = RUNS.drop(columns="tokens").assign(**{"total_flops (GFLOP)": FLOPS / 1e9 * factor})
        stops(frame, "flops")


COMPUTE = {
    "flops": 1.0, "total_flos": 1.0, "training compute (GFLOP)": 1e9, "train_tflops": 1e12,
    "compute [PF-days]": 8.64e19, "compute_zettaflops": 1e21, "C (EFLOP)": 1e18,
    "train_flops_1e18": 1e18, "training FLOPs (1e21)": 1e21, "total_pflops": 1e15,
}  # fmt: skip


@pytest.mark.parametrize("name", COMPUTE)
def test_compute_gives_tokens_in_any_unit(name):
    same_numbers(read_runs(RUNS.drop(columns="tokens").assign(**{name: FLOPS / COMPUTE[name]})))


@pytest.mark.parametrize("total", ["total_params", "params", "n_params_total", "all parameters"])
@pytest.mark.parametrize("active", ["active_params", "n_activated_params", "params (active)"])
def test_active_parameters_count_where_both_stand(total, active):
    frame = RUNS.rename(columns={"params": active}).assign(**{total: PARAMS * 6})
    own = read_runs(frame)
    same_numbers(own)
    assert own.size == "params_active"
    whole = read_runs(frame, params_convention="total") if "otal" in total else None
    if whole is not None:
        np.testing.assert_allclose(whole.frame["params"], PARAMS * 6)


@pytest.mark.parametrize("name", ["loss", "val_loss", "eval/loss", "final loss", "nll"])
def test_losses_above_any_vocabulary_are_asked_for(name):
    frame = RUNS.drop(columns="loss").assign(**{name: np.exp(LOSS)})
    stops(frame, "--unit perplexity")
    same_numbers(read_runs(frame, unit="perplexity"))


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("val_bpc", "bits_per_char"),
        ("eval/bpb", "bits_per_byte"),
        ("bits per byte", "bits_per_byte"),
        ("test bits_per_character", "bits_per_char"),
        ("val_loss (nats/token)", "nats_per_token"),
    ],
)
def test_units_of_a_loss_are_told_by_its_name(name, unit):
    own = read_runs(RUNS.rename(columns={"loss": name}))
    assert own.unit == unit and "unit" not in own.assumed
    same_numbers(own)


@pytest.mark.parametrize("name", ["val_ppl", "perplexity", "eval/perplexity", "test_ppl", "ppl"])
def test_perplexities_become_their_logarithm(name):
    same_numbers(read_runs(RUNS.drop(columns="loss").assign(**{name: np.exp(LOSS)})))


@pytest.mark.parametrize("form", ["log10_{}", "log10({})", "log_{}", "lg {}", "{} (log10)"])
def test_logarithms_of_ten_are_undone(form):
    frame = RUNS.assign(params=np.log10(PARAMS), tokens=np.log10(TOKENS))
    names = {"params": form.format("params"), "tokens": form.format("tokens")}
    same_numbers(read_runs(frame.rename(columns=names)))


def test_natural_logarithms_are_told_by_their_values():
    frame = RUNS.assign(params=np.log(PARAMS), tokens=np.log(TOKENS))
    same_numbers(read_runs(frame.rename(columns={"params": "ln_N", "tokens": "log_tokens"})))
    stops(RUNS.assign(params=np.log10(PARAMS)), "--map params=params:log10")
    same_numbers(read_runs(RUNS.assign(params=np.log10(PARAMS)), maps=["params=params:log10"]))


@pytest.mark.parametrize("name", ["total_samples", "n_images", "examples_seen", "train_examples"])
def test_samples_are_an_axis(name):
    own = read_runs(RUNS.rename(columns={"tokens": name}))
    np.testing.assert_allclose(own.frame["samples"], TOKENS)
    assert "tokens" not in own.frame


@pytest.mark.parametrize("value", [b"0", b"0.0", b"0e0"])
def test_rows_before_the_first_step_are_left_out_and_counted(tmp_path, value):
    lines = RUNS.to_csv(index=False).encode().splitlines()
    first = b"r00,12000000.0," + value + b",11.0"
    (tmp_path / "runs.csv").write_bytes(b"\n".join([lines[0], first, *lines[1:]]))
    own = read_runs(tmp_path / "runs.csv", rows="all")
    same_numbers(own)
    assert any("1 row left out: tokens is 0" in note for note in own.notes)


@pytest.mark.parametrize("sides", ["", "__MIN", "both"])
@pytest.mark.parametrize("group", ["{}", "Group: {}", "run: {}"])
def test_charts_have_a_column_a_run(tmp_path, sides, group):
    chart = pd.DataFrame({"Step": [0, 1000, 2000, 4000]})
    for name, n in zip("abcd", sorted(set(PARAMS)), strict=True):
        tokens = np.array([1.0, 1000, 2000, 4000]) * 524288
        loss = 1.85 + 380 * n**-0.35 + 1100 * tokens**-0.3
        column = f"{group.format(name)} - test-tokens/avg_loss"
        chart[column] = np.where(chart["Step"] == 0, 11.0, loss)
        for end in {"": (), "__MIN": ("__MIN",), "both": ("__MIN", "__MAX")}[sides]:
            chart[column + end] = chart[column]
    chart.to_csv(tmp_path / "chart.csv", index=False)
    stops(tmp_path / "chart.csv", "--join FILE")
    own = read_runs(
        tmp_path / "chart.csv",
        join=pd.DataFrame({"run": list("abcd"), "n_params": sorted(set(PARAMS))}),
        maps=["tokens=step:sequences_of_524288"],
    )
    assert len(own.frame) == 12
    expected = 1.85 + 380 * own.frame["params"] ** -0.35 + 1100 * own.frame["tokens"] ** -0.3
    np.testing.assert_allclose(own.frame["loss"], expected)


@pytest.mark.parametrize(
    "name", ["N{}_D{}", "run-N{}-D{}", "n_params={}_tokens={}", "params{}_tok{}"]
)
def test_names_of_files_tell_sizes(tmp_path, name):
    (tmp_path / "runs").mkdir()
    for row in RUNS.itertuples():
        share = np.array([0.25, 0.5, 1.0])
        curve = pd.DataFrame({"tokens_seen": share * row.tokens, "loss": row.loss + 1 - share})
        file = name.format(f"{row.params / 1e6:g}M", int(row.tokens))
        curve.to_csv(tmp_path / f"runs/{file}.csv", index=False)
    own = read_runs(tmp_path / "runs", rows="last")
    found = own.frame.sort_values(["params", "tokens"]).reset_index(drop=True)
    np.testing.assert_allclose(found["params"], PARAMS)
    np.testing.assert_allclose(found["loss"], LOSS)


@pytest.mark.parametrize("write", [str, json.dumps])
def test_dictionaries_in_cells_are_opened(tmp_path, write):
    rows = [
        {"summary": write({"_step": 900, "val/loss": row.loss}),
         "config": write({"n_params": row.params, "train_tokens": row.tokens}), "name": row.run}
        for row in RUNS.itertuples()
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "project.csv")
    same_numbers(read_runs(tmp_path / "project.csv"))


def test_a_folder_of_trainer_states_asks_for_sizes_and_takes_them(tmp_path):
    sizes = pd.DataFrame({"run": ["a", "b", "c", "d"], "params": sorted(set(PARAMS))})
    for row in sizes.itertuples():
        (tmp_path / "t" / row.run).mkdir(parents=True)
        history = []
        for step in (0, 250, 500, 1000):
            tokens = step * 524288
            loss = 1.85 + 380 * row.params**-0.35 + 1100 * tokens**-0.3 if step else 11.0
            history += [{"step": step, "loss": 0.9 * loss}, {"step": step, "eval_loss": loss}]
        state = {"global_step": 1000, "num_input_tokens_seen": 524288000, "log_history": history}
        (tmp_path / "t" / row.run / "trainer_state.json").write_text(json.dumps(state))
    stops(tmp_path / "t", "--join FILE")
    own = read_runs(tmp_path / "t", join=sizes)
    assert len(own.frame) == 12
    expected = 1.85 + 380 * own.frame["params"] ** -0.35 + 1100 * own.frame["tokens"] ** -0.3
    np.testing.assert_allclose(own.frame["loss"], expected)


@settings(max_examples=40)
@given(st.sampled_from(["run", "params", "tokens", "loss"]), st.text(min_size=1, max_size=12))
def test_any_other_name_is_asked_for_or_read_never_a_traceback(column, name):
    frame = RUNS.rename(columns={column: name})
    try:
        own = read_runs(frame)
    except ScalingStudiesError as error:
        assert "\n" not in str(error)
        return
    for what in ("params", "tokens", "loss"):
        if what in own.frame and what != column:
            np.testing.assert_allclose(own.frame[what], RUNS[what])


@pytest.mark.parametrize("flag", [{"rows": "eval=web"}, {"drop": "lost"}, {"best_of": "lrr"}])
def test_flags_that_name_nothing_say_so(flag):
    with pytest.raises(CardError) as caught:
        read_runs(RUNS.assign(lr=1e-3), **flag)
    assert "Fix: " in str(caught.value)


def test_a_run_far_above_smaller_ones_is_named_and_can_be_dropped():
    frame = RUNS.assign(loss=np.where(RUNS["run"] == "r10", 9.1, LOSS))
    own = read_runs(frame)
    assert any("--drop diverged" in warning for warning in own.warnings)
    dropped = read_runs(frame, drop="diverged")
    assert len(dropped.frame) == len(RUNS) - 1
    assert len(dropped.alternatives["without --drop diverged"]) == len(RUNS)


@pytest.mark.parametrize("loss", [3.0, 0.5, 1e-3])
@pytest.mark.parametrize("axes", [("params", "tokens"), ("params",), ("tokens",), ("flops",)])
def test_runs_of_one_loss_are_refused_in_a_line_that_names_the_column(loss, axes):
    values = {"params": [1e7, 3e7, 1e8, 3e8], "tokens": [1e9, 3e9, 1e10, 3e10],
              "flops": [1e17, 1e18, 1e19, 1e20]}  # fmt: skip
    frame = pd.DataFrame({**{name: values[name] for name in axes}, "val_loss": loss})
    with pytest.raises(TableError, match=r"column val_loss: all 4 runs have one loss"):
        read_runs(frame, unit="nats_per_token", params_convention="total")
