"""The loss in its unit: nats and bits as they are, perplexities as their logarithm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scaling_studies.errors import TableError, one_line
from scaling_studies.reading.axes import Axes
from scaling_studies.reading.names import name_of
from scaling_studies.reading.own_runs import Role
from scaling_studies.reading.questions import Questions
from scaling_studies.reading.table import Table
from scaling_studies.reading.units import check_unit, in_base_units

#: Units of a loss that are asked for; docs/run-table.md lists the others.
LOSS_UNITS = ("nats_per_token", "bits_per_token", "bits_per_byte", "bits_per_char", "perplexity")
BITS = ("bits_per_token", "bits_per_byte", "bits_per_char")
#: Logarithm of the largest vocabularies: no model that knows nothing has more nats per token.
MOST_NATS = 13.0
#: Units that become another one in the frame.
CONVERTED = dict.fromkeys(("perplexity", "bits_per_token", "log10", "ln", "log2"), "nats_per_token")
CONVERTED["percent"] = "fraction"
PERCENT = {"percent", "pct", "percentage"}
#: Words of rates of errors, which are losses of a task.
RATES = {"error", "err", "errors", "wer", "cer", "mer", "eer"}
#: Words of measures that rise as runs get better.
GAINS = {"accuracy", "acc", "f1", "bleu", "rouge", "auc", "recall", "precision", "reward"}


def loss_values(
    role: Role, table: Table, axes: Axes, questions: Questions
) -> tuple[np.ndarray, Role, str]:
    """Loss of each row, its role, and the unit of the values.

    The unit of the role is None when nothing tells it and the values may be nats per token.

    Raises
    ------
    MustBeSaid
        When the values are above the logarithm of any vocabulary and no unit is known.
    TableError
        When a cell is no number, or there is no such unit.
    """
    for column in table.columns_of(role.column):
        table.check(column, "loss")
        if GAINS & {*name_of(column).words}:
            axes.warnings.append(
                f"{one_line(column, 60)} rises as runs get better, and a law is of a loss that "
                "falls: add a column of 1 - accuracy to the table and name it as the loss."
            )
    values = table.values(role.column)
    unit = role.unit or _said_by(role.column, table)
    shares = [one for one in table.columns_of(role.column) if table.holds_percents(one)]
    if shares and unit not in ("percent", "fraction") and not _is_rate(shares[0]):
        row, cell = table.first_percent(shares[0])
        raise TableError(
            f"{cell!r} is a share", table=table.name, row=row + 1, column=shares[0],
            fix="say --unit percent, which reads shares as fractions, or correct the cell",
        )  # fmt: skip
    if shares and unit in (None, "percent", "fraction"):
        why = f"{role.why}; per cent in the cells, read as fractions"
        return values, replace(role, unit="fraction", why=why), "fraction"
    if unit is not None:
        check_unit("loss", unit, table=table.name, column=role.column)
        converted = in_base_units("loss", unit, values)
        converted = np.where(np.isfinite(converted), converted, np.nan)
        return converted, replace(role, unit=unit), CONVERTED.get(unit, unit)
    name = name_of(role.column)
    others = [name_of(axes.roles[what].column).log for what in ("params", "tokens", "flops")
              if what in axes.roles]  # fmt: skip
    if name.log == "log" and (name.words == ("l",) or any(others)):
        unit = questions.choice(
            f"Whether {role.column!r} is the logarithm of the loss,",
            ("ln", "log10", "nats_per_token"),
            "--unit ln or --unit log10, or --unit nats_per_token for the loss itself",
            place={"column": role.column},
        )
        converted = in_base_units("loss", unit, values)
        return converted, replace(role, unit=unit), CONVERTED.get(unit, unit)
    if {"bit", "bits"} & set(name_of(role.column).words):
        unit = questions.choice(
            f"Of what the bits in {role.column!r} are,",
            BITS,
            f"--unit, one of {', '.join(BITS)}",
            place={"column": role.column},
        )
        converted = in_base_units("loss", unit, values)
        return converted, replace(role, unit=unit), CONVERTED.get(unit, unit)
    finite = values[np.isfinite(values)]
    if len(finite) and RATES & {*name_of(role.column).words}:
        if finite.min() >= 0.0 and finite.max() <= 1.0:
            return values, replace(role, unit="fraction", why=f"{role.why}; a share"), "fraction"
        unit = questions.choice(
            f"Whether {role.column!r} (up to {finite.max():g}) is in per cent,",
            ("percent", "as_printed"),
            "--unit percent, or --unit as_printed for an error that is no share",
            place={"column": role.column},
        )
        converted = in_base_units("loss", unit, values)
        return converted, replace(role, unit=unit), CONVERTED.get(unit, unit)
    if "samples" in axes.roles:
        return values, role, "nats"
    if len(finite) and np.mean(finite > MOST_NATS) > 0.2:
        commas = any(table.cells[c].str.contains(",").any() for c in table.columns_of(role.column))
        unit = questions.choice(
            f"Unit of the loss in {role.column!r}, which is above any vocabulary's {MOST_NATS:g} "
            f"nats (up to {finite.max():g}),",
            [*LOSS_UNITS, "as_printed"],
            "--unit perplexity, or --unit as_printed for a loss of another kind"
            + (", or write a point where its commas are decimal" if commas else ""),
            place={"column": role.column},
        )
        return (
            in_base_units("loss", unit, values),
            replace(role, unit=unit),
            CONVERTED.get(unit, unit),
        )
    return values, role, "nats_per_token"


def _is_rate(column: str) -> bool:
    return bool((PERCENT | RATES) & {*name_of(column).words})


def _said_by(column: str, table: Table) -> str | None:
    """Unit that the name says, or the logarithm that was taken."""
    words = name_of(column).words
    if PERCENT & {*words}:
        return "percent"
    if "nats" in words or "nat" in words:
        return "nats_per_token"
    # "log loss" is another name of cross-entropy; a base says that a logarithm was taken.
    log = name_of(column).log
    return log if log in ("log10", "ln", "log2") else None
