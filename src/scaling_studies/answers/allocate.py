"""How large a model should be, and on how much data it should train."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scaling_studies import words
from scaling_studies.answers.answer import Answer, Table
from scaling_studies.answers.axes import Axes, as_runs
from scaling_studies.answers.beside import with_other_rows
from scaling_studies.answers.estimate import Estimate
from scaling_studies.answers.fitted import RESAMPLES_BESIDE, FittedLaw, fit_one, fitted_laws
from scaling_studies.answers.pictures import plan_picture
from scaling_studies.answers.plan import Plan, optima, plans, reservations, why_no_plan
from scaling_studies.engine.allocation.accelerators import PEAKS, training_flops
from scaling_studies.engine.allocation.inference import inference_adjusted_allocation
from scaling_studies.errors import FitError, MustBeSaid
from scaling_studies.laws import get_law
from scaling_studies.words import suggest

#: Share of the peak that training reaches unless it is said.
UTILISATION = 0.4
#: Resamples for the interval of the cheapest model over its lifetime.
LIFETIME_DRAWS = 60


def flops_of_gpu_hours(hours: float, gpu: str | None, utilisation: float) -> float:
    """Training compute of hours on an accelerator.

    Parameters
    ----------
    hours
        Number of accelerators times hours.
    gpu
        Key of `engine.allocation.accelerators.PEAKS`, in any spelling of case.
    utilisation
        Share of the peak, above 0 and at most 1.

    Raises
    ------
    MustBeSaid
        The accelerator is not said or not known, or the share is none.

    Examples
    --------
    >>> f"{flops_of_gpu_hours(1000, 'h100', 0.4):.3g}"
    '1.42e+21'
    """
    if gpu is None:
        raise MustBeSaid(
            "hours of which accelerator cannot be known",
            fix=f"say it with --gpu, one of {', '.join(PEAKS)}",
        )
    known = {_plain(name): peak for name, peak in PEAKS.items()}
    if _plain(gpu) not in known:
        near = suggest(gpu, PEAKS, f"use one of {', '.join(PEAKS)}, or give --flops")
        raise MustBeSaid(f"no accelerator is called {gpu!r}", fix=near)
    if not 0.0 < utilisation <= 1.0:
        raise MustBeSaid(f"--utilisation {utilisation:g} is no share", fix="give 0.4 for 40 %")
    return training_flops(hours, known[_plain(gpu)], utilisation)


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("-", "")


@with_other_rows
def allocate(
    runs: Any,
    *,
    flops: float | None = None,
    gpu_hours: float | None = None,
    gpu: str | None = None,
    utilisation: float = UTILISATION,
    loss: float | None = None,
    inference_tokens: float | None = None,
    law: str | None = None,
    **reading: Any,
) -> Answer:
    """Size and data of the lowest loss for a budget, or of the smallest budget for a loss.

    Parameters
    ----------
    runs
        Path, frame or `reading.OwnRuns`.
    flops, gpu_hours, loss
        One of them: training compute C = 6ND, hours on ``gpu``, or the loss to be reached.
    gpu, utilisation
        For ``gpu_hours``: a key of `PEAKS` and the share of its peak that is reached.
    inference_tokens
        Tokens to be served: the cheapest model over its lifetime (Sardana et al. 2023) of the
        loss that the budget would reach, under the additive law, which alone counts them.
    law
        Name or alias; the best that divides compute, or counts inference, when None.
    **reading
        Passed to `read_runs`.

    Returns
    -------
    Answer
        Its object adds ``flops``, ``params``, ``tokens``, ``tokens_per_parameter`` and ``loss``
        (the last four with intervals), ``reservations``, and ``other_laws``.

    Raises
    ------
    ScalingStudiesError
        No budget is given, or the runs do not determine how to divide it.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import scaling_studies as ss
    >>> size, data = np.meshgrid([1e7, 1e8, 1e9], [1e9, 1e10, 1e11])
    >>> runs = pd.DataFrame({"params": size.ravel(), "tokens": data.ravel()})
    >>> runs["loss"] = 1.7 + 400 * runs["params"] ** -0.34 + 2000 * runs["tokens"] ** -0.37
    >>> said = {"unit": "nats_per_token", "params_convention": "total"}
    >>> answer = ss.allocate(runs, flops=1e22, law="chinchilla", **said)
    >>> f"{answer.to_json()['params']['value']:.3g}"
    '1.05e+10'
    """
    own = as_runs(runs, **reading)
    asked = {"--flops": flops, "--gpu-hours": gpu_hours, "--loss": loss}
    given = {flag: value for flag, value in asked.items() if value is not None}
    if len(given) != 1:
        raise MustBeSaid(
            "how much compute is not said" if not given else f"{' and '.join(given)} are given",
            fix="give one of --flops 1e22, --gpu-hours 1000 --gpu H100, --loss 2.1",
        )
    for flag, value in {**given, "--inference-tokens": inference_tokens}.items():
        if value is not None and not (math.isfinite(value) and value > 0):
            raise MustBeSaid(f"{flag} is {value:g}", fix="give a number above zero")
    if gpu_hours is not None:
        flops = flops_of_gpu_hours(gpu_hours, gpu, utilisation)
    one, others, left_out = _chosen(own, law, served=inference_tokens is not None)
    budget = flops if flops is not None else flops_for_loss(one, float(loss or 0.0))
    (plan,) = plans(one, np.array([budget]))
    if inference_tokens is not None:
        plan = lifetime_plan(one, plan, inference_tokens)
    said = reservations(one, plan.params.value or 1.0, plan.tokens.value or 1.0)
    if gpu_hours is not None:
        left_out = [*left_out, f"Accelerators are taken to reach {utilisation:.0%} of their peak."]
    return Answer(
        title=_title(plan, loss, inference_tokens, said),
        source=own.name,
        law=one.law.name,
        n=one.fit.n,
        parameters=one.parameters(),
        objective_value=one.fit.objective_value,
        converged=one.fit.converged,
        identified=one.fit.identified,
        warnings=(*own.warnings, *one.axes.of_compute, *left_out, *one.messages()),
        notes=own.notes,
        tables=_tables(plan, others, budget),
        part={
            **plan.to_dict(),
            "inference_tokens": inference_tokens,
            "reservations": said,
            "other_laws": [
                {"law": other.law.name, **plans(other, np.array([budget]))[0].to_dict()}
                for other in others
            ],
        },
        draws=lambda: plan_picture(one, {plan.flops: plan.params}),
    )


def _chosen(
    own: Any, law: str | None, *, served: bool = False
) -> tuple[FittedLaw, list[FittedLaw], list[str]]:
    """The law that plans, the others that could, and what was left out."""
    if served:
        return _counts_inference(own, law)
    found, left_out = fitted_laws(own, law)
    for other in found[1:]:
        other.resamples = RESAMPLES_BESIDE
    able = [one for one in found if why_no_plan(one) is None]
    if not able and law is None and Axes(own).two and (why := Axes(own).why_not("additive")):
        raise MustBeSaid(
            f"{why}, and nothing says how to divide compute",
            table=own.name,
            fix="add runs that tell size and data apart; `scaling-studies design` proposes them",
        )
    if not able:
        two = [one for one in found if len(one.law.axis_names) > 1]
        problem, fix = why_no_plan((two or found)[0]) or ("", "")
        raise MustBeSaid(problem, table=own.name, fix=fix)
    others = able[1:]
    for one in found[: found.index(able[0])]:
        reason, _ = why_no_plan(one) or ("", "")
        left_out.append(f"Law {one.law.name} fits better, but {reason}.")
    return able[0], others, left_out


def _counts_inference(own: Any, law: str | None) -> tuple[FittedLaw, list[FittedLaw], list[str]]:
    """The additive law, whose optimum alone counts inference; no other stands beside it."""
    axes = Axes(own)
    why = axes.why_not("additive") if axes.two else "sizes and data are not both known"
    if not why:
        one = fit_one(axes, "additive", confirm=False)
        why, _ = why_no_plan(one) or ("", "")
    if why:
        raise MustBeSaid(
            f"only the additive law counts inference, and {why}",
            table=own.name,
            fix="ask without --inference-tokens",
        )
    if law is not None and get_law(law).name != "additive":
        raise MustBeSaid(
            f"law {get_law(law).name} has no plan that counts inference",
            fix="use --law additive, or no --law",
        )
    said = "Law additive is used, as no other counts inference."
    return one, [], [said] if law is None else []


def flops_for_loss(one: FittedLaw, loss: float) -> float:
    """Least training compute that reaches a loss under a law.

    Raises
    ------
    MustBeSaid
        No compute below 10^40 FLOP does.
    """

    def reached(power: float) -> float:
        (lowest,) = plans_without_interval(one, np.array([10.0**power]))
        return lowest

    low, high = math.log10(float(one.axes.columns["flops"].min())) - 6.0, 40.0
    if reached(high) > loss:
        limit = words.number(reached(high), 4)
        raise MustBeSaid(
            f"law {one.law.name} of these runs reaches no loss of {loss:g}",
            fix=f"ask for one above {limit}",
        )
    if reached(low) < loss:
        raise MustBeSaid(
            f"a loss of {loss:g} is worse than these runs' by far", fix="ask for a lower one"
        )
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if reached(middle) > loss else (low, middle)
    return float(10.0 ** (0.5 * (low + high)))


def plans_without_interval(one: FittedLaw, flops: np.ndarray) -> list[float]:
    """Lowest loss at each compute under the fitted constants."""
    sets = {name: np.array([value]) for name, value in one.fit.parameters.items()}
    return [float(value) for value in optima(one, sets, flops)["loss"][0]]


def lifetime_plan(one: FittedLaw, plan: Plan, inference_tokens: float) -> Plan:
    """The cheapest model over its lifetime of the loss that a plan reaches; the law is additive."""
    loss = float(plan.loss.value or math.nan)
    draws = [dict(zip(one.sets, row, strict=True)) for row in zip(*one.sets.values(), strict=True)]
    drawn = []
    for parameters in draws[:: max(1, len(draws) // LIFETIME_DRAWS)]:
        try:
            drawn.append(_lifetime(parameters, inference_tokens, loss))
        except FitError:
            continue
    values = _lifetime(one.fit.parameters, inference_tokens, loss)
    plain = (plan.params, plan.tokens, plan.tokens_per_parameter)
    size, data, ratio = (
        # What the rows leave open at a budget they leave open for a model that is served.
        one.estimate(value, drawn_value, known=not item.is_open)
        for value, drawn_value, item in zip(
            values, np.reshape(drawn, (-1, 3)).T, plain, strict=True
        )
    )
    return Plan(6.0 * values[0] * values[1], size, data, ratio, plan.loss)


def _lifetime(parameters: Any, inference_tokens: float, loss: float) -> tuple[float, float, float]:
    found = inference_adjusted_allocation(parameters, inference_tokens, loss=loss)
    return found.params, found.tokens, found.tokens / found.params


def _title(plan: Plan, loss: float | None, served: float | None, said: list[str]) -> str:
    size, data = _amount(plan.params, "parameters"), _amount(plan.tokens, "tokens")
    compute = words.amount(plan.flops)
    if served is not None:
        head = f"Serving {words.amount(served)} tokens, train {size} on {data}"
    elif loss is not None:
        head = f"A loss of {loss:g} needs {compute} FLOP: {size} on {data}"
    else:
        head = f"At {compute} FLOP train {size} on {data}"
    return head + "".join(f"; this is {text}" for text in said)


def _amount(item: Estimate, noun: str) -> str:
    interval = words.interval(item.low, item.high, item.value)
    return f"{words.rough(item.value or math.nan, 3)} {noun}" + (
        f" ({interval})" if interval else ""
    )


def _tables(plan: Plan, others: list[FittedLaw], budget: float) -> tuple[Table, ...]:
    names = {
        "params": "parameters N",
        "tokens": "tokens D",
        "tokens_per_parameter": "tokens per parameter",
        "loss": "loss",
    }
    own = [(label, getattr(plan, name).text()) for name, label in names.items()]
    tables = [Table("The plan with 95 % intervals", ("quantity", "value"), own)]
    if others:
        rows = []
        for other in others:
            (there,) = plans(other, np.array([budget]))
            rows.append(
                (other.law.name, there.params.text(), there.tokens.text(),
                 there.tokens_per_parameter.text())
            )  # fmt: skip
        heads = ("law", "parameters N", "tokens D", "tokens per parameter")
        tables.append(Table("The same compute under other laws that divide it", heads, rows))
    return tuple(tables)
