"""Intervals of a mean that hold at all times at once, so that one may look after every frame.

Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of
Statistics 49 (2021), arXiv:1810.08240, Theorem 4 and Appendix A.8: for observations y_i in [0, 1] and guesses g_i made
before each of them, with S = Σ(y_i − E[y_i | past]) and V = Σ(y_i − g_i)²,
exp(λS − ψ(λ)V), ψ(λ) = −ln(1 − λ) − λ, 0 ≤ λ < 1, is a supermartingale that starts at 1. Mixed over several λ it stays
one, and by Ville's inequality it ever reaches 1/α with probability α at most. It holds for the running mean of the
conditional means, whether or not these stay the same, and needs three numbers of memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.metrics.intervals import LEVEL, Interval

Floats = npt.NDArray[np.float64]

BETS: Floats = np.array([0.9, 0.6, 0.35, 0.2, 0.1, 0.05, 0.025, 0.012, 0.006])
"""λ: large ones are best for few observations or rare events, small ones for many."""
SHARES: Floats = np.array([0.3, 0.15, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05])
PENALTIES: Floats = -np.log1p(-BETS) - BETS
_LOG_SHARES = np.log(SHARES)


def log_evidence(excess: npt.ArrayLike, spread: npt.ArrayLike) -> Floats:
    """ln of the mixture above: evidence that the sum of observations exceeds its expectation by chance no more.

    Args:
        excess: (...) S, the sum of observations less what a hypothesis says it is.
        spread: (...) V.

    Returns:
        (...) float64; at or above ln(1/α) the hypothesis is refused at α.
    """
    terms = np.multiply.outer(excess, BETS) - np.multiply.outer(spread, PENALTIES) + _LOG_SHARES
    top = terms.max(axis=-1, keepdims=True)
    return np.asarray((top + np.log(np.exp(terms - top).sum(axis=-1, keepdims=True)))[..., 0], dtype=np.float64)


def sum_bound(spread: npt.ArrayLike, alpha: float) -> Floats:
    """(...) how far a sum may lie above its expectation, at all times at once but with probability `alpha`.

    The evidence is a convex function of the excess, so Newton's steps from above go down to its root and not beyond.
    """
    spread = np.asarray(spread, dtype=np.float64)
    wanted = math.log(1 / alpha)
    # any one λ alone gives an upper bound of the mixture's root
    alone = (wanted - _LOG_SHARES + np.multiply.outer(spread, PENALTIES)) / BETS
    bound = alone.min(axis=-1)
    for _ in range(12):
        terms = np.multiply.outer(bound, BETS) - np.multiply.outer(spread, PENALTIES) + _LOG_SHARES
        top = terms.max(axis=-1, keepdims=True)
        powers = np.exp(terms - top)
        total = powers.sum(axis=-1)
        bound = bound - (top[..., 0] + np.log(total) - wanted) * total / (powers * BETS).sum(axis=-1)
    return np.asarray(bound, dtype=np.float64)


@dataclass(frozen=True)
class MeanSequence:
    """The mean of observations in `low`..`high`, each a block's mean or a separate picture's, with its interval.

    Attributes:
        low, high: between which every observation lies.
        guess: the mean that is expected before the first observation; a good guess narrows the first intervals.
        n: number of observations.
        total: their sum, brought to 0..1.
        spread: V.
    """

    low: float = 0.0
    high: float = 1.0
    guess: float = 0.01
    n: int = 0
    total: float = 0.0
    spread: float = 0.0

    def add(self, value: float) -> MeanSequence:
        """With one observation more; ValueError where it lies outside `low`..`high`."""
        if not self.low <= value <= self.high:
            raise ValueError(f"observation {value} outside {self.low}..{self.high}")
        unit = (value - self.low) / (self.high - self.low)
        expected = ((self.guess - self.low) / (self.high - self.low) + self.total) / (1 + self.n)
        spread = self.spread + (unit - expected) ** 2
        return MeanSequence(self.low, self.high, self.guess, self.n + 1, self.total + unit, spread)

    @property
    def mean(self) -> float | None:
        """The mean; None before the first observation."""
        return self.low + (self.high - self.low) * self.total / self.n if self.n else None

    def interval(self, level: float = LEVEL) -> Interval | None:
        """The interval at this time of a sequence that holds at all times with probability `level`; None where n is 0."""
        if not self.n:
            return None
        bound = float(sum_bound(self.spread, (1 - level) / 2))
        scale = self.high - self.low
        low, high = max(0.0, self.total - bound) / self.n, min(float(self.n), self.total + bound) / self.n
        return Interval(self.low + scale * low, self.low + scale * high)

    def surely_below(self, limit: float, alpha: float) -> bool:
        """Whether the mean is below `limit`; wrongly so, ever, with probability `alpha` at most."""
        return self.evidence_below(limit) >= math.log(1 / alpha)

    def evidence_below(self, limit: float) -> float:
        """ln of the evidence against a mean of `limit` or more."""
        expected = self.n * (limit - self.low) / (self.high - self.low)
        return float(log_evidence(expected - self.total, self.spread))

    def units_to_below(self, limit: float, alpha: float) -> int | None:
        """About how many observations more `surely_below` takes if they go on like those seen; None: it never will."""
        wanted = math.log(1 / alpha)
        if self.evidence_below(limit) >= wanted:
            return 0
        n = max(self.n, 1)
        # before anything is known, as if all went as guessed
        share = (self.total + (self.guess - self.low) / (self.high - self.low)) / (self.n + 1)
        each = self.spread / n if self.n else 0.0
        unit_limit = (limit - self.low) / (self.high - self.low)
        more = 2.0 ** np.arange(0, 24, 0.25)
        excess = self.n * unit_limit - self.total + more * (unit_limit - share)
        enough = log_evidence(excess, self.spread + more * each) >= wanted
        return int(more[int(np.argmax(enough))]) if enough.any() else None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {"n": self.n, "total": self.total, "spread": self.spread}

    def resume(self, values: dict[str, Any]) -> MeanSequence:
        """This one's range and guess with the observations that `to_json` wrote."""
        n, total, spread = int(values["n"]), float(values["total"]), float(values["spread"])
        return MeanSequence(self.low, self.high, self.guess, n, total, spread)
