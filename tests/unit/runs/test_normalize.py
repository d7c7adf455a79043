"""Raw tables to run-table rows: units, derivations, keys, measurements and averages."""

import math
import tempfile
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from scaling_studies.cards.models import table as models
from scaling_studies.runs.columns import COLUMNS, RUN_SCHEMA
from scaling_studies.runs.normalize import read_run_table

LOSS = {"metric": "loss", "eval_set": "web", "unit": "nats_per_token", "from": "loss"}


def card_of(**tables):
    """Return the part of a card that normalisation reads."""
    defaults = {"file": "a.parquet", "provenance": "measured", "measurements": [LOSS]}
    entries = {name: defaults | entry for name, entry in tables.items()}
    return {
        "study": "a_2020",
        "tables": {n: models.TableEntry.model_validate(e) for n, e in entries.items()},
    }


def rows_of(card, **frames):
    with tempfile.TemporaryDirectory() as folder:
        for name, columns in frames.items():
            pd.DataFrame(columns).to_parquet(Path(folder) / f"{name}.parquet")
        table = read_run_table(**card, data_dir=Path(folder))
    assert table.schema.equals(RUN_SCHEMA)
    return table.to_pandas().astype(
        {f.name: object for f in table.schema if pa.types.is_dictionary(f.type)}
    )


def test_numbers_are_converted_and_derived():
    card = card_of(
        points={
            "columns": {
                "params_total": {"from": "size", "unit": "million"},
                "flops": {"from": "compute", "unit": "PF-days"},
                "tokens": {"derive": "tokens_from_6nd"},
                "unique_tokens": {"from": "distinct", "unit": "billion"},
                "epochs": {"derive": "epochs_from_unique"},
            },
            "constants": {"dataset": "web", "depth": 12, "flops_convention": "6ND_total"},
            "measurements": [LOSS | {"unit": "bits_per_token", "low": "low", "std": "sd"}],
            "provenance_group": "figure_4",
        }
    )
    frame = rows_of(
        card,
        a={
            "size": ["70", "410"],
            "compute": ["1", "2.5"],
            "distinct": ["10", "20"],
            "loss": ["4", "3"],
            "low": ["3.9", ""],
            "sd": ["0.1", "0.2"],
        },
    )
    tokens = np.array([8.64e19 / (6 * 70e6), 2.5 * 8.64e19 / (6 * 410e6)])
    np.testing.assert_allclose(frame["tokens"], tokens, rtol=1e-15)
    np.testing.assert_allclose(frame["epochs"], tokens / [1e10, 2e10], rtol=1e-15)
    np.testing.assert_allclose(frame["flops_6nd"], frame["flops"], rtol=1e-15)
    np.testing.assert_allclose(frame["value"], [4 * math.log(2), 3 * math.log(2)], rtol=1e-15)
    np.testing.assert_allclose(frame["value_std"], np.array([0.1, 0.2]) * math.log(2), rtol=1e-15)
    assert frame["value_low"][0] == 3.9 * math.log(2)
    assert math.isnan(frame["value_low"][1])
    assert set(frame["unit"]) == {"nats_per_token"}
    assert set(frame["depth"]) == {12.0}
    assert list(frame["run_id"]) == ["points:1", "points:2"]
    assert list(frame["row_key"]) == list(frame["group_id"]) == list(frame["run_id"])
    assert set(frame["provenance_group"]) == {"figure_4"}
    assert set(frame["status"]) == {"ok"}


def test_6nd_of_large_runs_does_not_overflow():
    card = card_of(
        points={"columns": {"params_total": {"from": "n"}, "tokens": {"from": "d"}}},
    )
    frame = rows_of(card, a={"n": [500_000_000_000], "d": [20_000_000_000_000], "loss": [1.9]})
    assert frame["flops_6nd"][0] == 6e25


@pytest.mark.parametrize(
    ("convention", "size"),
    [
        ("6ND_total", 100.0),
        ("6ND_non_embedding", 80.0),
        ("6ND_active", 30.0),
        ("reported", 30.0),
        (None, 30.0),
    ],
)
def test_6nd_uses_the_parameters_of_the_convention(convention, size):
    columns = {
        "params_total": {"from": "n"},
        "params_non_embedding": {"from": "body"},
        "params_active": {"from": "active"},
        "tokens": {"from": "d"},
    }
    constants = {} if convention is None else {"flops_convention": convention}
    frame = rows_of(
        card_of(points={"columns": columns, "constants": constants}),
        a={"n": ["100"], "body": ["80"], "active": ["30"], "d": ["7"], "loss": ["2"]},
    )
    assert frame["flops_6nd"][0] == 6 * size * 7
    mapped = columns | {"flops_convention": {"from": "kind"}}
    kinds = [convention or "unknown", "6ND_total"]
    frame = rows_of(
        card_of(points={"columns": mapped}),
        a={
            "n": ["100"] * 2,
            "body": ["80"] * 2,
            "active": ["30"] * 2,
            "d": ["7"] * 2,
            "loss": ["2"] * 2,
            "kind": kinds,
        },
    )
    assert list(frame["flops_6nd"]) == [6 * size * 7, 6 * 100 * 7]


def test_measurements_of_a_row_stand_together_and_share_its_key():
    card = card_of(
        curves={
            "columns": {"run_id": {"from": "run"}, "step": {"from": "step"}},
            "measurements": [
                LOSS,
                {"metric": "error", "eval_set": "quiz", "unit": "percent", "from": "quiz"},
                {"metric": "bleu", "unit": "bleu", "from": "bleu", "optional": True},
            ],
        }
    )
    frame = rows_of(
        card,
        a={
            "run": ["x", "x", "y"],
            "step": ["100", "2e2", "0.5"],
            "loss": ["3", "2", "1"],
            "quiz": ["50", "40", "30"],
            "bleu": ["", "20", "21"],
        },
    )
    assert list(frame["row_key"]) == ["x@100"] * 2 + ["x@200"] * 3 + ["y@0.5"] * 3
    assert list(frame["metric"]) == ["loss", "error"] + ["loss", "error", "bleu"] * 2
    assert list(frame["value"]) == [3, 0.5, 2, 0.4, 20, 1, 0.3, 21]
    assert list(frame["group_id"]) == ["x"] * 5 + ["y"] * 3
    assert list(frame["eval_set"].isna()) == [False, False, *[False, False, True] * 2]


def test_long_tables_share_the_key_of_a_checkpoint_and_are_averaged():
    card = card_of(
        losses={
            "columns": {"run_id": {"from": "run"}, "tokens": {"from": "d", "unit": "billion"}},
            "measurements": [LOSS | {"eval_set": {"column": "set"}}],
            "join": [{"file": "b.parquet", "on": ["run"]}],
            "averages": [
                {"metric": "loss", "eval_set": "mean of all"},
                {"metric": "loss", "eval_set": "mean of two", "over": ["web", "code"]},
            ],
        }
    )
    frame = rows_of(
        card,
        a={
            "run": ["y", "y", "x", "x", "x", "y"],
            "set": ["web", "code", "web", "wiki", "code", "wiki"],
            "loss": ["1", "2", "4", "8", "16", "32"],
        },
        b={"run": ["x", "y", "z"], "d": ["1", "2", "3"], "loss of training": ["7", "8", ""]},
    )
    assert list(frame["row_key"][:6]) == ["y", "y", "x", "x", "x", "y"]
    assert list(frame["tokens"][:6] / 1e9) == [2, 2, 1, 1, 1, 2]
    averages = frame[6:]
    assert list(averages["eval_set"]) == ["mean of all"] * 2 + ["mean of two"] * 2
    assert list(averages["row_key"]) == ["y", "x", "y", "x"]
    assert list(averages["value"]) == [35 / 3, 28 / 3, 1.5, 10]
    assert list(averages["tokens"] / 1e9) == [2, 1, 2, 1]


def test_checkpoints_of_two_tables_share_their_key():
    columns = {"run_id": {"from": "run"}}
    error = {"metric": "error", "eval_set": "quiz", "unit": "fraction", "from": "error"}
    card = card_of(
        losses={"columns": columns},
        errors={"columns": columns, "file": "b.parquet", "measurements": [error]},
    )
    frame = rows_of(
        card, a={"run": ["x", "y"], "loss": [3.0, 2.0]}, b={"run": ["y", "x"], "error": [0.1, 0.2]}
    )
    assert list(frame["table"]) == ["errors"] * 2 + ["losses"] * 2
    of_x = frame[frame["row_key"] == "x"]
    assert dict(zip(of_x["metric"], of_x["value"], strict=True)) == {"error": 0.2, "loss": 3.0}


def test_repeated_checkpoints_are_told_apart_where_they_are_allowed():
    card = card_of(
        points={
            "columns": {"run_id": {"from": "run"}},
            "measurements": [LOSS | {"eval_set": {"column": "set"}}],
            "allow": {"duplicate_runs": True},
        }
    )
    frame = rows_of(
        card,
        a={
            "run": ["x", "x", "x", "y", "x", "x"],
            "set": ["a", "b", "a", "a", "b", "a"],
            "loss": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        },
    )
    assert list(frame["row_key"]) == ["x", "x", "x#2", "y", "x#2", "x#3"]


def test_groups_constants_values_and_flags():
    card = card_of(
        points={
            "columns": {
                "params_total": {"from": "size", "values": {"7B": 7.0e9, "tiny": "1e6"}},
                "status": {"from": "state", "values": {"nan": "diverged"}},
                "note": {"from": "state", "values": {"": "state unknown"}},
                "is_final": {"from": "last"},
                "seed": {"from": "seed"},
            },
            "constants": {"run_id": "one run"},
            "group": ["size", "seed"],
            "allow": {"duplicate_runs": True},
        }
    )
    frame = rows_of(
        card,
        a={
            "size": ["7B", "tiny", "7B"],
            "state": ["", "nan", "ok"],
            "last": ["True", "no", ""],
            "seed": [1, 2, 3],
            "loss": ["2", "inf", "3"],
        },
    )
    assert list(frame["params_total"]) == [7e9, 1e6, 7e9]
    assert list(frame["status"]) == ["ok", "diverged", "ok"]
    assert list(frame["note"]) == ["state unknown", "nan", "ok"]
    assert list(frame["is_final"]) == [True, False, None]
    assert list(frame["group_id"]) == ["7B|1", "tiny|2", "7B|3"]
    assert list(frame["row_key"]) == ["one run", "one run#2", "one run#3"]
    assert math.isnan(frame["value"][1])


def test_unknown_sizes_are_null_where_the_card_says_so():
    columns = {
        "params_total": {"from": "n"},
        "tokens": {"from": "d"},
        "flops": {"from": "c", "optional": True},
    }
    frame = rows_of(
        card_of(points={"columns": columns, "flops_tolerance": 0.1}),
        a={"n": ["2", "3"], "d": ["5", "7"], "c": ["", "126"], "loss": ["1", "2"]},
    )
    assert list(frame["flops"].isna()) == [True, False]
    assert list(frame["flops_6nd"]) == [60.0, 126.0]


def test_units_of_rows_and_relative_errors():
    card = card_of(
        points={
            "columns": {"run_id": {"from": ["series", "point"]}},
            "measurements": [
                LOSS | {"unit": {"column": "unit"}, "std": "sd", "relative_error": "error"}
            ],
        }
    )
    frame = rows_of(
        card,
        a={
            "series": ["a", "a", "b"],
            "point": [1, 2, 1],
            "loss": [25.0, 8.0, 3.0],
            "unit": ["percent", "perplexity", "bits_per_token"],
            "sd": [1.0, 2.0, 0.5],
            "error": [0.1, None, 0.5],
        },
    )
    assert list(frame["run_id"]) == ["a|1", "a|2", "b|1"]
    assert list(frame["unit"]) == ["fraction", "nats_per_token", "nats_per_token"]
    np.testing.assert_allclose(frame["value"], [0.25, math.log(8), 3 * math.log(2)], rtol=1e-15)
    np.testing.assert_allclose(frame["value_std"], [0.01, 0.25, math.log(2) / 2], rtol=1e-15)
    np.testing.assert_allclose(frame["value_low"], [0.225, np.nan, 1.5 * math.log(2)], rtol=1e-15)
    np.testing.assert_allclose(frame["value_high"], [0.275, np.nan, 4.5 * math.log(2)], rtol=1e-15)


def test_standard_deviation_of_the_logarithm():
    card = card_of(
        points={
            "columns": {"params_total": {"from": "n"}},
            "measurements": [LOSS | {"unit": "percent", "log_std": "sd"}],
        }
    )
    frame = rows_of(card, a={"n": [1, 2, 3], "loss": [25.0, 50.0, 8.0], "sd": [0.1, 0.0, None]})
    np.testing.assert_allclose(frame["value_std"], [0.025, 0.0, np.nan], rtol=1e-15)


def test_every_key_of_a_table_in_a_card_is_known_here():
    def keys(model):
        return {field.alias or name for name, field in model.model_fields.items()}

    assert keys(models.TableEntry) <= {
        *("file", "sha256", "retrieved", "join", "provenance", "provenance_group", "columns"),
        *("constants", "measurements", "averages", "group", "flops_tolerance", "allow"),
    }
    assert keys(models.Join) == {"file", "sha256", "on"}
    assert keys(models.Column) <= {"from", "unit", "derive", "values", "optional"}
    assert keys(models.Measurement) <= {
        *("metric", "eval_set", "unit", "from", "low", "high", "std", "log_std"),
        *("relative_error", "optional"),
    }
    assert keys(models.Average) <= {"metric", "eval_set", "over"}
    assert keys(models.Allow) <= {"negative_values", "duplicate_runs", "zero_values"}
    provenance = get_args(models.TableEntry.model_fields["provenance"].annotation)
    assert set(provenance) == set(COLUMNS["provenance"].choices)


def test_samples_bring_their_unit():
    samples = {"samples": {"from": "m", "unit": "minutes"}}
    frame = rows_of(card_of(points={"columns": samples}), a={"m": ["30"], "loss": ["1"]})
    assert (frame["samples"][0], frame["sample_unit"][0]) == (0.5, "hours")
    multiple = card_of(
        points={
            "columns": {"samples": {"from": "m", "unit": "million"}},
            "constants": {"sample_unit": "images"},
        }
    )
    frame = rows_of(multiple, a={"m": ["30"], "loss": ["1"]})
    assert (frame["samples"][0], frame["sample_unit"][0]) == (3e7, "images")


def test_a_star_in_values_stands_for_any_text():
    column = {"from": "set", "values": {"a_b": "exact", "a_*": "*", "*_z": "last *"}}
    card = card_of(points={"columns": {"dataset": column}})
    sets = ["a_b", "a_c", "x_z", "other"]
    frame = rows_of(card, a={"set": sets, "loss": [1.0, 2.0, 3.0, 4.0]})
    assert list(frame["dataset"]) == ["exact", "c", "last x", "other"]
