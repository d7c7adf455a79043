"""Model of the multi-power law in closed form: one pass over the drops of all rows.

The sum over the changes of the learning rate dominates the cost of the law. Changes are kept as
flat arrays, row after row, without the empty bins, and first and second derivatives follow from
four exponentials and logarithms a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scaling_studies.models.law import Evaluation, Model
from scaling_studies.models.schedule_sums import drops_before, log_cumulative_rate

#: Positions in the working vector.
L0, LOG_A, ALPHA, LOG_B, LOG_C, BETA, GAMMA = range(7)


@dataclass(frozen=True)
class CurveColumns:
    """What the law needs of the rows.

    Attributes
    ----------
    log_area
        Logarithm of S at each row, shape (n,).
    change, log_rate, log_drop_area
        Changes of the rate before the rows, flat, shape (m,).
    moments
        1, log_rate, log_rate^2 of the changes, shape (m, 3).
    first, counts
        First change of each row and number of its changes, shape (n,).
    """

    log_area: np.ndarray
    change: np.ndarray
    log_rate: np.ndarray
    log_drop_area: np.ndarray
    moments: np.ndarray
    first: np.ndarray
    counts: np.ndarray


class LossCurveModel(Model):
    """``L0 + A S^-alpha + B sum_k change_k [1 - (1 + C rate_k^-gamma area_k)^-beta]``."""

    #: Changes a row has, roughly; bounds the memory of a batch.
    row_cost = 96

    def prepare(self, axes: Mapping[str, np.ndarray]) -> CurveColumns:
        """Flatten the drops of all rows."""
        drops = drops_before(axes)
        used = drops.change != 0
        # A row without any change gets one of size zero, so that every row has its place.
        used[:, 0] |= ~used.any(axis=1)
        counts = used.sum(axis=1)
        log_rate = drops.log_rate[used]
        return CurveColumns(
            log_cumulative_rate(axes),
            drops.change[used],
            log_rate,
            drops.log_area[used],
            np.stack([np.ones_like(log_rate), log_rate, log_rate**2], axis=1),
            np.concatenate([[0], np.cumsum(counts)[:-1]]),
            counts,
        )

    @staticmethod
    def _reach(working: np.ndarray, x: CurveColumns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """log(1 + speed), its exponential decay, and the speed's logistic share, (B, m)."""
        speed = x.log_drop_area - working[:, GAMMA, None] * x.log_rate
        speed += working[:, LOG_C, None]
        depth = np.logaddexp(0.0, speed)
        left = np.exp(-working[:, BETA, None] * depth)
        return depth, left, np.exp(speed - depth)

    @staticmethod
    def _rows(x: CurveColumns, values: np.ndarray) -> np.ndarray:
        """Sum the changes of each row, (B, m) -> (B, n)."""
        return np.add.reduceat(values * x.change, x.first, axis=1)

    def evaluate(self, working: np.ndarray, columns: CurveColumns, order: int) -> Evaluation:
        """Values and derivatives; see `scaling_studies.models.law.Model`."""
        x = columns
        with np.errstate(over="ignore", invalid="ignore"):
            forward = np.exp(working[:, LOG_A, None] - working[:, ALPHA, None] * x.log_area)
            gain = np.exp(working[:, LOG_B])
            depth, left, share = self._reach(working, x)
            drop = gain[:, None] * self._rows(x, 1.0 - left)
            value = working[:, L0, None] + forward + drop
            if order == 0:
                return Evaluation(value)
            beta = working[:, BETA, None]
            slope = left * share
            jacobian = np.empty((*value.shape[:1], 7, value.shape[1]))
            jacobian[:, L0] = 1.0
            jacobian[:, LOG_A] = forward
            jacobian[:, ALPHA] = -forward * x.log_area
            jacobian[:, LOG_B] = drop
            scaled = gain[:, None]
            jacobian[:, LOG_C] = scaled * beta * self._rows(x, slope)
            jacobian[:, BETA] = scaled * self._rows(x, depth * left)
            jacobian[:, GAMMA] = -scaled * beta * self._rows(x, slope * x.log_rate)
        if order == 1:
            return Evaluation(value, jacobian)

        def curvature(weights: np.ndarray) -> np.ndarray:
            hessian = np.zeros((len(weights), 7, 7))

            def put(row: int, column: int, entry: np.ndarray) -> None:
                hessian[:, row, column] = hessian[:, column, row] = entry

            with np.errstate(over="ignore", invalid="ignore"):
                weighted = weights * forward
                put(LOG_A, LOG_A, weighted.sum(axis=1))
                put(LOG_A, ALPHA, -(weighted @ x.log_area))
                put(ALPHA, ALPHA, weighted @ x.log_area**2)
                for member in (LOG_B, LOG_C, BETA, GAMMA):
                    put(LOG_B, member, (weights * jacobian[:, member]).sum(axis=1))
                each = np.repeat(weights, x.counts, axis=1) * x.change * gain[:, None]
                sloped = each * slope
                bent = (sloped * (1.0 - share - beta * share)) @ x.moments * beta
                put(LOG_C, LOG_C, bent[:, 0])
                put(LOG_C, GAMMA, -bent[:, 1])
                put(GAMMA, GAMMA, bent[:, 2])
                mixed = (sloped * (1.0 - beta * depth)) @ x.moments[:, :2]
                put(LOG_C, BETA, mixed[:, 0])
                put(BETA, GAMMA, -mixed[:, 1])
                put(BETA, BETA, -(each * depth * depth * left).sum(axis=1))
            return hessian

        return Evaluation(value, jacobian, curvature)

    def basis(self, working: np.ndarray, columns: CurveColumns) -> np.ndarray:
        """Factors of L0, A and B, shape (B, 3, n)."""
        with np.errstate(over="ignore", invalid="ignore"):
            forward = np.exp(-working[:, ALPHA, None] * columns.log_area)
            drop = self._rows(columns, 1.0 - self._reach(working, columns)[1])
        return np.stack([np.ones_like(forward), forward, drop], axis=1)
