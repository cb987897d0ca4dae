"""When did it change? Evidence, looked at after every observation, that a mean has risen above what is allowed.

A detector sums, over all times at which a change could have begun, bets on the observations since then: an e-detector
of Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric framework for sequential change detection",
arXiv:2203.03532, in its Shiryaev-Roberts form, with one difference: the times are weighted and the weights sum to 1 at
most, so that the sum is not only an e-detector but an e-process, and by Ville's inequality reaches 1/α *ever* with
probability α at most, not only rarely. Several bets are mixed, for the size of a change is not known either.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import UsageError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

START = 0.25  # of the weight is on a change before the first observation: a device that is wrong from the start
DECAY = 0.5  # weight after k observations falls as (k + PATIENCE)^-(1 + DECAY); the smaller, the slower
CEILING = math.exp(6.0)  # above the alarm level, evidence is cut off, so that the end of a drift is seen too


def start_weight(seen: npt.NDArray[Any], patience: float) -> Floats:
    """(...) the weight of a change right after `seen` (...) observations; summed over all from 0 on, 1 at most.

    Σ_{k≥1} s·K^s/(k + K)^{1+s} ≤ ∫_0^∞ = 1, with s = `DECAY` and K = `patience`.
    """
    later = DECAY * patience**DECAY / (np.maximum(seen, 1) + patience) ** (1 + DECAY)
    return np.asarray(np.where(seen == 0, START, (1 - START) * later), dtype=np.float64)


@dataclass(frozen=True)
class ChangeRule:
    """What is a change.

    Attributes:
        limit: the highest mean, 0..1, that is no change.
        alpha: probability, at most, of ever finding a change where there is none.
        rates: means after a change that are bet on, all above `limit`; any other is found too, only later.
        patience: observations up to which a change is equally likely at any time, about.
    """

    limit: float = 0.01
    alpha: float = 0.006
    rates: tuple[float, ...] = (0.03, 0.05, 0.1, 0.3, 0.7)
    patience: float = 5000.0

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if not 0 < self.limit < 1 or not 0 < self.alpha < 1:
            raise UsageError(f"limit {self.limit} and alpha {self.alpha} must both lie between 0 and 1")
        if not self.rates or not all(self.limit < rate < 1 for rate in self.rates):
            raise UsageError(f"rates {self.rates} must be one or more between the limit {self.limit} and 1")

    @property
    def bets(self) -> Floats:
        """(rates,) λ of the factor 1 + λ(y − limit), the best one for y of 0 or 1 with that rate."""
        rates = np.array(self.rates)
        return np.asarray((rates - self.limit) / (self.limit * (1 - self.limit)), dtype=np.float64)


class ChangeDetector:
    """One or more streams of observations in 0..1, each watched by itself.

    An observation y with weight w in 0..1 multiplies the evidence by 1 + λ·w·(y − limit), which has expectation 1 at
    most while the mean of w·(y − limit) is not above 0: what drawing with probability base/w for `base` makes of it.
    """

    def __init__(self, rule: ChangeRule, streams: int = 1, alphas: Floats | None = None) -> None:
        """Begin.

        Args:
            rule: of all streams.
            streams: their number.
            alphas: (streams,) of each its own, in place of the rule's.
        """
        self.rule = rule
        self._level: Floats = 1 / (np.full(streams, rule.alpha) if alphas is None else alphas)
        self._bets = rule.bets
        self._sums: Floats = np.zeros((streams, len(rule.rates)))
        self._seen: npt.NDArray[np.int64] = np.zeros(streams, np.int64)
        self.alarm: Bools = np.zeros(streams, bool)

    def update(self, values: Floats, weights: Floats, used: Bools) -> None:
        """Take one observation of each stream that has one.

        Args:
            values: (streams,) y in 0..1.
            weights: (streams,) w in 0..1.
            used: (streams,) whether there is one.
        """
        fresh = start_weight(self._seen, self.rule.patience)[:, None] / len(self._bets)
        factors = 1 + self._bets * (weights * (values - self.rule.limit))[:, None]
        sums = (self._sums + fresh) * factors
        # at one ceiling for the sum of all bets; cutting evidence off makes it smaller, and so stays valid
        sums *= np.minimum(1.0, CEILING * self._level / np.maximum(sums.sum(axis=1), 1e-300))[:, None]
        self._sums = np.where(used[:, None], sums, self._sums)
        self._seen = self._seen + used
        total = self._sums.sum(axis=1)
        # an alarm ends when the evidence is gone, not when it falls a little
        self.alarm = np.where(self.alarm, total > 1.0, total >= self._level)

    def forget(self, kept: int | None = None) -> None:
        """Drop the evidence and the alarm, but for the stream `kept`. Dropped is not counted again, so the level still holds."""
        dropped = np.arange(len(self.alarm)) != kept
        self._sums[dropped], self.alarm[dropped] = 0, False

    @property
    def log_evidence(self) -> Floats:
        """(streams,) ln of the evidence; an alarm begins at ln(1/alpha)."""
        return np.asarray(np.log(np.maximum(self._sums.sum(axis=1), 1e-300)), dtype=np.float64)

    @property
    def seen(self) -> npt.NDArray[np.int64]:
        """(streams,) number of observations."""
        return self._seen

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {"sums": self._sums.tolist(), "seen": self._seen.tolist(), "alarm": self.alarm.tolist()}

    def resume(self, values: dict[str, Any]) -> None:
        """Go on with what `to_json` wrote; ValueError where it is of other streams or rates."""
        sums = np.array(values["sums"], dtype=np.float64)
        if sums.shape != self._sums.shape:
            raise ValueError(f"detector state {sums.shape} is not {self._sums.shape}")
        self._sums, self._seen = sums, np.array(values["seen"], np.int64)
        self.alarm = np.array(values["alarm"], bool)
