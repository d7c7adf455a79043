"""Published fits, certified in the manner of NIST: how many digits agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from nist import DATA, digits

import scaling_studies as ss

BASE = {
    "E": np.exp(0.6254804),
    "A": np.exp(6.255414),
    "B": np.exp(7.3049974),
    "alpha": 0.3526596,
    "beta": 0.3526596,
}


def agree(fit: ss.Fit, certified: dict[str, tuple[float, float]]) -> None:
    """Every quantity agrees to the stated number of digits."""
    found = {name: digits(fit.quantity(name), value) for name, (value, _) in certified.items()}
    short = {name: found[name] for name, (_, least) in certified.items() if found[name] < least}
    assert not short, f"digits that agree: {found}"
    assert fit.converged


def test_chinchilla_sum_of_huber(chinchilla):
    fit = ss.fit("additive", chinchilla)
    assert fit.n == 240
    agree(
        fit,
        {
            "objective_value": (0.00101827401780, 11),
            "E": (1.8172355, 4.5),
            "alpha": (0.34731266, 5),
            "beta": (0.36718262, 4.5),
            "A": (477.84, 4),
            "B": (2143.9, 3.5),
        },
    )
    assert fit.evidence.share_at_optimum == 1.0
    assert fit.identified and not fit.messages


def test_chinchilla_fitted_scale_is_least_absolute_deviations(chinchilla):
    fit = ss.fit("additive", chinchilla, "huber_density")
    agree(
        fit,
        {
            "negative_log_likelihood": (-879.77313, 7),
            "E": (1.81686, 5),
            "alpha": (0.34781, 4.5),
            "beta": (0.36585, 4.5),
            "A": (482.01, 4.5),
            "B": (2085.43, 5),
            "a_opt": (0.513, 3),
        },
    )
    assert np.log(fit.scale) == pytest.approx(-12.27, abs=0.005)
    assert not fit.evidence.smooth
    assert any("not smooth" in message for message in fit.messages)


def test_chinchilla_all_245_points(chinchilla_245):
    fit = ss.fit("additive", chinchilla_245)
    agree(fit, {"beta": (0.4531, 3.5)})


@pytest.mark.parametrize(
    ("dataset", "a", "b", "exponent", "asymptote"),
    [
        ("c4", 113.6926, 189.5155, -0.242472, 1.508261),
        ("redpajama", 166.211, 366.687, -0.272851, 1.836648),
        ("refinedweb", 125.0957, 246.2067, -0.254395, 1.734462),
    ],
)
def test_overtrained(dataset, a, b, exponent, asymptote):
    table = gadre_runs(dataset)
    small = table["architecture"] == "d=96_l=8_h=4"
    tuned = table["architecture"].isin(
        ["d=96_l=8_h=4", "d=512_l=8_h=4", "d=576_l=24_h=8", "d=1024_l=24_h=8"]
    )
    rows = (tuned & (table["token_multiplier"] == 20)) | (
        small & (table["token_multiplier"] == 320)
    )
    fit = ss.fit("overtrained", table[rows], "squared")
    assert fit.n == 5
    agree(fit, {"a": (a, 6), "b": (b, 6), "exponent": (exponent, 5.9), "E": (asymptote, 6)})
    if dataset == "redpajama":
        held = table[(table["params"] > 1e9) & (table["params"] < 2e9)]
        held = held[held["token_multiplier"] == 640]
        error = fit.predict(held) / held["loss"].to_numpy() - 1.0
        assert error[0] == pytest.approx(0.007103, abs=1e-6)


def gadre_runs(dataset: str) -> pd.DataFrame:
    losses = pd.read_csv(DATA / "gadre_2024" / "losses.csv")
    runs = pd.read_csv(DATA / "gadre_2024" / "runs.csv")
    table = runs.merge(losses[losses["eval_set"] == "c4_val"], on="run")
    return table[table["dataset"] == dataset].reset_index(drop=True)


@pytest.mark.parametrize(
    ("series", "points", "coefficient", "exponent"),
    [("nmt_best_fit", 5, 3.87, 0.13), ("speech_ds2", 4, 0.95, 0.30)],
)
def test_hestness_power_law(series, points, coefficient, exponent):
    curves = pd.read_csv(DATA / "hestness_2017" / "curves.csv")
    table = curves[curves["series"] == series].sort_values("samples").head(points)
    fit = ss.fit("power", table, "squared_log", axes={"x": "samples"})
    assert fit.parameters["alpha"] == pytest.approx(exponent, abs=0.005)
    assert fit.parameters["A"] == pytest.approx(coefficient, rel=0.03)
    # The oracle: a straight line through the logarithms.
    slope, intercept = np.polyfit(np.log(table["samples"]), np.log(table["loss"]), 1)
    assert digits(fit.parameters["alpha"], -slope) > 10
    assert digits(fit.quantity("log_A"), intercept) > 10


@pytest.fixture(scope="module")
def repeated() -> pd.DataFrame:
    return pd.read_csv(DATA / "muennighoff_2023" / "runs.csv")


def test_data_constrained_published_optimum_is_local(repeated):
    published = {"R_D_star": 15.387756, "R_N_star": 5.309743}
    at_published = ss.fit(
        "data_constrained", repeated, fixed=BASE | published, estimator="evaluate"
    )
    agree(
        at_published,
        {"objective_value": (0.015825936570763588, 6.9), "r_squared": (0.7722046, 5)},
    )
    starts = [
        {"R_D_star": first, "R_N_star": second}
        for first in (6.67, 13.33, 20.0)
        for second in (6.67, 13.33, 20.0)
    ]
    local = ss.fit(
        "data_constrained",
        repeated,
        fixed=BASE,
        starts=starts,
        method="BFGS",
        space="natural",
        gradient="numerical",
    )
    assert local.parameters["R_D_star"] == pytest.approx(15.387756, rel=1e-2)
    assert local.parameters["R_N_star"] == pytest.approx(5.309743, rel=1e-2)
    assert not local.converged
    best = ss.fit("data_constrained", repeated, fixed=BASE)
    assert best.objective_value <= 0.01580466 * (1 + 1e-6)
    assert best.parameters["R_D_star"] == pytest.approx(95.37, abs=0.01)
    assert best.parameters["R_N_star"] == pytest.approx(1.706, abs=1e-3)
    assert best.converged and not best.identified
    assert any("another optimum" in message for message in best.messages)


def test_no_decay(repeated):
    fit = ss.fit("additive", repeated, fixed=BASE, estimator="evaluate")
    agree(fit, {"r_squared": (0.4451684, 5)})


@pytest.mark.parametrize(
    ("dataset", "alpha", "k"), [("stack_v2_python", 0.1894, 0.3935), ("pile", 0.1963, 0.3344)]
)
def test_parallel_streams(dataset, alpha, k):
    table = pd.read_csv(DATA / "chen_2025_parscale" / "runs.csv")
    table = table[table["dataset"] == dataset].rename(columns={"params_non_embedding": "params"})
    agree(ss.fit("parallel", table), {"alpha": (alpha, 3.4), "k": (k, 3.4)})


def test_broken_power_law_of_four_digit_addition():
    table = pd.read_csv(DATA / "caballero_2022" / "points.csv")
    fitted, held = table[table["role"] == "fit"], table[table["role"] != "fit"]
    fit = ss.fit("broken", fitted, "squared_log1p", axes={"x": "training_samples"})
    agree(fit, {"c0": (0.0550773484, 6.9), "d1": (612.583617, 8)})
    predicted = fit.predict({"x": held["training_samples"]})
    error = np.sqrt(np.mean((np.log(predicted) - np.log(held["loss"])) ** 2))
    assert error == pytest.approx(0.010916, abs=1e-4)


def test_change_point_of_playing_strength():
    table = pd.read_csv(DATA / "jones_2021" / "frontier.csv")
    fit = ss.fit("change_point", table, "squared", axes={"flops": "training_flops"}, response="elo")
    agree(
        fit,
        {
            "incline_flops_slope": (505.6, 4),
            "incline_board_slope": (-430.1, 4),
            "incline_constant": (-4399.0, 5),
            "plateau_board_slope": (-268.4, 3.7),
            "plateau_constant": (575.0, 4),
            "perfect_play_flops_factor": (7.09, 3),
        },
    )


def test_routed_language_models():
    table = pd.read_csv(DATA / "clark_2022" / "runs.csv").rename(
        columns={"params_active": "params"}
    )
    kept = (table["routing_frequency"] == 0.5) & (table["experts_per_token"] == 1)
    table = table[kept & (table["seed"] == 42)]
    assert len(table) == 163
    # Of an independent refit; what is printed lies within its standard error.
    refitted = {"S-Base": (-0.08303, -0.11804), "RL-R": (-0.08273, -0.12342)}
    for router, (a, b) in refitted.items():
        rows = table[table["router"].isin([router, "Dense"])]
        fit = ss.fit("routed", rows, "squared_log10")
        assert fit.parameters["a"] == pytest.approx(a, abs=1e-4)
        assert fit.parameters["b"] == pytest.approx(b, abs=1e-4)
        assert fit.converged


def test_gemstones_reaches_the_stored_objectives():
    hot = pd.read_csv(DATA / "gemstones_2025" / "hot.csv")
    agree(ss.fit("additive", hot), {"objective_value": (0.0019816, 4.8), "alpha": (0.2929, 4)})
    assert ss.fit("additive", hot, delta=1e-4).objective_value <= 0.0002076018
    cool = pd.read_csv(DATA / "gemstones_2025" / "cool_end.csv")
    assert ss.fit("additive", cool, delta=1e-4).objective_value <= 0.0002059406


MULTI_POWER = {
    "25M": (3.04045406, 0.52468604, 0.50786857, 363.78751622, 2.06560812, 0.58279013, 0.64142257),
    "100M": (2.6514477, 0.60115152, 0.45295811, 437.9464276, 2.13245612, 0.59785199, 0.65523644),
    "400M": (2.37474466, 0.65421216, 0.42878731, 523.42464371, 2.02462735, 0.59350493, 0.63472457),
}
WARMUP = "linear(0->3e-4,2160)+"
TEST_SCHEDULES = {
    "constant_72000": WARMUP + "constant(3e-4,69840)",
    "cosine_72000": WARMUP + "cosine(3e-4->3e-5,69840)",
    "wsd_20000_24000": WARMUP + "constant(3e-4,17840)+exponential(3e-4->3e-5,4000)",
    "wsdld_20000_24000": WARMUP + "constant(3e-4,17840)+linear(3e-4->3e-5,4000)",
    "wsdcon_3": WARMUP + "constant(3e-4,5840)+constant(3e-5,8000)",
    "wsdcon_18": WARMUP + "constant(3e-4,5840)+constant(1.8e-4,8000)",
}


@pytest.mark.parametrize(
    ("size", "r_squared", "mae"),
    [("25M", 0.9988, 0.00376), ("100M", 0.9983, 0.00435), ("400M", 0.9978, 0.00484)],
)
def test_multi_power_law_at_published_parameters(size, r_squared, mae):
    law = ss.get_law("multi_power")
    parameters = dict(zip(law.parameter_names, MULTI_POWER[size], strict=True))
    curves = pd.read_csv(DATA / "luo_2025" / "curves.csv")
    scores = []
    for name, text in TEST_SCHEDULES.items():
        rows = curves[(curves["model_size"] == size) & (curves["schedule"] == name)]
        assert len(rows) > 50
        fit = ss.fit(
            law, rows.assign(schedule=text), "squared", fixed=parameters, estimator="evaluate"
        )
        scores.append((fit.quantity("r_squared"), fit.quantity("mae")))
    mean_r_squared, mean_mae = np.mean(scores, axis=0)
    assert mean_r_squared == pytest.approx(r_squared, abs=1e-4)
    assert mean_mae == pytest.approx(mae, abs=1e-5)


def test_pass_at_k_coverage():
    counts = pd.read_csv(DATA / "brown_2024" / "counts.csv")
    k = pd.read_csv(DATA / "brown_2024" / "k_grid.csv")["k"].to_numpy(float)
    published = {"pythia_70m": (0.1943, 8.026), "pythia_12b": (0.3702, 4.113)}
    for model, (b, a) in published.items():
        rows = counts[counts["model"] == model]
        coverage = mean_pass_at_k(rows["samples"].to_numpy(), rows["correct"].to_numpy(), k)
        fit = ss.fit(
            "coverage",
            {"samples_drawn": k, "negative_log_coverage": -np.log(coverage)},
            "squared_log",
        )
        assert fit.parameters["b"] == pytest.approx(b, abs=5e-4)
        assert fit.parameters["a"] == pytest.approx(a, rel=2e-3)


def mean_pass_at_k(samples: np.ndarray, correct: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Unbiased pass@k, averaged over problems."""
    from scipy.special import gammaln

    wrong = (samples - correct)[:, None].astype(float)
    with np.errstate(invalid="ignore"):
        log_miss = (
            gammaln(wrong + 1)
            - gammaln(wrong - k + 1)
            - gammaln(samples[:, None] + 1.0)
            + gammaln(samples[:, None] - k + 1.0)
        )
    return (1.0 - np.where(wrong >= k, np.exp(log_miss), 0.0)).mean(axis=0)
