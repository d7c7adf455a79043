"""Derivatives by held parameters are left out, and nothing else changes."""

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.engine.objectives import get_objective
from scaling_studies.engine.problem import Problem
from scaling_studies.laws import get_law


@pytest.fixture
def problem_of():
    rng = np.random.default_rng(5)
    axes = {
        "params": rng.uniform(1e7, 1e9, 30),
        "tokens": rng.uniform(1e9, 1e11, 30),
        "unique_tokens": np.full(30, 3e9),
    }
    response = rng.uniform(2.5, 4.0, 30)

    def build(fixed):
        law = get_law("data_constrained")
        return Problem(law, axes, response, get_objective("huber_log"), fixed=fixed)

    return build


def test_gradient_and_hessian_are_those_of_the_whole_law(problem_of):
    values = {"E": 1.8, "A": 500.0, "B": 1500.0, "alpha": 0.35, "beta": 0.36}
    values |= {"R_D_star": 15.0, "R_N_star": 5.0}
    held = problem_of({name: values[name] for name in ("E", "A", "B", "alpha", "beta")})
    working = held.law.to_working(values)[None, :]
    columns = held.chunks[0].columns
    whole = held.law.model.evaluate(working, columns, 2)
    part = held.model.evaluate(working, columns, 2)
    weights = np.linspace(-1.0, 1.0, 30)[None, :]
    np.testing.assert_array_equal(part.value, whole.value)
    np.testing.assert_allclose(part.jacobian[:, 5:], whole.jacobian[:, 5:], rtol=1e-12)
    np.testing.assert_allclose(
        part.curvature(weights)[:, 5:, 5:], whole.curvature(weights)[:, 5:, 5:], rtol=1e-10
    )
    assert not part.jacobian[:, :5].any()
    assert whole.jacobian[:, :5].all(axis=2).any()


def test_a_free_law_keeps_all_derivatives(problem_of):
    free = problem_of({})
    values = free.law.to_working(
        {"E": 1.8, "A": 500.0, "B": 1500.0, "alpha": 0.35, "beta": 0.36}
        | {"R_D_star": 15.0, "R_N_star": 5.0}
    )
    found = free.model.evaluate(values[None, :], free.chunks[0].columns, 1)
    assert found.jacobian.any(axis=2).all()


def test_a_constant_far_below_zero_is_held_as_it_is_given():
    board = np.tile([3.0, 4.0, 5.0], 4)
    flops = 10.0 ** np.repeat([6.0, 8.0, 10.0, 12.0], 3)
    truth = {
        "incline_flops_slope": 500.0,
        "incline_board_slope": -400.0,
        "incline_constant": -4000.0,
        "plateau_board_slope": -300.0,
        "plateau_constant": 100.0,
    }
    elo = ss.get_law("change_point").value(truth, {"flops": flops, "board_size": board})
    frame = {"flops": flops, "board_size": board, "elo": elo}
    fit = ss.fit("change_point", frame, "squared", fixed={"incline_constant": -4000.0})
    assert fit.objective_value < 1e-12
    assert fit.converged
    np.testing.assert_allclose(fit.fitted(), elo, atol=1e-8)
