"""How much data runs saw and compute they used: from one column, a product, or compute itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from scaling_studies.errors import one_line
from scaling_studies.reading.contradictions import contradict
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.products import epochs_of, of_a_corpus, product_of, times
from scaling_studies.reading.questions import Questions, mapped
from scaling_studies.reading.roles import Candidates, one_of
from scaling_studies.reading.scales import in_ones, units_that_fit
from scaling_studies.words import rough

#: Compute over 6ND beyond which one of the units cannot be right, and beyond which it is said.
WRONG_UNIT, WORTH_SAYING = 20.0, 2.0
#: Tokens for each parameter that no run of a language model has.
FEWEST_RATIO, MOST_RATIO = 0.01, 1e6


@dataclass
class Axes:
    """Sizes, data and compute of the rows, in base units.

    Attributes
    ----------
    roles
        ``params``, ``tokens``, ``samples``, ``flops`` -> column or product.
    numbers
        The same -> one number a row.
    notes, warnings
        Sentences.
    """

    roles: dict[str, Role] = field(default_factory=dict)
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def take(self, what: str, role: Role, candidates: Candidates, questions: Questions) -> None:
        """Read the numbers of a role."""
        self.numbers[what], self.roles[what] = in_ones(
            what, role, candidates.table, questions, self.numbers
        )


def choose_axes(candidates: Candidates, sizes: Mapping[str, Role], questions: Questions) -> Axes:
    """Read sizes, data and compute.

    Raises
    ------
    MustBeSaid
        When a unit or a column is not known.
    """
    axes = Axes()
    for what, role in sizes.items():
        if what in ("params", "samples", "tokens"):
            axes.take(what, role, candidates, questions)
    for what in ("params_total", "params_non_embedding", "params_active"):
        if what in sizes:
            values, role = in_ones("params", sizes[what], candidates.table, questions)
            axes.numbers[what], axes.roles[what] = values, role
    for what in ("tokens", "samples", "flops", "unique_tokens"):
        if (said := candidates.said.get(what)) is not None:
            axes.take(what, said, candidates, questions)
    if "flops" not in candidates.said and (found := _flops(candidates, questions)):
        axes.take("flops", found, candidates, questions)
    if not {"tokens", "samples"} & {*axes.roles} and candidates.said.get("tokens", True):
        _data(axes, candidates, questions)
    _check_compute(axes, candidates, questions)
    _check_ratio(axes, candidates, questions)
    return axes


def _flops(candidates: Candidates, questions: Questions) -> Role | None:
    for column in candidates.of("flops"):
        if candidates.kind(column) != "letter":
            return Role(column)
    return None


def _data(axes: Axes, candidates: Candidates, questions: Questions) -> None:
    """Take the data from the surest of what the table offers."""
    kinds: dict[str, list[str]] = {}
    for column in candidates.of("tokens"):
        kinds.setdefault(candidates.kind(column), []).append(column)
    sizes = axes.numbers.get("params", np.zeros(2))
    repeated = len(np.unique(sizes)) < len(sizes)
    if kinds and (whole := of_a_corpus(kinds, candidates, questions, repeated=repeated)):
        axes.take("tokens", whole, candidates, questions)
        return
    for kind in ("seen", "", "planned"):
        if kind in kinds:
            column = one_of(kinds[kind], "tokens", candidates.table, questions)
            axes.take("tokens", Role(column), candidates, questions)
            _compare_planned(axes, column, kinds.get("planned", []), kind, candidates)
            return
    samples = candidates.of("samples") if candidates.said.get("samples", True) else []
    if samples:
        column = one_of(samples, "samples", candidates.table, questions)
        axes.take("samples", Role(column), candidates, questions)
        return
    if (ratio := candidates.of("ratio")) and "params" in axes.roles:
        expression = f"{axes.roles['params'].column}*{ratio[0]}"
        values = axes.numbers["params"] * candidates.table.numbers(ratio[0]).floats
        axes.roles["tokens"] = Role(expression, "tokens", "parameters times their ratio")
        axes.numbers["tokens"] = values
        return
    if "flops" in axes.roles:
        return
    unique = [*candidates.of("unique_tokens")]
    if unique and (epochs := epochs_of(candidates)):
        axes.take("tokens", times([unique[0], epochs], candidates), candidates, questions)
    elif product := product_of(candidates, questions):
        axes.take("tokens", product, candidates, questions)


def _compare_planned(
    axes: Axes, column: str, planned: list[str], kind: str, candidates: Candidates
) -> None:
    if kind == "planned":
        axes.warnings.append(
            f"Tokens are those planned ({one_line(column, 60)}); a run that stopped saw fewer."
        )
    elif planned:
        axes.notes.append(
            f"tokens are those seen, from {one_line(column, 60)}, not those planned "
            f"({one_line(planned[0], 60)})."
        )


def _check_compute(axes: Axes, candidates: Candidates, questions: Questions) -> None:
    """Hold compute against 6ND, and take the data from it where there are no tokens."""
    if "flops" not in axes.roles or "params" not in axes.roles:
        return
    said = "flops" in candidates.said
    column = axes.roles["flops"].column
    params, flops = axes.numbers["params"], axes.numbers["flops"]
    raw = candidates.table.values(column)
    beside = {name: axes.numbers[name] for name in axes.numbers if name in ("params", "tokens")}
    answers = _units("flops", column, raw, beside)
    answers["not training compute"] = "--map flops=none"
    if "tokens" not in axes.roles and "samples" not in axes.roles:
        with np.errstate(divide="ignore", invalid="ignore"):
            tokens = flops / (6.0 * params)
            ratio = tokens / params
        if _largest(ratio) < 1.0:
            text = (
                f"compute in {one_line(column, 60)!r} is less than 6 x parameters squared in every "
                f"row (at most {rough(_largest(ratio))} tokens a parameter), so its unit is not "
                f"{axes.roles['flops'].unit} or it is no training compute"
            )
            if not said:
                answer = questions.decide(text, answers, place={"column": column})
                if not _took(axes, answer, column, candidates, questions):
                    _forget(axes, "flops")
                    return
                flops = axes.numbers["flops"]
                tokens = flops / (6.0 * params)
            else:
                axes.warnings.append(f"{text[0].upper()}{text[1:]}.")
        if candidates.said.get("tokens", True):
            axes.roles["tokens"] = Role(column, "tokens", "compute over 6 x parameters")
            axes.numbers["tokens"] = tokens
            axes.notes.append("tokens are compute over 6 x parameters.")
        return
    if "tokens" not in axes.roles:
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = flops / (6.0 * params * axes.numbers["tokens"])
    ratio = ratio[np.isfinite(ratio) & (ratio > 0)]
    if not len(ratio):
        return
    middle = float(np.median(ratio))
    text = f"Compute in {one_line(column, 60)!r} is {rough(middle)} times 6 x parameters x tokens"
    if not 1 / WRONG_UNIT < middle < WRONG_UNIT and not said:
        data = axes.roles["tokens"].column
        answer = questions.decide(
            f"{text}, so one of the units is not right",
            {
                **answers,
                **_units("tokens", data, candidates.table.values(data), {"params": params}),
            },
            place={"column": column},
        )
        of_data = answer.startswith("tokens")
        if not _took(axes, answer, data if of_data else column, candidates, questions):
            _forget(axes, "flops")
    elif not (contradict(axes, candidates, questions) or 1 / WORTH_SAYING < middle < WORTH_SAYING):
        axes.warnings.append(f"{text}.")


def _largest(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else 0.0


def _forget(axes: Axes, what: str) -> None:
    axes.roles.pop(what)
    axes.numbers.pop(what)


def _check_ratio(axes: Axes, candidates: Candidates, questions: Questions) -> None:
    """Ask when tokens for each parameter are what no run has."""
    if not {"params", "tokens"} <= set(axes.roles):
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = axes.numbers["tokens"] / axes.numbers["params"]
    ratio = ratio[np.isfinite(ratio) & (ratio > 0)]
    if not len(ratio) or FEWEST_RATIO <= float(np.median(ratio)) <= MOST_RATIO:
        return
    text = f"runs have {rough(float(np.median(ratio)))} tokens for each parameter"
    tokens, params = axes.roles["tokens"].column, axes.roles["params"].column
    if {"tokens", "params", "flops"} & {name for name, role in candidates.said.items() if role}:
        axes.warnings.append(f"{text[0].upper()}{text[1:]}; check the units.")
        return
    numbers = candidates.table.values
    if "flops" in axes.roles and tokens == axes.roles["flops"].column:
        answers = _units("flops", tokens, numbers(tokens), {"params": axes.numbers["params"]})
        answers["not training compute"] = "--map flops=none"
    else:
        answers = {
            **_units("tokens", tokens, numbers(tokens), {"params": axes.numbers["params"]}),
            **_units("params", params, numbers(params), {"tokens": axes.numbers["tokens"]}),
            "as they are": mapped(f"tokens={tokens}:tokens"),
        }
    answer = questions.decide(
        f"{text}, so one of the units is not right", answers, place={"column": tokens}
    )
    _took(axes, answer, params if answer.startswith("params") else tokens, candidates, questions)


def _took(
    axes: Axes, answer: str, column: str, candidates: Candidates, questions: Questions
) -> bool:
    """Read a column again in the unit that an answer names; whether it names one."""
    role, told, unit = answer.partition(" in ")
    if told:
        axes.take(role, Role(column, unit, "as you said"), candidates, questions)
    return bool(told)


def _units(
    role: str, column: str, values: np.ndarray, known: Mapping[str, np.ndarray]
) -> dict[str, str]:
    """Units of a column that would fit -> what to type."""
    return {
        f"{role} in {unit}": mapped(f"{role}={column}:{unit}")
        for unit in units_that_fit(role, values, known)[:3]
    }
