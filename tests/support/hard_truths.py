"""Parameters and rows of hard tables, drawn for every law; see `hard_problems`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from hard_designs import (
    axis,
    centre,
    exponent,
    offset,
    rows,
    share,
    two_axes,
    unit,
)
from truths import SCHEDULES

from scaling_studies.laws.effective_params import FORMATS


def _additive(rng):
    frame, _ = two_axes(rng, ("params", "tokens"), 5)
    alpha, beta, y = exponent(rng), exponent(rng), unit(rng, 6)
    if rng.random() < 0.2:
        beta = alpha * (1.0 + 1e-3 * rng.normal())
    truth = {"E": y * offset(rng), "alpha": alpha, "beta": beta}
    truth["A"] = y * share(rng) * centre(frame["params"]) ** alpha
    truth["B"] = y * share(rng) * centre(frame["tokens"]) ** beta
    return truth, frame


def _power_like(rng, coefficient, power, name, sign=-1.0, extra=0):
    frame = {name: axis(rng, rows(rng, 2 + extra), 1e8 * unit(rng), rng.uniform(0.3, 8.0))}
    value = exponent(rng) * (1.0 if rng.random() < 0.8 else -1.0)
    truth = {power: value}
    truth[coefficient] = unit(rng, 6) * share(rng) * centre(frame[name]) ** (-sign * value)
    return truth, frame


_power = partial(_power_like, coefficient="A", power="alpha", name="x")
_coverage = partial(_power_like, coefficient="a", power="b", name="samples_drawn")
_compute_optimal = partial(_power_like, coefficient="G", power="a", name="flops", sign=1.0)


def _power_offset(rng):
    truth, frame = _power_like(rng, "A", "alpha", "x", extra=1)
    alpha, y = abs(truth["alpha"]), unit(rng, 6)
    return {
        "alpha": alpha,
        "A": y * share(rng) * centre(frame["x"]) ** alpha,
        "E": y * offset(rng),
    }, frame


def _overtrained(rng):
    frame, _ = two_axes(rng, ("params", "tokens"), 4)
    power, y = -exponent(rng, high=3.0), unit(rng, 6)
    truth = {"exponent": power, "E": y * offset(rng)}
    truth["a"] = y * share(rng) * centre(frame["params"]) ** -power
    truth["b"] = y * share(rng) * centre(frame["tokens"]) ** -power
    return truth, frame


def _error_from_loss(rng):
    size = rows(rng, 3)
    low = rng.uniform(0.5, 4.0)
    loss = low + axis(rng, size, 1.0, 1.0) * rng.uniform(0.05, 2.0)
    gamma = exponent(rng, 0.02, 12.0)
    epsilon = rng.uniform(0.4, 1.0)
    gap = epsilon * rng.uniform(0.02, 0.95)
    return {
        "gamma": gamma,
        "epsilon": epsilon,
        "k": gap * np.exp(gamma * loss.min()),
    }, {"loss": loss}


def _kaplan(rng):
    frame, _ = two_axes(rng, ("params", "tokens"), 4)
    size, data = exponent(rng, 0.02, 1.5), exponent(rng, 0.02, 1.5)
    level = 10.0 ** rng.uniform(-1, 1)
    # Both terms of the sum, at the centre of the rows.
    first, second = share(rng), share(rng)
    root = (level / (first + second) ** data) ** (1.0 / data)
    return {
        "alpha_N": size,
        "alpha_D": data,
        "N_c": centre(frame["params"]) * (first * root) ** (data / size),
        "D_c": centre(frame["tokens"]) * second * root,
    }, frame


def _parallel(rng):
    size = rows(rng, 4)
    frame = {
        "params": axis(rng, size, 1e9 * unit(rng), rng.uniform(0.3, 4.0)),
        "parallel_streams": rng.choice([1.0, 2.0, 4.0, 8.0], size),
    }
    alpha, y = exponent(rng, 0.02, 3.0), unit(rng, 3)
    return {
        "E": y * offset(rng),
        "alpha": alpha,
        "A": centre(frame["params"]) * (y * share(rng)) ** (1.0 / alpha),
        "k": 10.0 ** rng.uniform(-2.5, 1.5),
    }, frame


def _data_constrained(rng):
    size = rows(rng, 7)
    params = axis(rng, size, 1e9 * unit(rng, 3), rng.uniform(0.5, 3.0))
    tokens = axis(rng, size, 1e11 * unit(rng, 3), rng.uniform(0.5, 3.0))
    repeats = np.where(rng.random(size) < 0.4, 1.0, 10.0 ** rng.uniform(0, 2.5, size))
    alpha, beta = exponent(rng, 0.05, 1.5), exponent(rng, 0.05, 1.5)
    y = unit(rng, 3)
    return {
        "E": y * offset(rng),
        "alpha": alpha,
        "beta": beta,
        "A": y * rng.uniform(0.1, 2) * centre(params) ** alpha,
        "B": y * rng.uniform(0.1, 2) * centre(tokens) ** beta,
        "R_D_star": 10.0 ** rng.uniform(-0.5, 2.5),
        "R_N_star": 10.0 ** rng.uniform(-1, 2.5),
    }, {"params": params, "tokens": tokens, "unique_tokens": tokens / repeats}


def _routed(rng):
    size = rows(rng, 6)
    most = int(rng.integers(3, 10))
    frame = {
        "params": axis(rng, size, 1e9 * unit(rng, 3), rng.uniform(0.3, 3.0)),
        "experts": 2.0 ** rng.integers(0, most + 1, size),
    }
    return {
        "a": rng.uniform(-0.3, 0.1),
        "b": rng.uniform(-0.5, 0.2),
        "c": rng.choice([0.0, rng.uniform(-0.03, 0.03)]),
        "d": rng.uniform(-3, 3),
        "E_start": 10.0 ** rng.uniform(-0.5, 1.5),
        "E_max": 10.0 ** rng.uniform(1.6, 5),
    }, frame


def _saturating_compute(rng):
    x = axis(rng, rows(rng, 4), unit(rng), rng.uniform(1.0, 7.0))
    b, y = exponent(rng, 0.02, 3.0), unit(rng, 3)
    place = 10.0 ** rng.uniform(np.log10(x.min()) - 2, np.log10(x.max()) - 0.5)
    return {
        "a": y * share(rng) * centre(x + place) ** b,
        "b": b,
        "c": y * offset(rng),
        "d": place,
    }, {"flops": x}


def _broken(rng, breaks=1):
    size = int(rng.choice([3 + 3 * breaks, 4 + 3 * breaks, 25, 60]))
    decades = rng.uniform(1.0, 8.0)
    x = np.sort(axis(rng, size, 1e5 * unit(rng), decades)) if rng.random() < 0.3 else None
    if x is None:
        x = 1e5 * unit(rng) * np.logspace(-0.5 * decades, 0.5 * decades, size)
    y = unit(rng, 3)
    truth = {"a": y * rng.choice([0.0, rng.uniform(0.02, 0.5)])}
    truth["c0"] = rng.uniform(-0.2, 0.6)
    truth["b"] = y * rng.uniform(0.5, 5) * x.min() ** truth["c0"]
    span = np.log(x.max() / x.min())
    place = rng.uniform(0.0, 1.0)
    for number in range(1, breaks + 1):
        truth[f"c{number}"] = rng.uniform(-0.3, 1.5)
        truth[f"d{number}"] = x.min() * np.exp(span * place)
        truth[f"f{number}"] = 10.0 ** rng.uniform(-2, 0.3)
        # The next break is anywhere, or just beside this one.
        place = rng.uniform(0.0, 1.0) if rng.random() < 0.6 else place + rng.uniform(0.03, 0.15)
    return truth, {"x": x}


_broken_two = partial(_broken, breaks=2)


def _change_point(rng):
    size = int(rng.choice([8, 12, 30, 200]))
    board = rng.choice(np.arange(3.0, rng.integers(5, 13)), size)
    y = unit(rng, 3)
    truth = {
        "incline_flops_slope": rng.uniform(100, 900),
        "incline_board_slope": -rng.uniform(100, 700),
        "plateau_board_slope": -rng.uniform(50, 400),
        "plateau_constant": rng.uniform(-200, 600),
    }
    truth["incline_constant"] = -rng.uniform(2.0, 14.0) * truth["incline_flops_slope"]
    takeoff = (
        (truth["plateau_board_slope"] - truth["incline_board_slope"]) * board
        + truth["plateau_constant"]
        - truth["incline_constant"]
    ) / truth["incline_flops_slope"]
    before, after = rng.uniform(0.0, 3.0), rng.uniform(0.2, 6.0)
    flops = 10.0 ** (takeoff + rng.uniform(-before, after, size))
    return {name: value * y for name, value in truth.items()}, {
        "flops": flops,
        "board_size": board,
    }


def _exponential_link(rng):
    loss = rng.uniform(-3, 6) + axis(rng, rows(rng, 2), 1.0, 1.0) * rng.uniform(0.05, 3.0)
    k = exponent(rng, 0.01, 8.0) * rng.choice([-1.0, 1.0])
    return {"c": unit(rng, 6) * np.exp(-k * loss.mean()), "k": k}, {"loss": loss}


def _product(rng, names, coefficient, powers):
    frame, _ = two_axes(rng, names, 3)
    values = [exponent(rng, high=3.0) * rng.choice([-1.0, 1.0]) for _ in names]
    truth = dict(zip(powers, values, strict=True))
    logs = sum(value * np.log(centre(frame[n])) for value, n in zip(values, names, strict=True))
    return truth | {coefficient: unit(rng, 6) * np.exp(-logs)}, frame


_transfer = partial(
    _product, names=("finetuning_tokens", "params"), coefficient="k", powers=("alpha", "beta")
)
_hyperparameter = partial(_product, names=("params", "tokens"), coefficient="c", powers=("p", "q"))


def _encoder_decoder(rng):
    frame, _ = two_axes(rng, ("encoder_params", "decoder_params"), 4)
    p_e, p_d, y = exponent(rng, high=2.0), exponent(rng, high=2.0), unit(rng, 6)
    logs = p_e * np.log(centre(frame["encoder_params"]))
    logs += p_d * np.log(centre(frame["decoder_params"]))
    return {
        "p_e": p_e,
        "p_d": p_d,
        "alpha": y * share(rng) * np.exp(logs),
        "L_inf": y * offset(rng),
    }, frame


def _effective_params(rng):
    truth, frame = _additive(rng)
    size = len(frame["params"])
    formats = ["16", *FORMATS][: int(rng.integers(2, 4))]
    frame["precision"] = np.resize(np.array(formats, dtype=object), size)
    rises = {f"rise_{name}": rng.uniform(0.0, 2.0) if name in formats else 0.0 for name in FORMATS}
    return truth | rises, frame


def _rectified(rng):
    truth, frame = _power_like(rng, "A", "beta", "x", extra=2)
    y = unit(rng, 6)
    half = centre(frame["x"]) * 10.0 ** rng.uniform(-1.0, 1.0)
    return {"A": y, "E": y * offset(rng), "beta": abs(truth["beta"]), "x_half": half}, frame


def _line(rng):
    frame = {"x": axis(rng, rows(rng, 2), 1e3 * unit(rng), rng.uniform(0.3, 3.0))}
    y = unit(rng, 6)
    return {"slope": y * rng.normal() / centre(frame["x"]), "intercept": y * offset(rng)}, frame


def _per_decade(rng):
    frame = {"x": axis(rng, rows(rng, 2), 1e8 * unit(rng), rng.uniform(0.3, 8.0))}
    y = unit(rng, 6)
    return {"gain": y * rng.normal(), "constant": y * offset(rng)}, frame


def _halving(rng):
    frame = {"t": axis(rng, rows(rng, 2), 1e3 * unit(rng), rng.uniform(0.3, 3.0))}
    rate = rng.uniform(-1.0, 5.0) / frame["t"].max()
    return {"rate": rate, "A": unit(rng, 6) * np.exp(rate * frame["t"].mean())}, frame


def _mixture_exponential(rng):
    frame = {"share": axis(rng, rows(rng, 3), 0.3, rng.uniform(0.1, 0.4))}
    y = unit(rng, 6)
    return {"c": y * offset(rng), "A": y * share(rng), "k": -rng.uniform(0.3, 6.0)}, frame


def _vocabulary(rng):
    truth, frame = _additive(rng)
    size, alpha = len(frame["params"]), exponent(rng)
    frame["vocabulary_params"] = axis(rng, size, 1e8 * unit(rng), rng.uniform(0.3, 8.0))
    scale = truth["A"] / centre(frame["params"]) ** truth["alpha"]
    truth |= {"alpha_V": alpha, "A_V": scale * centre(frame["vocabulary_params"]) ** alpha}
    return truth, frame


def _logistic(rng):
    frame = {"x": axis(rng, rows(rng, 3), 1e8 * unit(rng), rng.uniform(0.3, 8.0))}
    slope = rng.normal() / max(float(np.std(np.log(frame["x"]))), 0.1)
    return {"slope": slope, "intercept": rng.normal() - slope * np.log(centre(frame["x"]))}, frame


def _logistic_components(rng):
    count = rows(rng, 5)
    frame = dict(zip(("u_1", "u_2", "u_3"), rng.normal(size=(3, count)), strict=True))
    names = ("slope", "b_2", "b_3", "intercept")
    return dict(zip(names, rng.normal(size=4), strict=True)), frame


def _curves(rng):
    chosen = rng.choice(len(SCHEDULES), int(rng.integers(1, 4)), replace=False)
    step = int(rng.choice([90, 250, 600]))
    pairs = [(SCHEDULES[i], s) for i in sorted(chosen) for s in range(220, 2999, step)]
    schedule = np.array([text for text, _ in pairs], dtype=object)
    return {"schedule": schedule, "step": np.array([s for _, s in pairs], dtype=float)}


def _annealing(rng):
    y = unit(rng, 3)
    return {
        "L0": y * offset(rng),
        "A": y * rng.uniform(0.05, 2.0),
        "alpha": exponent(rng, 0.02, 1.5),
        "C": y * rng.choice([0.0, rng.uniform(0.05, 1.0)]),
    }, _curves(rng)


def _multi_power(rng):
    y = unit(rng, 3)
    return {
        "L0": y * rng.uniform(1.5, 3.0),
        "A": y * rng.uniform(0.1, 1.0),
        "alpha": rng.uniform(0.2, 0.9),
        "B": y * rng.uniform(100, 900),
        "C": 10.0 ** rng.uniform(-0.5, 1.0),
        "beta": rng.uniform(0.3, 1.0),
        "gamma": rng.uniform(0.3, 1.0),
    }, _curves(rng)


HARD: dict[str, Callable] = {
    name.removeprefix("_"): function
    for name, function in list(globals().items())
    if name.startswith("_")
    and callable(function)
    and not name.startswith("__")
    and name not in ("_power_like", "_product", "_curves")
}
