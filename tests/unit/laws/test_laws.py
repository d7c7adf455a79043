"""The registry, and every law's functions against plain arithmetic and finite differences."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from truths import TRUTHS

import scaling_studies as ss
from scaling_studies import registry
from scaling_studies.errors import FitError

LAWS = registry.names("laws")


def test_every_law_of_the_registry_has_a_truth_and_metadata():
    assert set(LAWS) == set(TRUTHS)
    assert set(ss.laws()) == set(LAWS)
    for name, law in ss.laws().items():
        assert law.name == name
        assert law.title and law.formula and law.citation
        assert all(item.meaning for item in law.parameters)
        assert all(axis.unit and axis.meaning for axis in law.axes)


def test_loading_one_law_loads_no_other():
    code = (
        "import sys, scaling_studies as ss; ss.get_law('additive');"
        "print([m for m in sys.modules if m.startswith('scaling_studies.laws.')],"
        " 'pandas' in sys.modules, 'scipy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "['scaling_studies.laws.additive'] False False"


def test_unknown_law_is_refused_with_the_known_ones():
    with pytest.raises(FitError, match=r"unknown law 'aditive'.*did you mean 'additive'"):
        ss.get_law("aditive")


@pytest.mark.parametrize("name", LAWS)
def test_gradient_and_hessian_against_differences(name):
    law = ss.get_law(name)
    rng = np.random.default_rng(5)
    truth, frame = TRUTHS[name](rng)
    columns = law.model.prepare(frame)
    point = law.to_working(truth)
    evaluation = law.model.evaluate(point[None, :], columns, 2)
    weights = rng.normal(size=evaluation.value.shape)
    curvature = evaluation.curvature(weights)[0]
    size = len(point)
    jacobian = np.empty((size, evaluation.value.shape[1]))
    hessian = np.empty((size, size))
    for position in range(size):
        step = 1e-6 * max(1.0, abs(point[position]))
        high, low = point.copy(), point.copy()
        high[position] += step
        low[position] -= step
        up = law.model.evaluate(high[None, :], columns, 1)
        down = law.model.evaluate(low[None, :], columns, 1)
        jacobian[position] = (up.value[0] - down.value[0]) / (2 * step)
        hessian[position] = ((up.jacobian[0] - down.jacobian[0]) @ weights[0]) / (2 * step)
    np.testing.assert_allclose(evaluation.jacobian[0], jacobian, atol=2e-6 * np.abs(jacobian).max())
    np.testing.assert_allclose(curvature, hessian, atol=2e-6 * max(np.abs(hessian).max(), 1e-9))


@pytest.mark.parametrize("name", LAWS)
def test_sets_with_rows_of_their_own_have_the_values_of_each_alone(name):
    law = ss.get_law(name)
    truth, frame = TRUTHS[name](np.random.default_rng(7))
    sets = law.to_working(truth) * np.array([[1.0], [1.01], [0.99]])
    rows = {
        column: np.stack([np.roll(frame[column], n) for n in range(3)]) for column in law.axis_names
    }
    values = law.model.values(sets, rows)
    for number, one in enumerate(sets):
        columns = law.model.prepare({column: each[number] for column, each in rows.items()})
        alone = law.model.evaluate(one[None, :], columns, 0).value[0]
        np.testing.assert_array_equal(values[number], alone)


@pytest.mark.parametrize("name", LAWS)
def test_batch_members_do_not_see_each_other(name):
    law = ss.get_law(name)
    truth, frame = TRUTHS[name](np.random.default_rng(6))
    columns = law.model.prepare(frame)
    point = law.to_working(truth)
    batch = np.stack([point, point * 1.01, point])
    together = law.model.evaluate(batch, columns, 2)
    alone = law.model.evaluate(point[None, :], columns, 2)
    for row in (0, 2):
        np.testing.assert_array_equal(together.value[row], alone.value[0])
        np.testing.assert_array_equal(together.jacobian[row], alone.jacobian[0])


@pytest.mark.parametrize(
    "name", [n for n in LAWS if any(p.linear for p in ss.get_law(n).parameters)]
)
def test_linear_parameters_are_linear(name):
    law = ss.get_law(name)
    truth, frame = TRUTHS[name](np.random.default_rng(7))
    basis = law.model.basis(law.to_working(truth)[None, :], law.model.prepare(frame))
    if basis is None:
        pytest.skip("proposes its own starts")
    linear = [item.name for item in law.parameters if item.linear]
    value = sum(truth[k] * column for k, column in zip(linear, basis[0], strict=True))
    expected = law.value(truth, frame)
    expected = np.log(expected) if law.linear_space == "log" else expected
    np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_values_by_hand():
    frame = {"params": np.array([1e9]), "tokens": np.array([2e10])}
    truth = {"E": 1.7, "A": 400.0, "B": 500.0, "alpha": 0.34, "beta": 0.28}
    assert ss.get_law("additive").value(truth, frame)[0] == pytest.approx(
        1.7 + 400 / 1e9**0.34 + 500 / 2e10**0.28, rel=1e-14
    )
    truth = {"a": 100.0, "b": 200.0, "exponent": -0.25, "E": 1.5}
    multiplier = 20.0
    assert ss.get_law("overtrained").value(truth, frame)[0] == pytest.approx(
        100 * 1e9**-0.25 + 200 * 6 ** (-0.125) * (multiplier * 1e9) ** -0.25 + 1.5, rel=1e-14
    )
    truth = {"alpha_N": 0.076, "alpha_D": 0.103, "N_c": 6.4e13, "D_c": 1.8e13}
    assert ss.get_law("kaplan").value(truth, frame)[0] == pytest.approx(
        ((6.4e13 / 1e9) ** (0.076 / 0.103) + 1.8e13 / 2e10) ** 0.103, rel=1e-13
    )
    routed = {"a": -0.082, "b": -0.108, "c": 0.009, "d": 1.104, "E_start": 1.847, "E_max": 314.478}
    experts = 1 / (1 / (64 - 1 + 1 / (1 / 1.847 - 1 / 314.478)) + 1 / 314.478)
    log10 = -0.082 * 9 - 0.108 * np.log10(experts) + 0.009 * 9 * np.log10(experts) + 1.104
    assert ss.get_law("routed").value(
        routed, {"params": np.array([1e9]), "experts": np.array([64.0])}
    )[0] == pytest.approx(10**log10, rel=1e-13)
    parallel = {"E": 0.7, "A": 1.1e7, "alpha": 0.19, "k": 0.39}
    assert ss.get_law("parallel").value(
        parallel, {"params": np.array([1e9]), "parallel_streams": np.array([8.0])}
    )[0] == pytest.approx(0.7 + (1.1e7 / (1e9 * (0.39 * np.log(8) + 1))) ** 0.19, rel=1e-13)
    broken = {"a": 0.1, "b": 2.0, "c0": 0.1, "c1": 0.5, "d1": 1e4, "f1": 0.3}
    assert ss.get_law("broken").value(broken, {"x": np.array([1e5])})[0] == pytest.approx(
        0.1 + 2 * 1e5**-0.1 * (1 + (1e5 / 1e4) ** (1 / 0.3)) ** (-0.5 * 0.3), rel=1e-13
    )


def test_data_constrained_without_repetition_is_additive():
    base = {"E": 1.87, "A": 521.0, "B": 1488.0, "alpha": 0.3527, "beta": 0.3527}
    frame = {
        "params": np.array([1e7, 1e8]),
        "tokens": np.array([1e10, 1e10]),
        "unique_tokens": np.array([1e10, 5e10]),
    }
    constrained = ss.get_law("data_constrained").value(
        base | {"R_D_star": 15.0, "R_N_star": 5.0}, frame
    )
    np.testing.assert_allclose(constrained, ss.get_law("additive").value(base, frame), rtol=1e-12)


def test_axes_are_checked():
    law = ss.get_law("additive")
    truth = {"E": 1.7, "A": 400.0, "B": 500.0, "alpha": 0.34, "beta": 0.28}
    with pytest.raises(FitError, match="column tokens"):
        law.value(truth, {"params": np.ones(2)})
    with pytest.raises(FitError, match=r"row 2, column tokens.*not above zero"):
        law.value(truth, {"params": np.ones(2), "tokens": np.array([1.0, 0.0])})
    with pytest.raises(FitError, match="not a number"):
        law.value(truth, {"params": np.ones(2), "tokens": np.array(["1", "many"])})
    with pytest.raises(FitError, match="needs a value for beta"):
        law.value({k: v for k, v in truth.items() if k != "beta"}, {"params": [1.0], "tokens": [1]})


def test_a_coefficient_beyond_all_numbers_is_infinite_without_a_warning(recwarn):
    item = ss.get_law("power").parameters[0]
    assert item.transform == "log"
    assert item.to_natural(800.0) == np.inf and not recwarn.list
