"""Laws of size and data in one form, and what they say to train for different purposes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scaling_studies.engine.allocation.trade_off import Repeats, TradeOff, trade_off
from scaling_studies.errors import FitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaling_studies.fits.artefact import FitArtefact

CONSTANTS = ("E", "A", "B", "alpha", "beta", "power")
STARS = ("data_repeats", "size_repeats")
#: Law whose constants say how repeated data lose their value.
REPEATED_LAW = "data_constrained"
#: Training compute of the plans, FLOP: each decade from 1e18 to 1e27.
DECADES = np.logspace(18.0, 27.0, 10)
#: Tokens served, distinct tokens, tokens per parameter, and losses above the floor that are asked.
SERVED = (1e12, 1e13)
UNIQUE = (1e11, 1e12)
RATIOS = (100.0, 1000.0)
ABOVE_FLOOR = (1.0, 0.5, 0.2)
#: Purpose -> what its number counts.
PURPOSES = {
    "compute_optimal": "",
    "serving": "tokens served",
    "over_trained": "tokens per parameter",
    "unique_data": "distinct tokens",
    "target_loss": "nats above the floor of the law",
}
#: Purpose, compute, amount, size, data and loss.
Plan = tuple[str, float, float, float, float, float]
PLANS = (
    *("study", "fit", "source", "purpose"),
    *("asked", "amount", "flops", "params", "tokens", "loss"),
)


def trade_offs(
    fits: Sequence[FitArtefact], points: Sequence[pd.DataFrame], repeated: Sequence[FitArtefact]
) -> pd.DataFrame:
    """Constants of the laws that divide compute, as ``L = E + (A N^-alpha + B D^-beta)^power``.

    Parameters
    ----------
    fits, points
        See `comparisons`; of fits with a `headline`.
    repeated
        Fits of the law of repeated data; printed constants go before refitted ones.

    Returns
    -------
    pandas.DataFrame
        study, fit, law, source, the six constants, flops_low and flops_high (6ND of the fitted
        runs; not-a-number without any), data_repeats and size_repeats (R_D* and R_N*, which no
        other law has, so that they are borrowed) and repeats_of (study and fit they are of).
    """
    lender = min(repeated, key=lambda fit: (not fit.is_published, fit.study, fit.fit), default=None)
    stars: dict[str, float | str] = dict.fromkeys(STARS, np.nan) | {"repeats_of": ""}
    if lender is not None:
        stars["data_repeats"] = lender.parameters["R_D_star"]
        stars["size_repeats"] = lender.parameters["R_N_star"]
        stars["repeats_of"] = f"{lender.study}/{lender.fit}"
    rows = []
    for artefact, frame in zip(fits, points, strict=True):
        form = trade_off(artefact.law, artefact.parameters) if artefact.allocation else None
        if form is None:
            continue
        fitted = frame[frame["role"] == "fit"] if len(frame) else frame
        compute = 6.0 * fitted["params"] * fitted["tokens"] if len(fitted) else pd.Series([np.nan])
        labels = {"study": artefact.study, "fit": artefact.fit, "law": artefact.law}
        rows.append(
            labels
            | {"source": artefact.source}
            | {name: getattr(form, name) for name in CONSTANTS}
            | {"flops_low": compute.min(), "flops_high": compute.max()}
            | stars
        )
    names = ["study", "fit", "law", "source", "repeats_of"]
    numbers = [*CONSTANTS, "flops_low", "flops_high", *STARS]
    table = pd.DataFrame(rows, columns=[*names[:4], *numbers, names[4]])
    return table.astype(dict.fromkeys(names, "str") | dict.fromkeys(numbers, "float64"))


def plans_for(table: pd.DataFrame) -> pd.DataFrame:
    """What each law says to train for each purpose.

    Parameters
    ----------
    table
        Laws in one form, of :func:`trade_offs`.

    Returns
    -------
    pandas.DataFrame
        study, fit, source, purpose (see `PURPOSES`), asked (training compute; not-a-number for
        target_loss), amount (of what a purpose counts; not-a-number for compute_optimal), flops
        (6ND of the run), params, tokens, loss, tokens_per_parameter, beyond (compute over the
        largest fitted), size (over that of the lowest loss at the same budget) and cost: training
        compute over that of the cheapest run of the same loss. A model to be served reaches the
        loss that some compute reaches at best.
    """
    rows = []
    for law in table.to_dict("records"):
        form = TradeOff(*(law[name] for name in CONSTANTS))
        stars = Repeats(*(law[name] for name in STARS))
        for purpose, asked, amount, params, tokens, loss in _plans(form, stars):
            flops = 6.0 * params * tokens
            size, data = form.best_for_loss(loss)
            labels = (law["study"], law["fit"], law["source"], purpose, asked, amount)
            rows.append(
                {
                    **dict(zip(PLANS, (*labels, flops, params, tokens, loss), strict=True)),
                    "tokens_per_parameter": tokens / params,
                    "beyond": flops / law["flops_high"],
                    "size": params / form.best(asked)[0],
                    "cost": flops / (6.0 * size * data),
                }
            )
    names = [*PLANS, "tokens_per_parameter", "beyond", "size", "cost"]
    kinds = dict.fromkeys(names[4:], "float64") | dict.fromkeys(names[:4], "str")
    return pd.DataFrame(rows, columns=names).astype(kinds)


def _plans(
    form: TradeOff, stars: Repeats
) -> Iterator[tuple[str, float, float, float, float, float]]:
    for flops in DECADES.tolist():
        params, tokens = form.best(flops)
        loss = form.loss(params, tokens)
        yield "compute_optimal", flops, np.nan, params, tokens, loss
        for served in SERVED:
            yield "serving", flops, served, *form.serving(loss, served), loss
        for ratio in RATIOS:
            plan = form.with_ratio(flops, ratio)
            yield "over_trained", flops, ratio, *plan, form.loss(*plan)
        if np.isfinite(stars.data):
            for unique in UNIQUE:
                yield "unique_data", flops, unique, *form.with_unique(flops, unique, stars)
    for above in ABOVE_FLOOR:
        try:
            plan = form.best_for_loss(form.E + above)
        except (FitError, OverflowError):
            continue
        yield "target_loss", np.nan, above, *plan, form.E + above
