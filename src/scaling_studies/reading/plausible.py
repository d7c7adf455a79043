"""Whether the data that runs saw tells their losses apart, as data does."""

from __future__ import annotations

import numpy as np

from scaling_studies.errors import TableError, one_line
from scaling_studies.reading.kinds import SAME_LOSS
from scaling_studies.reading.questions import mapped
from scaling_studies.reading.selection import Selection

#: Relative differences of data and loss that count, and the fewest pairs that tell.
APART, WORSE, FEWEST = 0.02, 0.01, 6
#: Runs that are compared: more take long, and tell no more.
MOST = 2000
#: Runs of one loss that are no chance.
FEW = 3


def require_losses_to_differ(chosen: Selection) -> None:
    """Stop where all runs have one loss, of which any law of size or data is an exact nothing.

    Raises
    ------
    TableError
        Names the column.
    """
    loss = chosen.frame["loss"].to_numpy(float)
    if len(loss) < FEW or np.ptp(loss) > SAME_LOSS * float(np.abs(loss).max()):
        return
    column = chosen.roles["loss"].column
    raise TableError(
        f"all {len(loss)} runs have one loss ({loss[0]:g}), so nothing is known about how it falls",
        table=chosen.table.name,
        column=column,
        fix="name the column of a loss that differs with --map loss=COLUMN, or correct the cells",
    )


def require_data_to_tell(chosen: Selection) -> None:
    """Ask when, among runs of one size, loss does not follow the data as it does under any law.

    More data then goes with a higher loss, or loss falls faster than the data grows. Such a column
    is the speed of a device, or something else that is no amount of data.

    Raises
    ------
    MustBeSaid
        When the column was not said to be the data.
    """
    axis = next((name for name in ("tokens", "samples") if name in chosen.frame), None)
    if axis is None or "params" not in chosen.frame or len(chosen.frame) > MOST:
        return
    sizes, data, loss = (np.log(chosen.frame[name].to_numpy(float)) for name in
                         ("params", axis, "loss"))  # fmt: skip
    same = np.abs(sizes[:, None] - sizes[None, :]) < APART / 2.0
    more = same & (data[:, None] - data[None, :] > APART)
    apart = more & (np.abs(loss[:, None] - loss[None, :]) > WORSE)
    change = loss[:, None] - loss[None, :]
    worse = apart & ((change > 0) | (-change > data[:, None] - data[None, :]))
    pairs, against = int(apart.sum()), int(worse.sum())
    if pairs < FEWEST or 3 * against < pairs:
        return
    role = chosen.roles[axis]
    flops = chosen.roles.get("flops")
    derived = flops is not None and flops.column == role.column
    text = (
        f"among runs of one size the loss does not follow {one_line(role.column, 40)} in {against} "
        f"of {pairs} pairs, so it may be no amount of {'compute' if derived else 'data'}"
    )
    told = flops if derived and flops is not None else role
    if told.why == "as you said":
        chosen.warnings.append(f"{text[0].upper()}{text[1:]}.")
        return
    name = "flops" if derived else axis
    unit = f":{told.unit}" if told.unit and "*" not in told.column else ""
    chosen.questions.decide(
        text,
        {"as it is": mapped(f"{name}={told.column}{unit}"), "no such data": f"--map {name}=none"},
        place={"column": role.column},
    )
