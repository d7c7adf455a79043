"""Rankings and plans of a study as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scaling_studies import words
from scaling_studies.pages.tables import Row

AXIS_WORDS = {"params": "size", "tokens": "data", "flops": "compute"}
NOTHING_RANKED = (
    "No law could be ranked by extrapolation: too few runs of different sizes are left to fit."
)


def forecast_view(study: str, forecasts: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """What a study's page shows of its ranking and plan.

    Parameters
    ----------
    study
        Id of the study.
    forecasts
        Rows of some of ``ranking``, ``plan`` and ``exponents`` (the last of all studies).

    Returns
    -------
    dict
        ``ranking``, ``plan``, ``others`` (plans of other studies) and ``exponents``: rows of the
        tables; ``axes``: axes that were rolled out; ``answer`` and ``flip``: sentences.
    """
    ranking, plan, exponents = (
        forecasts.get(name, []) for name in ("ranking", "plan", "exponents")
    )
    own = [row for row in plan if row["own"]]
    quantities = {row["quantity"] for row in exponents if row["study"] == study}
    shown = [
        {**row, "own": row["study"] == study} for row in exponents if row["quantity"] in quantities
    ]
    return {
        "ranking": ranking,
        "axes": [
            (axis, words)
            for axis, words in AXIS_WORDS.items()
            if any(row[f"error_{axis}"] is not None for row in ranking)
        ],
        "answer": _answer(ranking, own),
        "flip": _flip(ranking),
        "plan": own,
        "others": [row for row in plan if not row["own"]],
        "exponents": sorted(shown, key=lambda row: (row["quantity"], not row["own"])),
    }


def _answer(ranking: Sequence[Row], plan: Sequence[Row]) -> str:
    """Sentences that open the page of a study with runs of its own."""
    sentences = []
    ranked = [row for row in ranking if row["extrapolation_rank"] is not None]
    if ranked:
        sentences.append(_best_law(ranked))
    elif ranking:
        sentences.append(NOTHING_RANKED)
    chosen = [row for row in plan if row["best"] and row["params_opt"] is not None]
    if chosen:
        sentences.append(_next_run(min(chosen, key=lambda row: abs(row["multiple"] - 10))))
    elif plan and all(row["message"] for row in plan):
        reasons = list(dict.fromkeys(row["message"] for row in plan))
        sentences.append(f"No next run is named: {'; '.join(reasons)}.")
    return " ".join(sentences)


def _best_law(ranked: Sequence[Row]) -> str:
    """Sentence on the law that predicts best, and on those it cannot be told apart from."""
    best = ranked[0]
    laws = {row["fit"]: row["law"] for row in ranked}
    tied = [laws[fit] for fit in best["tied"].split() if fit in laws]
    error = words.number(100 * best["extrapolation_error"], 2)
    noise = best["error_in_noise"]
    sentence = (
        f"Of {words.count_of(len(ranked), 'law')}, {best['law']} predicts larger runs from "
        f"smaller ones best: its mean error is {error} %"
    )
    if noise is not None:
        sentence += f", {words.number(noise, 2)} times the noise of these runs"
    if tied:
        sentence += f"; {words.joined(tied)} cannot be told apart from it"
    return f"{sentence}."


def _next_run(row: Row) -> str:
    """Sentence on the size and data of the next run."""
    sizes = [
        f"{words.estimate(row[n], row[f'{n}_least'], row[f'{n}_most'])} "
        f"({words.interval(row[f'{n}_least'], row[f'{n}_most'], row[n]) or 'no interval'}) {what}"
        for n, what in (("params_opt", "parameters"), ("tokens_opt", "tokens"))
    ]
    laws = row["laws"].split()
    said = (
        f"At {words.number(row['multiple'])} times the largest compute, {row['law']} would train "
        f"{sizes[0]} on {sizes[1]}"
    )
    if len(laws) > 1:
        said += f"; the ranges span {words.joined(laws)}, which these runs do not tell apart"
    if row["warning"]:
        said += f" ({row['warning']})"
    return f"{said}."


def _flip(ranking: Sequence[Row]) -> str:
    """Sentence on whether the law that describes the runs best also predicts best."""
    ranked = [row for row in ranking if row["extrapolation_rank"] is not None]
    if len(ranked) < 2:
        return ""
    describes = min(ranked, key=lambda row: row["in_sample_rank"])
    if ranked[0]["fit"] in describes["tied"].split():
        return (
            f"{describes['law']} describes the runs best; whether it or {ranked[0]['law']} "
            "predicts larger ones better, these runs do not tell."
        )
    if describes["fit"] == ranked[0]["fit"]:
        return "The law that describes the runs best also predicts larger ones best."
    return (
        f"The law that describes the runs best, {describes['law']}, does not predict larger ones "
        f"best: {ranked[0]['law']} does."
    )
