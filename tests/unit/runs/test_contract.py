"""One list of columns makes the schemas, and all of them agree."""

import doctest
import importlib
import pkgutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_studies import runs
from scaling_studies.cards.load import load_card
from scaling_studies.runs.columns import COLUMNS, RUN_SCHEMA
from scaling_studies.runs.contract import failures, schema_of
from scaling_studies.runs.normalize import read_run_table
from scaling_studies.runs.run_files import as_frame

NUMBERS = [column for column in COLUMNS.values() if column.kind == "number"]
WORDS = [column for column in COLUMNS.values() if column.choices]


def test_both_schemas_hold_the_columns_of_the_list():
    schema = schema_of()
    assert list(schema.columns) == list(COLUMNS) == RUN_SCHEMA.names
    for name, column in COLUMNS.items():
        assert schema.columns[name].nullable is not column.filled
        assert (column.kind == "number") == (RUN_SCHEMA.field(name).type == pa.float64())


@settings(max_examples=40)
@given(
    column=st.sampled_from(NUMBERS),
    numbers=st.lists(st.floats() | st.sampled_from([0.0, -1.0, 2.5]), min_size=1, max_size=6),
)
def test_the_quick_look_and_pandera_agree_on_numbers(column, numbers):
    cells = pd.Series(numbers, range(5, 5 + len(numbers)), dtype=float)
    expected = set(cells.index[~column.allows(cells)])
    if not column.filled:
        expected -= set(cells.index[cells.isna()])
    assert {row for failure in failures(cells, column) for row in failure.rows} == expected


@pytest.mark.parametrize("column", WORDS, ids=lambda column: column.name)
def test_the_quick_look_and_pandera_agree_on_words(column):
    cells = pd.Series([column.choices[0], "of my own", None], [1, 2, 3], dtype="string[pyarrow]")
    assert column.allows(cells).tolist() == [True, False, False]
    assert [list(failure.rows) for failure in failures(cells, column)] == [[2]]


def test_an_empty_cell_is_told_from_one_that_is_not_allowed():
    found = failures(pd.Series([np.nan, -1.0, 1e9], [1, 2, 3]), COLUMNS["tokens"])
    assert [(list(failure.rows), failure.empty) for failure in found] == [([1], True), ([2], False)]


def test_a_run_table_keeps_the_pandera_schema(request):
    root = request.config.rootpath
    card = load_card(root / "config/studies/besiroglu_2024.yaml")
    frame = as_frame(read_run_table(card.study, card.tables, root / "data"))
    known = {name: column for name, column in COLUMNS.items() if frame[name].notna().any()}
    schema_of(known).validate(frame, lazy=True)


@pytest.mark.parametrize("name", [found.name for found in pkgutil.iter_modules(runs.__path__)])
def test_examples_run(name):
    module = importlib.import_module(f"scaling_studies.runs.{name}")
    assert doctest.testmod(module).failed == 0
