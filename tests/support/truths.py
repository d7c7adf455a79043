"""Random truths and noise-free tables for every registered law."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scaling_studies.laws.effective_params import FORMATS

SCHEDULES = (
    "linear(0->3e-4,200)+cosine(3e-4->3e-5,3000)",
    "linear(0->3e-4,200)+constant(3e-4,3800)",
    "linear(0->3e-4,200)+constant(3e-4,1800)+constant(6e-5,1000)",
    "linear(0->3e-4,200)+constant(3e-4,2000)+exponential(3e-4->3e-5,800)",
)

Truth = tuple[dict[str, float], dict[str, np.ndarray]]


def _log_uniform(rng: np.random.Generator, low: float, high: float, size: int) -> np.ndarray:
    return 10.0 ** rng.uniform(np.log10(low), np.log10(high), size)


def _runs(rng: np.random.Generator, size: int = 80) -> dict[str, np.ndarray]:
    return {
        "params": _log_uniform(rng, 1e7, 1e10, size),
        "tokens": _log_uniform(rng, 1e9, 1e12, size),
    }


def _additive(rng):
    frame = _runs(rng)
    alpha, beta = rng.uniform(0.2, 0.6, 2)
    size, data = rng.uniform(0.3, 1.2, 2)
    truth = {"E": rng.uniform(0.8, 2.5), "A": size * 3e8**alpha, "B": data * 3e10**beta}
    return truth | {"alpha": alpha, "beta": beta}, frame


def _power(rng):
    alpha = rng.uniform(0.05, 0.6)
    return {"A": rng.uniform(1, 5) * 1e6**alpha, "alpha": alpha}, {
        "x": _log_uniform(rng, 1e4, 1e9, 30)
    }


def _power_offset(rng):
    truth, frame = _power(rng)
    truth = {"alpha": rng.uniform(0.2, 0.6), "A": 0.0}
    truth["A"] = rng.uniform(0.5, 3) * 1e6 ** truth["alpha"]
    return truth | {"E": rng.uniform(0.5, 2.0)}, frame


def _overtrained(rng):
    exponent = -rng.uniform(0.2, 0.5)
    truth = {"exponent": exponent, "a": rng.uniform(0.3, 1.5) * 3e8**-exponent}
    truth["b"] = rng.uniform(0.3, 1.5) * 3e10**-exponent
    return truth | {"E": rng.uniform(0.8, 2.0)}, _runs(rng)


def _error_from_loss(rng):
    gamma = rng.uniform(0.5, 1.5)
    truth = {"gamma": gamma, "k": rng.uniform(0.2, 0.5) * np.exp(2.5 * gamma)}
    return truth | {"epsilon": rng.uniform(0.6, 0.95)}, {"loss": rng.uniform(2.2, 5.0, 30)}


def _kaplan(rng):
    truth = {"alpha_N": rng.uniform(0.05, 0.12), "alpha_D": rng.uniform(0.07, 0.2)}
    reducible = rng.uniform(0.8, 1.2)
    truth["N_c"] = float(np.exp(np.log(3e8) + reducible / truth["alpha_N"]))
    truth["D_c"] = float(np.exp(np.log(3e10) + reducible / truth["alpha_D"]))
    return truth, _runs(rng)


def _parallel(rng):
    frame = _runs(rng)
    frame["parallel_streams"] = rng.choice([1.0, 2.0, 4.0, 8.0], 80)
    alpha = rng.uniform(0.15, 0.5)
    size = 3e8 * rng.uniform(0.3, 1.2) ** (1 / alpha)
    return {
        "E": rng.uniform(0.5, 1.5),
        "A": size,
        "alpha": alpha,
        "k": rng.uniform(0.2, 1.0),
    }, frame


def _data_constrained(rng):
    truth, frame = _additive(rng)
    frame = {name: np.concatenate([values, values]) for name, values in frame.items()}
    repeats = np.concatenate([np.ones(80), _log_uniform(rng, 1.5, 60, 80)])
    frame["unique_tokens"] = frame["tokens"] / repeats
    truth |= {"R_D_star": rng.uniform(5, 20), "R_N_star": rng.uniform(3, 10)}
    return truth, frame


def _routed(rng):
    frame = {
        "params": _log_uniform(rng, 1e7, 2e9, 100),
        "experts": rng.choice([1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512], 100),
    }
    truth = {
        "a": -rng.uniform(0.06, 0.1),
        "b": -rng.uniform(0.08, 0.16),
        "c": rng.uniform(0.005, 0.015),
    }
    truth |= {
        "d": rng.uniform(1.0, 1.2),
        "E_start": rng.uniform(1.5, 5),
        "E_max": rng.uniform(150, 600),
    }
    return truth, frame


def _saturating_compute(rng):
    b = rng.uniform(0.2, 0.6)
    truth = {"a": rng.uniform(0.3, 0.8) * 1e2**b, "b": b, "c": rng.uniform(0.05, 0.3)}
    return truth | {"d": rng.uniform(5.0, 100.0)}, {"flops": _log_uniform(rng, 1.0, 1e6, 60)}


def _broken(rng, breaks=1):
    x = np.geomspace(1e2, 1e7, 60)
    truth = {"a": rng.uniform(0.05, 0.3), "c0": rng.uniform(0.02, 0.2)}
    truth["b"] = rng.uniform(1, 5) * 1e2 ** truth["c0"]
    for number, place in zip(range(1, breaks + 1), (10.0**3.5, 10.0**5.5), strict=False):
        truth[f"c{number}"] = rng.uniform(0.3, 0.9) * (1.0 if number == 1 else 0.5)
        truth[f"d{number}"] = place * rng.uniform(0.5, 2.0)
        truth[f"f{number}"] = rng.uniform(0.1, 0.4)
    return truth, {"x": x}


def _broken_two(rng):
    return _broken(rng, 2)


def _change_point(rng):
    board = rng.choice(np.arange(3.0, 10.0), 300)
    truth = {
        "incline_flops_slope": rng.uniform(400, 600),
        "incline_board_slope": -rng.uniform(380, 480),
        "plateau_board_slope": -rng.uniform(220, 320),
        "plateau_constant": rng.uniform(400, 600),
    }
    truth["incline_constant"] = -rng.uniform(8.0, 9.0) * truth["incline_flops_slope"]
    takeoff = (
        (truth["plateau_board_slope"] - truth["incline_board_slope"]) * board
        + truth["plateau_constant"]
        - truth["incline_constant"]
    ) / truth["incline_flops_slope"]
    frame = {"flops": 10.0 ** (takeoff + rng.uniform(-1.0, 4.0, 300)), "board_size": board}
    return truth, frame


def _coverage(rng):
    return {"a": rng.uniform(2, 8), "b": rng.uniform(0.2, 0.5)}, {
        "samples_drawn": np.unique(np.geomspace(1, 1e4, 40).astype(int)).astype(float)
    }


def _exponential_link(rng):
    return {"c": rng.uniform(50, 200), "k": -rng.uniform(0.3, 0.6)}, {
        "loss": rng.uniform(1.5, 5, 30)
    }


def _transfer(rng):
    frame = {"params": _log_uniform(rng, 1e6, 1e9, 40)}
    frame["finetuning_tokens"] = _log_uniform(rng, 1e5, 1e9, 40)
    return {"k": 1.9e4, "alpha": rng.uniform(0.1, 0.3), "beta": rng.uniform(0.3, 0.5)}, frame


def _encoder_decoder(rng):
    frame = {name: _log_uniform(rng, 1e7, 1e9, 60) for name in ("encoder_params", "decoder_params")}
    p_e, p_d = rng.uniform(0.1, 0.4, 2)
    truth = {"p_e": p_e, "p_d": p_d, "alpha": rng.uniform(0.5, 1.5) * 1e8 ** (p_e + p_d)}
    return truth | {"L_inf": rng.uniform(0.8, 1.6)}, frame


def _effective_params(rng):
    truth, frame = _additive(rng)
    frame["precision"] = np.resize(np.array(["16", *FORMATS], dtype=object), 80)
    rises = np.linspace(0.2, 1.2, len(FORMATS)) * rng.uniform(0.5, 1.0)
    return truth | {f"rise_{name}": rise for name, rise in zip(FORMATS, rises, strict=True)}, frame


def _rectified(rng):
    truth = {"A": rng.uniform(3.0, 5.0), "E": rng.uniform(0.3, 1.0), "beta": rng.uniform(0.4, 1.5)}
    return truth | {"x_half": 10.0 ** rng.uniform(3.0, 5.0)}, {"x": np.geomspace(1e2, 1e7, 40)}


def _line(rng):
    return {"slope": rng.normal(), "intercept": rng.uniform(1, 3)}, {"x": rng.uniform(-1, 1, 20)}


def _per_decade(rng):
    return {"gain": rng.uniform(50, 500), "constant": -rng.uniform(100, 900)}, {
        "x": _log_uniform(rng, 1.0, 1e6, 20)
    }


def _halving(rng):
    return {"A": rng.uniform(20, 60), "rate": rng.uniform(1e-3, 1e-2)}, {
        "t": np.linspace(0, 800, 40)
    }


def _mixture_exponential(rng):
    return {"c": rng.uniform(1, 3), "A": rng.uniform(0.3, 1.0), "k": -rng.uniform(1, 4)}, {
        "share": np.linspace(0.05, 0.95, 20)
    }


def _vocabulary(rng):
    truth, frame = _additive(rng)
    frame["vocabulary_params"] = _log_uniform(rng, 1e6, 1e9, 80)
    alpha = rng.uniform(0.2, 0.6)
    return truth | {"A_V": rng.uniform(0.3, 1.2) * 3e7**alpha, "alpha_V": alpha}, frame


def _logistic(rng):
    slope = rng.uniform(0.1, 1.0)
    return {"slope": slope, "intercept": rng.normal() - slope * np.log(1e9)}, {
        "x": _log_uniform(rng, 1e7, 1e11, 30)
    }


def _logistic_components(rng):
    names = ("slope", "b_2", "b_3", "intercept")
    frame = dict(zip(("u_1", "u_2", "u_3"), rng.normal(size=(3, 40)), strict=True))
    return dict(zip(names, rng.normal(size=4), strict=True)), frame


def _hyperparameter(rng):
    return {"c": 1.8, "p": -rng.uniform(0.5, 0.9), "q": rng.uniform(0.1, 0.5)}, _runs(rng, 40)


def _compute_optimal(rng):
    return {"G": rng.uniform(0.05, 0.5), "a": rng.uniform(0.4, 0.6)}, {
        "flops": _log_uniform(rng, 1e18, 1e23, 20)
    }


def _curves():
    rows = [(text, step) for text in SCHEDULES for step in range(220, 2999, 90)]
    schedule = np.array([text for text, _ in rows], dtype=object)
    return {"schedule": schedule, "step": np.array([step for _, step in rows], dtype=float)}


def _annealing(rng):
    truth = {
        "L0": rng.uniform(2.0, 3.0),
        "A": rng.uniform(0.4, 0.7),
        "alpha": rng.uniform(0.3, 0.6),
    }
    return truth | {"C": rng.uniform(0.2, 0.8)}, _curves()


def _multi_power(rng):
    truth = {
        "L0": rng.uniform(2.2, 3.0),
        "A": rng.uniform(0.4, 0.7),
        "alpha": rng.uniform(0.4, 0.55),
    }
    truth |= {"B": rng.uniform(300, 600), "C": rng.uniform(1.5, 3.0)}
    return truth | {"beta": rng.uniform(0.5, 0.7), "gamma": rng.uniform(0.5, 0.7)}, _curves()


TRUTHS: dict[str, Callable[[np.random.Generator], Truth]] = {
    name.removeprefix("_"): function
    for name, function in list(globals().items())
    if name.startswith("_")
    and callable(function)
    and not name.startswith("__")
    and name not in ("_log_uniform", "_runs", "_curves")
}
