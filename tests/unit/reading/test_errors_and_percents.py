"""Errors behind numbers are taken off and said; per cents become fractions, never both at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_studies.errors import ScalingStudiesError, TableError
from scaling_studies.reading import read_runs
from scaling_studies.reading.numbers import numbers_of, without_error

SAID = {"unit": "nats_per_token", "params_convention": "total"}
SIZE, TOKENS = (
    side.ravel() for side in np.meshgrid([15e6, 42e6, 110e6, 340e6], [1e9, 4e9, 1.6e10],
                                         indexing="ij")
)  # fmt: skip
LOSS = np.round(1.9 + 350 * SIZE**-0.34 + 1200 * TOKENS**-0.31, 4)
RUNS = pd.DataFrame({"params": SIZE, "tokens": TOKENS, "loss": LOSS})
FORMS = [
    "{v} ± {e}", "{v}±{e}", "{v} +/- {e}", "{v} +- {e}", "{v} \\pm {e}", "${v} \\pm {e}$",
    "{v} ({e})", "{v}({e})", "{v} [{e}]", "{v} (±{e})", "{v} (+/- {e})", "{v}(3)", "{v}(12)",
    "{v} (SE {e})", "{v} (se={e})", "{v} (std: {e})", "{v} (SD {e})", "{v} sd {e}", "{v} (σ={e})",
    "{v}_{{{e}}}", "{v}_{{±{e}}}", "{v}_{{\\pm {e}}}", "{v}^{{+{e}}}_{{-{e}}}", "{v} +{e}/-{e}",
    "{v} (+{e}/-{e})", "{v} ({e}, {e})", "{v} [{lo}, {hi}]", "{v} ({lo}-{hi})", "{v} ({lo}–{hi})",
    "{v} ({lo} to {hi})", "{v} [{lo}; {hi}]", "{v} ± {e}%", "{v} +/- {e} nats", "**{v}** ± {e}",
]  # fmt: skip


@settings(max_examples=120)
@given(
    form=st.sampled_from(FORMS[:-1]),
    error=st.sampled_from([".003", "0.003", "0.01", "0.1", "3e-3"]),
    some=st.booleans(),
)
def test_an_error_behind_a_number_is_taken_off_and_said(form, error, some):
    def cell(value: float, place: int) -> str:
        if some and place % 3:
            return str(value)
        return form.format(v=value, e=error, lo=round(value - 0.01, 4), hi=round(value + 0.01, 4))

    cells = [cell(value, place) for place, value in enumerate(LOSS)]
    own = read_runs(RUNS.assign(loss=cells), **SAID)
    np.testing.assert_allclose(own.frame["loss"], LOSS)
    assert any("errors behind the numbers of loss are not used" in note for note in own.notes)


@pytest.mark.parametrize(
    "cell",
    ["1.3 (6.9)", "5.58 (2.71)", "5.58 [7.1, 7.3]", "125 (110)", "12 (3.4, 9)", "5.58 / 0.003",
     "5.58 0.003", "5.58 - 0.003"],
)  # fmt: skip
def test_what_may_be_another_number_is_no_error(cell):
    assert without_error(cell) == cell
    with pytest.raises(ScalingStudiesError):
        read_runs(RUNS.assign(loss=[cell, *map(str, LOSS[1:])]), **SAID)


@pytest.mark.parametrize("cell", ["1.3B", "2024-01-03", "1e21", "1.3B/6.9B", "30B-A3B", "1,234.5"])
def test_numbers_without_errors_stay(cell):
    assert without_error(cell) == cell


NAMES = ["loss (%)", "val loss [%]", "test_loss_percent", "loss pct", "error (%)", "top1_error (%)",
         "test error [%]", "WER (%)", "error_rate_pct"]  # fmt: skip


@settings(max_examples=60)
@given(
    name=st.sampled_from(NAMES),
    cells=st.sampled_from(["{:.4f}", "{:.4f}%", "{:.4f} %", "{:.4f}% ± 0.2%", "{:.4f} ± 0.02"]),
    scale=st.sampled_from([0.2, 1.0, 10.0]),
)
def test_per_cents_are_divided_by_a_hundred_once_and_said(name, cells, scale):
    shares = LOSS * scale
    frame = RUNS.drop(columns="loss").assign(**{name: [cells.format(value) for value in shares]})
    own = read_runs(frame, maps=[f"loss={name}"], params_convention="total")
    np.testing.assert_allclose(own.frame["loss"], np.round(shares, 4) / 100, rtol=1e-9)
    assert own.unit == "fraction"
    assert any(" in percent" in note or "per cent in the cells" in note for note in own.notes)


@pytest.mark.parametrize("name", NAMES[4:])
def test_a_refusal_says_what_reads_a_rate_of_errors(name):
    frame = RUNS.drop(columns="loss").assign(**{name: 10 * LOSS})
    with pytest.raises(ScalingStudiesError, match="--map"):
        read_runs(frame, params_convention="total")
    own = read_runs(frame, maps=[f"loss={name}"], params_convention="total")
    np.testing.assert_allclose(own.frame["loss"], LOSS / 10)


BARE = ["error", "test error", "top1_error", "val_err", "error_rate", "WER", "cer"]


@pytest.mark.parametrize("name", BARE)
def test_rates_of_errors_are_shares_or_asked_for_and_never_nats(name):
    said = {"maps": [f"loss={name}"], "params_convention": "total", "yes": True}
    runs = RUNS.drop(columns="loss")
    own = read_runs(runs.assign(**{name: LOSS / 10}), **said)
    np.testing.assert_allclose(own.frame["loss"], LOSS / 10)
    assert own.unit == "fraction"
    for scale in (1.0, 10.0):
        with pytest.raises(
            ScalingStudiesError, match=r"in per cent cannot be known.*--unit percent"
        ):
            read_runs(runs.assign(**{name: scale * LOSS}), **said)
        own = read_runs(runs.assign(**{name: scale * LOSS}), unit="percent", **said)
        np.testing.assert_allclose(own.frame["loss"], scale * LOSS / 100)
    own = read_runs(runs.assign(**{name: LOSS}), unit="as_printed", **said)
    np.testing.assert_allclose(own.frame["loss"], LOSS)


@pytest.mark.parametrize("column", ["loss", "val_loss", "params", "tokens"])
def test_per_cents_where_none_are_expected_are_refused_and_what_is_typed_reads_a_loss(column):
    frame = RUNS.rename(columns={"loss": "val_loss"} if column == "val_loss" else {})
    frame = frame.assign(**{column: [f"{value:g}%" for value in frame[column]]})
    with pytest.raises(TableError, match=f"row 1, column {column}: '[^']*%' is a share"):
        read_runs(frame, params_convention="total")
    if "loss" in column:
        own = read_runs(frame, unit="percent", params_convention="total")
        np.testing.assert_allclose(own.frame["loss"], LOSS / 100, rtol=1e-4)
        assert own.unit == "fraction"


def test_per_cents_beside_bare_numbers_are_refused():
    cells = [f"{value}%" for value in LOSS[:-1]] + [str(LOSS[-1])]
    with pytest.raises(TableError, match="no per cent sign, others of its column do"):
        read_runs(RUNS.assign(loss=cells), **{**SAID, "unit": None})


@pytest.mark.parametrize("name", ["accuracy [%]", "val_acc", "acc (%)", "f1", "test accuracy"])
def test_what_rises_is_said_to_be_no_loss(name):
    frame = RUNS.drop(columns="loss").assign(**{name: 90 - LOSS})
    own = read_runs(frame, maps=[f"loss={name}"], unit="as_printed", params_convention="total")
    assert any("rises as runs get better" in warning for warning in own.warnings)


def test_long_cells_are_looked_at_for_a_bounded_time():
    numbers_of(pd.Series(["5." + "1" * 5000 + " (" + "0.0" * 2000, "1 " * 4000 + ")"]))
