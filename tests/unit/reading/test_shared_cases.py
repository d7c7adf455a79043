"""The recorded cases of tables that were read wrongly: the right numbers, or a line with a fix."""

from __future__ import annotations

from pathlib import Path

import pytest

import scaling_studies as ss
from scaling_studies.errors import MustBeSaid
from scaling_studies.reading import read_runs
from scaling_studies.reading.identify import identifiable

CASES = Path(__file__).resolve().parents[3] / ".." / "shared" / "cases"
pytestmark = [
    pytest.mark.mirror,
    pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not there"),
]
#: The independent fit of the table that most cases vary: E, A, B, alpha, beta.
USUAL = (1.912, 382.8, 1205.8, 0.3458, 0.3103)
EXACT = (1.9, 350.0, 1200.0, 0.34, 0.31)
SIZES = "10_chart_starts_at_step_0/sizes.csv"
DATA = "tokens=step:sequences_of_524288"
#: Table -> flags that the line names, where it must stop first; numbers; tolerance.
RIGHT = {
    "01_isoflop_results_tokens_trained/results.csv": ({}, (0.637, 91.3, 64.2, 0.317, 0.235), 0.01),
    "02_tokens_with_suffix/runs.csv": ({}, USUAL, 0.01),
    "02_tokens_with_suffix/both.csv": ({}, USUAL, 0.01),
    "02_tokens_with_suffix/few.csv": ({}, USUAL, 0.01),
    "03_thousands_separators/runs.csv": ({}, USUAL, 0.01),
    "04_hf_trainer_wandb_export/runs.csv": ({}, USUAL, 0.01),
    "05_batch_times_steps/runs.csv": (
        {"maps": ["tokens=batch_size*block_size*max_iters"]}, USUAL, 0.01),
    "06_two_evaluation_sets_in_rows/runs.csv": ({"rows": "eval_set=web"}, USUAL, 0.01),
    "06_two_evaluation_sets_in_rows/columns.csv": ({"maps": ["loss=eval/web/loss"]}, USUAL, 0.01),
    "08_learning_rate_sweep/runs.csv": ({"best_of": "lr"}, USUAL, 0.01),
    "10_chart_starts_at_step_0/chart.csv": ({"join": CASES / SIZES, "maps": [DATA]}, EXACT, 1e-3),
    "11_own_study_alone/runs.csv": ({}, USUAL, 0.01),
    "12_pandas_index_column/runs.csv": ({}, USUAL, 0.01),
    "13_wandb_api_snippet/project.csv": ({}, USUAL, 0.01),
    "14_json_array/runs.json": ({}, USUAL, 0.01),
    "17_same_name_other_seed/runs.csv": ({}, USUAL, 0.03),
    "18_semicolon_decimal_comma/runs.csv": ({}, USUAL, 0.01),
    "18_semicolon_decimal_comma/runs.tsv": ({}, USUAL, 0.01),
    "18_semicolon_decimal_comma/excel_unicode_text.csv": ({}, USUAL, 0.01),
    "19_moe_total_and_active/runs.csv": ({}, USUAL, 0.01),
    "20_unit_of_the_loss/perplexity_named_loss.csv": ({"unit": "perplexity"}, USUAL, 0.01),
    "20_unit_of_the_loss/bpc.csv": (
        {}, (1.912 / 0.6931, 382.8 / 0.6931, 1205.8 / 0.6931, 0.3458, 0.3103), 0.01),
    "21_log10_columns/runs.csv": ({}, USUAL, 0.01),
    "22_samples_not_tokens/runs.csv": ({}, (1.1, 350.0, 90.0, 0.34, 0.31), 1e-3),
    "23_folder_sizes_in_file_names/curves": ({}, EXACT, 1e-3),
    "24_map_forgets_the_unit/runs.csv": ({"maps": ["tokens=tokens_trained"]}, USUAL, 0.01),
    "25_compute_units/zetta.csv": ({}, USUAL, 0.01),
    "25_compute_units/e21.csv": ({}, USUAL, 0.01),
    "25_compute_units/gflops.csv": ({}, USUAL, 0.01),
    "26_comment_line/runs.csv": ({}, USUAL, 0.01),
    "27_checkpoints_before_decay/runs.csv": ({"rows": "last"}, EXACT, 1e-3),
    "29_size_as_label/runs.csv": ({}, EXACT, 1e-3),
    "30_throughput_taken_for_compute/runs.csv": (
        {"maps": ["tokens=consumed_samples:sequences_of_2048"]}, USUAL, 0.01),
}  # fmt: skip
#: Tables that must stop without these flags, and what the line names.
STOPS = {
    "05_batch_times_steps/runs.csv": "tokens=batch_size*block_size*max_iters",
    "06_two_evaluation_sets_in_rows/runs.csv": "--rows eval_set=web",
    "06_two_evaluation_sets_in_rows/columns.csv": "--map loss=eval/web/loss",
    "08_learning_rate_sweep/runs.csv": "--best-of lr",
    "09_chart_without_sizes/chart.csv": "--join FILE",
    "15_trainer_state_json": "--join FILE",
    "20_unit_of_the_loss/perplexity_named_loss.csv": "--unit perplexity",
    "22_samples_not_tokens/size_is_data.csv": "--map samples=size",
    "28_grouped_wandb_chart/chart.csv": "--join FILE",
    "30_throughput_taken_for_compute/runs.csv": "tokens=consumed_samples:sequences_of_2048",
}
NAMES = ("E", "A", "B", "alpha", "beta")


@pytest.mark.parametrize("case", RIGHT)
def test_the_numbers_are_those_of_the_independent_fit(case):
    flags, expected, tolerance = RIGHT[case]
    frame = read_runs(CASES / case, **flags).frame
    data = "tokens" if "tokens" in frame else "samples"
    fit = ss.fit("additive", frame, axes={"params": "params", "tokens": data})
    for name, value in zip(NAMES, expected, strict=True):
        assert fit.parameters[name] == pytest.approx(value, rel=tolerance), name


@pytest.mark.parametrize("case", STOPS)
@pytest.mark.parametrize("yes", [False, True])
def test_what_is_open_stops_with_the_flag(case, yes):
    with pytest.raises(MustBeSaid) as caught:
        read_runs(CASES / case, yes=yes)
    assert STOPS[case] in str(caught.value) and "\n" not in str(caught.value)


def test_epochs_give_their_last_row():
    frame = read_runs(CASES / "07_epoch_curves/runs.csv").frame
    fit = ss.fit("power_offset", frame, axes={"x": "params"})
    assert fit.parameters["E"] == pytest.approx(2.327, rel=1e-3)
    assert fit.parameters["alpha"] == pytest.approx(0.3385, rel=1e-3)


def test_runs_that_diverged_are_left_out():
    frame = read_runs(CASES / "16_diverged_runs_nan/runs.csv").frame
    fit = ss.fit("additive", frame)
    assert len(frame) == 18
    for name, value in zip(NAMES, USUAL, strict=True):
        if name not in ("A", "B"):
            assert fit.parameters[name] == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize(
    ("case", "law"),
    [("same_size", "power_offset"), ("one_ratio", "power_offset"), ("ablations", None)],
)
def test_designs_that_identify_nothing_say_so(case, law):
    frame = read_runs(CASES / f"31_design_cannot_identify/{case}.csv").frame
    assert not identifiable(frame, "additive")
    assert bool(identifiable(frame, "power_offset")) == (law is not None)
