"""Published numbers of the second library of studies, which were solved again apart from it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).resolve().parents[1] / "certified/published_numbers.csv"
#: How many published numbers were solved again.
COUNT = 290
#: Numbers that are claims about a study, by their name there: the claim that judges each, and
#: whether it holds.
CLAIMS = {
    "hoffmann_2022/approach_3_printed/N_opt_coefficient": ("w030", "holds"),
    "hoffmann_2022/approach_3_printed/L_opt_coefficient": ("w032", "holds"),
    "hoffmann_2022/approach_3_printed/L_opt_exponent": ("w032", "holds"),
    "hoffmann_2022/approach_1/gopher_ratio_1b": ("w039", "does_not_hold"),
    "hoffmann_2022/approach_1/gopher_ratio_10b": ("w042", "does_not_hold"),
    "jones_2021/train_test_printed/test_factor_per_10x_train": ("w076", "holds"),
    "alphago_zero/odds/elo_per_doubling": ("w073", "holds"),
    "gadre_2024/redpajama/compute_ratio_loss_1b4_m640": ("a1-017", "holds"),
    "gadre_2024/redpajama/compute_ratio_error_6b9_m20": ("a1-018", "holds"),
    "henighan_2020/table/alpha_N_range": ("w010", "holds"),
    "frontier_2023/arithmetic/flops_1t_20t": ("a3-010", "holds"),
}


@dataclass(frozen=True)
class Solved:
    """A published number that was solved again, and how far the refit may be from it.

    Attributes
    ----------
    name
        Its name where it was solved again.
    key
        Study, fit and quantity that judge it here.
    printed
        The published value.
    allowed
        Largest difference.
    upwards
        Whether only a refit above it differs: it is an upper bound.
    """

    name: str
    key: tuple[str, str, str]
    printed: float
    allowed: float
    upwards: bool

    def is_met(self, refit: float) -> bool:
        """Whether a refit is as near to the published number as the one made apart from it."""
        above = refit - self.printed
        return (above if self.upwards else abs(above)) <= self.allowed


def solved_again() -> list[Solved]:
    """All of them that a study's card judges, in the order of the list."""
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["solved_again_as"]]
    found = []
    for row in rows:
        tolerance, kind, *upwards = row["within"].split(maxsplit=2)
        printed = float(row["printed"])
        scale = {"absolute": 1.0, "relative": abs(printed)}[kind]
        key = row["study"], row["fit"], row["quantity"]
        allowed = float(tolerance) * scale
        found.append(Solved(row["solved_again_as"], key, printed, allowed, upwards == ["at most"]))
    return found
