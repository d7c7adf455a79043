"""A card's fit, carried out: what reaches the engine, and what the artefact says."""

from __future__ import annotations

import numpy as np
import pytest
from card_entries import fit_entry
from fit_artefacts import runs

import scaling_studies as ss
from scaling_studies.errors import FitError, ScalingStudiesError
from scaling_studies.fits.refit import fit_points, fit_study

POWER = {
    "title": "A power law",
    "law": "power",
    "response": {"metric": "loss"},
    "axes": {"x": "params_total"},
}


def made(**changes):
    return fit_study("study", "fit", fit_entry(POWER | changes), runs(), {})


def alone(objective="squared_log", law="power", rows=slice(0, 7), **settings) -> ss.Fit:
    """The same fit by the public call."""
    frame = runs().iloc[rows]
    return ss.fit(law, {"x": frame["params_total"], "loss": frame["value"]}, objective, **settings)


@pytest.mark.parametrize(
    ("entry", "settings"),
    [
        ({}, {}),
        ({"objective": {"name": "squared"}}, {"objective": "squared"}),
        (
            {"objective": {"name": "huber_log", "delta": 0.1}},
            {"objective": "huber_log", "delta": 0.1},
        ),
        ({"fixed": {"alpha": 0.2}}, {"fixed": {"alpha": 0.2}}),
        ({"bounds": {"alpha": [0.05, 0.1]}}, {"bounds": {"alpha": (0.05, 0.1)}}),
        (
            {"starts": {"A": [1.0, 9.0], "alpha": [0.1]}, "options": {"method": "BFGS"}},
            {
                "starts": [{"A": 1.0, "alpha": 0.1}, {"A": 9.0, "alpha": 0.1}],
                "method": "BFGS",
            },
        ),
        ({"rows": {"where": {"params_total": {"max": 2e8}}}}, {"rows": slice(0, 6)}),
    ],
)
def test_a_fit_is_the_public_call_on_the_rows_that_the_card_means(entry, settings):
    artefact, _ = made(**entry)
    expected = alone(**settings)
    assert artefact.parameters == pytest.approx(expected.parameters, rel=1e-12)
    assert artefact.objective_value == pytest.approx(expected.objective_value, rel=1e-12)
    assert artefact.objective == {
        "name": expected.objective.name,
        **expected.objective.constants,
    }
    assert artefact.evidence["starts"] == expected.evidence.as_dict()["starts"]


def test_shared_parameters_and_weights_reach_the_engine():
    pair = {
        "law": "additive",
        "axes": {"params": "params_total", "tokens": "tokens"},
        "shared": {"beta": "alpha"},
        "fixed": {"E": 1.0, "A": 100.0},
    }
    artefact, _ = made(**pair)
    assert artefact.parameters["beta"] == artefact.parameters["alpha"]
    assert artefact.fixed == {"E": 1.0, "A": 100.0}
    weighted, points = made(weights={"column": "params_total"})
    assert points["weight"].tolist() == runs()["params_total"][:7].tolist()
    expected = alone(weights=runs()["params_total"][:7].to_numpy())
    assert weighted.parameters == pytest.approx(expected.parameters, rel=1e-12)


def test_the_artefact_describes_the_fit():
    entry = {
        "rows": {"where": {"params_total": {"max": 2e8}}},
        "held_out": "rest",
        "quantities": {
            "error": {"held_out": "relative_error", "description": "Words"},
            "nothing": {"expression": "log(-A)"},
        },
        "headline": ["alpha"],
        "allocation": False,
    }
    artefact, points = made(**entry)
    assert (artefact.study, artefact.fit, artefact.title) == ("study", "fit", "A power law")
    assert (artefact.law, artefact.estimator) == ("power", "parametric")
    assert (artefact.n, artefact.n_held_out) == (6, 1)
    assert artefact.formula == ss.get_law("power").formula
    assert artefact.headline == ["alpha"] and artefact.allocation is False
    assert artefact.quantity_descriptions == {"error": "Words"}
    assert "nothing" not in artefact.quantities
    assert artefact.converged is True and artefact.identified is True
    assert artefact.uncertainty is None and not artefact.is_published and artefact.profile is None
    held = points[points["role"] == "held_out"].iloc[0]
    A, alpha = artefact.parameters["A"], artefact.parameters["alpha"]
    assert held["predicted"] == pytest.approx(A * held["x"] ** -alpha)
    assert held["residual"] == held["observed"] - held["predicted"]
    assert held["relative_residual"] == held["predicted"] / held["observed"] - 1
    assert artefact.quantities["error"] == pytest.approx(abs(held["relative_residual"]))


def test_defaults_of_a_card_that_says_little():
    artefact, points = made()
    assert artefact.headline == [] and artefact.allocation is True
    assert artefact.objective == {"name": "squared_log"}
    assert set(points["role"]) == {"fit"} and (points["weight"] == 1.0).all()


def test_an_asymptote_is_profiled_unless_it_is_held():
    free, _ = made(law="power_offset")
    assert free.profile is not None and free.profile["name"] == "E"
    assert free.profile["estimate"] == free.parameters["E"]
    assert made(law="power_offset", fixed={"E": 1.4})[0].profile is None
    evaluated = {"estimator": "evaluate", "fixed": {"E": 1.4, "A": 30.0, "alpha": 0.3}}
    assert made(law="power_offset", **evaluated)[0].profile is None


def test_an_evaluated_law_stands_at_its_constants():
    fixed = {"A": 30.0, "alpha": 0.15}
    artefact, _ = made(estimator="evaluate", fixed=fixed)
    assert artefact.parameters == fixed and artefact.is_published
    assert artefact.source == "published" and made()[0].source == "refit"
    assert artefact.uncertainty.kind == "none"


def test_without_runs_the_law_is_a_printed_one():
    entry = POWER | {"estimator": "printed", "fixed": {"A": 30.0, "alpha": 0.15}}
    artefact, points = fit_study("study", "fit", fit_entry(entry), None, {})
    assert artefact.estimator == "printed" and len(points) == 0
    assert {"x", "observed", "predicted", "role", "row_key"} <= set(points)


def test_a_chained_law_predicts_its_own_response():
    chain = {
        "fit": "error_fit",
        "axis": "loss",
        "law": "error_from_loss",
        "response": {"metric": "error"},
    }
    error = {"epsilon": 0.9, "k": 2.0, "gamma": 0.8}
    entry = POWER | {"chain": {"error": chain}}
    _, points = fit_study("study", "fit", fit_entry(entry), runs(), {"error_fit": error})
    assert points["error_predicted"].to_numpy() == pytest.approx(
        0.9 - 2.0 * np.exp(-0.8 * points["predicted"].to_numpy())
    )
    assert points["error_observed"].tolist() == runs()["value"][8:15].tolist()


def test_a_known_optimum_is_where_the_search_starts_and_is_not_confirmed_again():
    artefact, points = made(law="power_offset", options={"confirm": True})
    again = fit_points(
        "study", "fit", fit_entry(POWER | {"law": "power_offset"}), points, artefact.parameters
    )
    assert again.parameters == pytest.approx(artefact.parameters, rel=1e-6)
    assert again.evidence.as_dict()["starts"] == 1
    evaluated = POWER | {"estimator": "evaluate", "fixed": {"A": 30.0, "alpha": 0.15}}
    held = fit_points(
        "study", "fit", fit_entry(evaluated), points.assign(x=points["params_total"]), {"A": 1}
    )
    assert held.parameters == {"A": 30.0, "alpha": 0.15}


def test_what_cannot_be_fitted_is_named():
    with pytest.raises(ScalingStudiesError, match="study study, table of fit fit") as caught:
        made(fixed={"gamma": 1.0})
    assert isinstance(caught.value, FitError)


def test_what_is_made_of_a_statistic_has_a_value_where_rows_leave_a_direction_open():
    few = {
        "law": "power_offset",
        "rows": {"where": {"params_total": {"max": float(runs()["params_total"].iloc[1])}}},
        "quantities": {
            "half": {"expression": "objective_value / 2"},
            "alpha_and_more": {"expression": "alpha + objective_value"},
        },
    }
    artefact, _ = made(**few)
    assert artefact.quantities["half"] == pytest.approx(artefact.objective_value / 2, abs=1e-12)
    assert "alpha_and_more" in artefact.undetermined and "half" not in artefact.undetermined
