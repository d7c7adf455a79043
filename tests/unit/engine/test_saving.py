"""Fits as files and figures, and predictions with intervals."""

from __future__ import annotations

import json

import numpy as np
import pytest

import scaling_studies as ss
from scaling_studies.errors import ArtefactError, FitError

DRAW = np.random.default_rng(0)
N, D = 10 ** DRAW.uniform(7, 9, 40), 10 ** DRAW.uniform(9, 11, 40)
LOSS = (1.7 + 400 * N**-0.34 + 2000 * D**-0.37) * np.exp(0.003 * DRAW.normal(size=40))


@pytest.fixture(scope="module")
def fit() -> ss.Fit:
    return ss.fit("chinchilla", {"params": N, "tokens": D, "loss": LOSS}, confirm=False)


def test_a_saved_fit_goes_on_where_it_was(fit, tmp_path):
    fit.save(tmp_path / "fit.json")
    again = ss.Fit.load(tmp_path / "fit.json")
    assert again.parameters == fit.parameters and again.messages == fit.messages
    assert again.evidence.as_dict() == pytest.approx(fit.evidence.as_dict(), nan_ok=True)
    assert again.statistics == pytest.approx(fit.statistics, nan_ok=True)
    one, other = ss.bootstrap(fit, 128), ss.bootstrap(again, 128)
    assert one.interval("alpha") == other.interval("alpha")
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "fit.json").read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[]",
        lambda text: '{"format": "scaling-studies fit"}',
        lambda text: text.replace('"n": 40', '"n": 41'),
        lambda text: text.replace('"law": "additive"', '"law": "power"'),
        lambda text: text.replace('"version": 1', '"version": 2'),
        lambda text: "\udcff".encode("utf-8", "surrogateescape").decode("latin-1") + text,
        lambda text: "[" * 100_000,
    ],
)
def test_a_damaged_file_is_one_line(fit, tmp_path, damage):
    path = tmp_path / "fit.json"
    fit.save(path)
    path.write_text(damage(path.read_text("utf-8")), encoding="utf-8")
    with pytest.raises(ArtefactError) as error:
        ss.Fit.load(path)
    assert "fit.json" in str(error.value) and "\n" not in str(error.value)
    assert "Fix: " in str(error.value)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(ArtefactError, match=r"nothing\.json cannot be read"):
        ss.Fit.load(tmp_path / "nothing.json")


def test_a_line_through_optima_is_not_saved(tmp_path):
    frame = {
        "flops": np.repeat([1e18, 1e19, 1e20], 5),
        "params": np.tile(np.geomspace(1e8, 1e9, 5), 3),
    }
    frame["tokens"] = frame["flops"] / 6 / frame["params"]
    frame["loss"] = 2 + 300 * frame["params"] ** -0.3 + 900 * frame["tokens"] ** -0.3
    line = ss.fit("compute_optimal", frame, estimator="isoflop")
    with pytest.raises(FitError, match="no minimisation"):
        line.save(tmp_path / "line.json")
    assert json.dumps(line.to_json(), allow_nan=False)


def test_predictions_are_frames_with_both_intervals(fit):
    law = fit.predict(params=[7e9, 7e9], tokens=[2e11, 2e12], resamples=200)
    run = fit.predict(params=[7e9, 7e9], tokens=[2e11, 2e12], kind="run", resamples=200)
    assert list(law) == ["params", "tokens", "loss", "low", "high"] and len(law) == 2
    assert (law["low"] < law["loss"]).all() and (law["loss"] < law["high"]).all()
    assert (run["low"] < law["low"]).all() and (run["high"] > law["high"]).all()
    values = fit.predict({"params": np.array([7e9]), "tokens": np.array([2e11])})
    assert values[0] == law["loss"][0]
    with pytest.raises(FitError, match="'law' or 'run'"):
        fit.predict(params=7e9, tokens=2e12, kind="rnu")
    with pytest.raises(FitError, match="tokens"):
        fit.predict(params=7e9)


def test_what_rows_leave_open_is_infinite():
    one_size = {"params": np.full(40, 1e8), "tokens": D, "loss": LOSS - 400 * N**-0.34}
    found = ss.fit("additive", one_size, confirm=False).predict(
        params=[1e8, 1e9], tokens=[2e10, 2e10], resamples=128
    )
    assert np.isfinite(found["high"][0]) and np.isfinite(found["low"][0])
    assert np.isinf(found["high"][1]) and np.isinf(found["low"][1])


def test_figures_and_objects(fit):
    assert fit.plot().axes[0].get_title() == fit.law.title
    x = np.geomspace(1, 1e4, 20)
    curve = ss.fit("power", {"x": x, "loss": 3.0 * x**-0.2}).plot()
    assert curve.axes[0].get_xscale() == "log"
    assert json.loads(json.dumps(fit.to_json(), allow_nan=False))["law"] == "additive"


def test_a_mistyped_alias_is_suggested():
    with pytest.raises(FitError, match="did you mean 'chinchilla'"):
        ss.get_law("chinchila")
