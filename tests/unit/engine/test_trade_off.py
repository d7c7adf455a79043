"""Plans for purposes, against brute force, the law of repeated data and the older functions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_studies.engine.allocation.allocate import optimal_allocation
from scaling_studies.engine.allocation.counting import non_embedding_of, total_of
from scaling_studies.engine.allocation.inference import inference_adjusted_allocation
from scaling_studies.engine.allocation.trade_off import Repeats, trade_off
from scaling_studies.errors import FitError
from scaling_studies.laws import get_law

CHINCHILLA = {"E": 1.8172, "A": 477.8, "B": 2143.4, "alpha": 0.3473, "beta": 0.3672}
STARS = Repeats(15.387756, 5.309743)
PARAMETERS = {
    "additive": CHINCHILLA,
    "overtrained": {"a": 113.7, "b": 189.5, "exponent": -0.2425, "E": 1.5083},
    "kaplan": {"alpha_N": 0.076, "alpha_D": 0.103, "N_c": 6.4e13, "D_c": 1.8e13},
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_one_form_is_the_law(name):
    law, form = get_law(name), trade_off(name, PARAMETERS[name])
    params, tokens = np.meshgrid([1e7, 1e9, 1e11], [1e9, 1e11, 1e13])
    axes = {"params": params.ravel(), "tokens": tokens.ravel()}
    found = [form.loss(n, d) for n, d in zip(*axes.values(), strict=True)]
    np.testing.assert_allclose(found, law.value(PARAMETERS[name], axes), rtol=1e-12)


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("flops", [1e19, 1e23, 1e26])
def test_the_best_division_is_that_of_the_search(name, flops):
    form = trade_off(name, PARAMETERS[name])
    params, tokens = form.best(flops)
    found = optimal_allocation(get_law(name), PARAMETERS[name], flops)
    assert params == pytest.approx(found.params[0, 0], rel=1e-4)
    assert 6 * params * tokens == pytest.approx(flops)
    loss = form.loss(params, tokens)
    np.testing.assert_allclose(form.best_for_loss(loss), (params, tokens), rtol=1e-7)


@pytest.mark.parametrize("served", [1e9, 1e12, 1e15])
def test_serving_is_sardana_s_plan(served):
    form = trade_off("additive", CHINCHILLA)
    found = inference_adjusted_allocation(CHINCHILLA, served, loss=2.2)
    np.testing.assert_allclose(form.serving(2.2, served), (found.params, found.tokens), rtol=2e-4)


@given(st.floats(2.0, 3.0), st.floats(9.0, 15.0), st.floats(-0.7, 0.7))
def test_no_other_model_of_the_loss_is_cheaper_to_train_and_serve(loss, power, shift):
    form, served = trade_off("additive", CHINCHILLA), 10.0**power
    params, tokens = form.serving(loss, served)
    assert form.loss(params, tokens) == pytest.approx(loss, rel=1e-9)
    other = params * np.exp(shift)
    left = loss - form.E - form.A * other**-form.alpha
    if left > 0:
        data = (form.B / left) ** (1 / form.beta)
        best = params * (6 * tokens + 2 * served)
        assert other * (6 * data + 2 * served) >= best * (1 - 1e-9)


@given(st.floats(-1.0, 4.0), st.floats(19.0, 25.0))
def test_a_ratio_and_its_loss_lead_back_to_the_compute(log_ratio, log_flops):
    form, ratio = trade_off("additive", CHINCHILLA), 10.0**log_ratio
    plan = form.with_ratio(10.0**log_flops, ratio)
    assert plan[1] / plan[0] == pytest.approx(ratio)
    np.testing.assert_allclose(form.with_ratio_for_loss(form.loss(*plan), ratio), plan, rtol=1e-6)


@given(st.floats(8.0, 13.0), st.floats(20.0, 26.0), st.floats(-3.0, 3.0))
def test_few_data_are_planned_as_under_the_law_of_repeated_data(log_unique, log_flops, shift):
    form, law = trade_off("additive", CHINCHILLA), get_law("data_constrained")
    unique, flops = 10.0**log_unique, 10.0**log_flops
    params, tokens, loss = form.with_unique(flops, unique, STARS)
    sets = CHINCHILLA | {"R_D_star": STARS.data, "R_N_star": STARS.size}

    def of_law(size: float) -> float:
        data = flops / 6.0 / size
        axes = {"params": size, "tokens": data, "unique_tokens": min(unique, data)}
        if tokens > unique:
            axes["unique_tokens"] = unique
        return float(law.value(sets, {k: np.array([v]) for k, v in axes.items()})[0])

    assert 6.0 * params * tokens == pytest.approx(flops)
    if tokens > unique:
        assert loss == pytest.approx(of_law(params), rel=1e-9)
        assert of_law(params * np.exp(shift)) >= loss * (1 - 1e-9)
    else:
        assert (params, tokens) == form.best(flops)


def test_a_loss_that_few_data_cannot_reach_is_refused():
    form = trade_off("additive", CHINCHILLA)
    plan = form.with_unique_for_loss(2.6, 1e10, STARS)
    assert form.loss_with_unique(*plan, 1e10, STARS) == pytest.approx(2.6, rel=1e-6)
    with pytest.raises(FitError, match="so few data"):
        form.with_unique_for_loss(1.9, 1e8, STARS)
    with pytest.raises(FitError, match="no model reaches"):
        form.best_for_loss(1.8)


@pytest.mark.parametrize(
    ("law", "parameters"),
    [
        ("power", {"A": 1.0, "alpha": 0.1}),
        ("additive", CHINCHILLA | {"alpha": -0.1}),
        ("additive", CHINCHILLA | {"B": 0.0}),
        ("additive", CHINCHILLA | {"E": np.nan}),
    ],
)
def test_what_divides_no_compute_has_no_form(law, parameters):
    assert trade_off(law, parameters) is None


@given(st.floats(0.0, 14.0))
def test_counts_with_and_without_embeddings_lead_back(power):
    size = 10.0**power
    assert non_embedding_of(total_of(size)) == pytest.approx(size, rel=1e-6)
    assert total_of(size) > size
