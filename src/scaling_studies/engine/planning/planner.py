"""The search for runs: expected variance of a target over plausible laws, greedy and exchange."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scaling_studies.engine.planning.posterior import EXPONENT, TERM, log_losses

#: How strongly greedy choices are charged for compute; the best of the designs is kept.
PRICES = (0.0, 0.3, 0.6, 1.0)
#: Most exchanges of runs in a design.
MOST_EXCHANGES = 20
#: Half width of a 95 % interval, in standard deviations.
HALF_WIDTH = 1.959963984540054
#: Step of difference quotients.
STEP = 1e-5


class Planner:
    """Expected variance of a target after further runs, for all plausible laws at once."""

    def __init__(
        self,
        points: np.ndarray,
        logs: np.ndarray,
        candidates: np.ndarray,
        centre: np.ndarray,
        loss: np.ndarray,
        noise: float,
        target: Callable[[np.ndarray, np.ndarray, float], np.ndarray],
        at_flops: float,
    ) -> None:
        product = float(np.log(at_flops / 6.0))
        self.gradient = derivatives(lambda x: target(x, centre, product)[:, None], points)[:, :, 0]
        known = derivatives(lambda x: log_losses(x, logs, centre), points) / noise
        self.columns = derivatives(lambda x: log_losses(x, candidates, centre), points) / noise
        weak = np.array([np.median(loss) / 2.0, TERM[1], TERM[1], EXPONENT[1], EXPONENT[1]]) ** -2.0
        self.information = known @ known.transpose(0, 2, 1) + np.diag(weak)

    def inverse(self, chosen: list[int]) -> np.ndarray:
        """Covariance of the parameters with some candidates added, shape (B, 5, 5)."""
        added = self.columns[:, :, chosen]
        return np.linalg.inv(self.information + added @ added.transpose(0, 2, 1))

    def variances(self, covariance: np.ndarray) -> np.ndarray:
        """Variance of the target, shape (B,)."""
        return np.einsum("bi,bij,bj->b", self.gradient, covariance, self.gradient)

    def factor(self, chosen: list[int]) -> float:
        """Upper over lower end of the target's interval, median over the laws."""
        width = 2.0 * HALF_WIDTH * np.sqrt(self.variances(self.inverse(chosen)))
        return float(np.exp(np.minimum(np.median(width), 700.0)))

    def gains(self, covariance: np.ndarray) -> np.ndarray:
        """Mean fall of the log variance by each further candidate, shape (m,)."""
        moved = covariance @ self.columns
        own = 1.0 + (self.columns * moved).sum(axis=1)
        cross = (self.gradient[:, :, None] * moved).sum(axis=1)
        share = cross**2 / own / self.variances(covariance)[:, None]
        return -np.log1p(-np.minimum(share, 1.0 - 1e-12)).mean(axis=0)

    def value(self, chosen: list[int]) -> float:
        """Mean log variance of the target."""
        return float(np.log(self.variances(self.inverse(chosen))).mean())

    def choose(self, costs: np.ndarray, budget: float, most: int) -> list[int]:
        """Greedy choices at several prices of compute, each improved by exchange; the best."""
        designs = [
            self.exchange(self.greedy(costs, budget, most, price), costs, budget, most)
            for price in PRICES
        ]
        return min(designs, key=self.value)

    def greedy(self, costs: np.ndarray, budget: float, most: int, price: float) -> list[int]:
        """Add the candidate of the largest gain over compute to some power."""
        chosen: list[int] = []
        left = budget
        while len(chosen) < most:
            affordable = costs <= left * (1.0 + 1e-9)
            if not affordable.any():
                break
            # What is left must last for the runs that are still to come.
            score = self.gains(self.inverse(chosen)) / (costs / budget) ** price
            place = int(np.argmax(np.where(affordable, score, -np.inf)))
            chosen.append(place)
            left -= costs[place]
        return chosen

    def exchange(self, chosen: list[int], costs: np.ndarray, budget: float, most: int) -> list[int]:
        """Swap one run, or one for two, as long as the mean log variance falls."""
        best = self.value(chosen)
        for _ in range(MOST_EXCHANGES):
            improved = False
            for place in range(len(chosen)):
                rest = chosen[:place] + chosen[place + 1 :]
                left = budget - costs[rest].sum()
                affordable = costs <= left * (1.0 + 1e-9)
                score = np.where(affordable, self.gains(self.inverse(rest)), -np.inf)
                trial = [*rest, int(np.argmax(score))]
                trial += self.greedy_rest(trial, costs, budget, most)
                value = self.value(trial)
                if value < best - 1e-6:
                    chosen, best, improved = trial, value, True
                    break
            if not improved:
                break
        return chosen

    def greedy_rest(
        self, chosen: list[int], costs: np.ndarray, budget: float, most: int
    ) -> list[int]:
        """What still fits: the most telling affordable candidates."""
        added: list[int] = []
        while len(chosen) + len(added) < most:
            left = budget - costs[chosen].sum() - costs[added].sum()
            affordable = costs <= left * (1.0 + 1e-9)
            if not affordable.any():
                break
            gains = self.gains(self.inverse(chosen + added))
            added.append(int(np.argmax(np.where(affordable, gains, -np.inf))))
        return added

    def ordered(self, chosen: list[int]) -> list[int]:
        """The most telling runs first."""
        left = list(chosen)
        done: list[int] = []
        while left:
            gains = self.gains(self.inverse(done))
            best = max(left, key=lambda place: gains[place])
            left.remove(best)
            done.append(best)
        return done


def derivatives(function: Callable[[np.ndarray], np.ndarray], points: np.ndarray) -> np.ndarray:
    """Central differences of a function (B, 5) -> (B, m), shape (B, 5, m)."""
    steps = STEP * np.eye(points.shape[1])
    return np.stack(
        [(function(points + step) - function(points - step)) / (2.0 * STEP) for step in steps],
        axis=1,
    )
