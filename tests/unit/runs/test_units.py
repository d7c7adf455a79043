import math

import numpy as np
import pytest

from scaling_studies.errors import TableError
from scaling_studies.runs.units import UNITS, unit


@pytest.mark.parametrize(
    ("quantity", "name", "raw", "canonical", "expected"),
    [
        ("params", "million", 70.0, "params", 7e7),
        ("tokens", "billion", 1.4, "tokens", 1.4e9),
        ("tokens", "sequences_of_2048", 64.0, "tokens", 131072.0),
        ("flops", "PF-days", 1.0, "FLOP", 1e15 * 24 * 3600),
        ("flops", "GMAC", 3.0, "FLOP", 6e9),
        ("flops", "ZFLOP", 2.0, "FLOP", 2e21),
        ("samples", "minutes", 90.0, "hours", 1.5),
        ("value", "bits_per_token", 3.0, "nats_per_token", 3.0 * math.log(2.0)),
        ("value", "perplexity", 20.0, "nats_per_token", math.log(20.0)),
        ("value", "percent", 57.0, "fraction", 0.57),
        ("value", "bits_per_byte", 0.9, "bits_per_byte", 0.9),
    ],
)
def test_raw_values_become_canonical(quantity, name, raw, canonical, expected):
    found = unit(quantity, name)
    assert found.canonical == canonical
    assert found.convert(np.array([raw]))[0] == expected


def test_a_unit_left_out_is_the_quantitys_own():
    assert unit("params", None).name == "params"
    assert unit("flops", None).canonical == "FLOP"


def test_canonical_units_convert_to_themselves():
    values = np.array([0.1, 3.0, 7e22])
    for quantity, known in UNITS.items():
        for found in known.values():
            canonical = known.get(found.canonical, found)
            assert canonical.convert(values) is values, (quantity, found)


@pytest.mark.parametrize("name", ["perplexity", "percent", "bits_per_token", "nats_per_token"])
def test_deviations_are_the_derivative_of_the_conversion(name):
    found, step = unit("value", name), 1e-6
    values = np.array([2.0, 40.0])
    slope = (found.convert(values + step) - found.convert(values - step)) / (2 * step)
    given = found.convert_deviation(np.full(2, 0.3), values)
    np.testing.assert_allclose(given, 0.3 * slope, rtol=1e-8)


@pytest.mark.parametrize(
    ("quantity", "name", "hint"),
    [
        ("params", "tokens", "write one of: params, thousand"),
        ("flops", "PF-day", "did you mean 'PF-days'?"),
        ("flops", "flop", "did you mean 'FLOP'?"),
        ("value", "nats/token", "did you mean 'nats_per_token'?"),
        ("tokens", "sequences_of_0", "sequences_of_<length>"),
        ("value", "", "write one of: nats_per_token"),
    ],
)
def test_an_unknown_unit_is_refused_with_those_there_are(quantity, name, hint):
    with pytest.raises(TableError) as caught:
        unit(quantity, name, study="a_2020", table="points", column="size")
    text = str(caught.value)
    assert text.startswith(f"study a_2020, table points, column size: {name!r} is not a unit of ")
    assert hint in text
    assert "\n" not in text
