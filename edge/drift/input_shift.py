"""Whether frames are still like the reference: a sequential test of each statistic, and which of them moved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.drift.sequential.change_detector import CEILING, start_weight
from signs_edge.edge.errors import UsageError
from signs_edge.edge.reference.quantiles import BINS, Reference
from signs_edge.edge.reference.statistics import STATISTICS

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TAILS = np.stack(
    [np.arange(BINS) <= last for last in (0, 1, 2)] + [np.arange(BINS) >= first for first in (5, 6, 7)]
).astype(np.float64)
"""(6, 8) which bins belong to which tail: the lowest 2 %, 10 %, 25 %, the highest 25 %, 10 %, 2 % of the reference."""
LOWER = 3  # of them are low tails
BETS = np.array([0.25, 0.5, 0.95])  # as shares of the largest bet that cannot lose everything
RECENT = 0.02  # weight of the newest block in the running mean


@dataclass(frozen=True)
class ShiftRule:
    """What is a shift.

    A tail that held a share q of the reference may hold up to q + z·√(q(1 − q)/n) + 1/n + `tolerance` of the frames:
    n pictures do not tell q exactly. More in a tail than that, in the long run, is a shift. Where the reference is of
    several groups, such as kinds of room, the highest of their bounds is allowed: a camera before a white wall is always
    as bright as the brightest of the rooms, and no mixture of groups holds more than one of them. A camera that stays
    in the middle half of the reference is no shift, however little it varies.

    Attributes:
        alpha: probability, at most, of ever finding a shift of any statistic where there is none.
        tolerance: 0..1, see above.
        z: see above; 3.5 standard errors are enough for all tails at once.
        patience: blocks up to which a shift is equally likely at any time, about.
    """

    alpha: float = 0.002
    tolerance: float = 0.05
    z: float = 3.5
    patience: float = 500.0

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if not 0 < self.alpha < 1 or not 0 <= self.tolerance < 0.5 or not self.z >= 0:
            raise UsageError(
                f"shift rule not allowed: alpha {self.alpha} (0 to 1), tolerance {self.tolerance} (0 to 0.5), z {self.z} (0 on)"
            )

    def allowed(self, reference: Reference) -> Floats:
        """(statistics, tails) the share of frames that each tail may hold, 0..1."""
        share, n = reference.groups @ TAILS.T, reference.sizes[:, None, None]
        bounds = share + self.z * np.sqrt(share * (1 - share) / n) + 1 / n + self.tolerance
        return np.asarray(bounds.max(axis=0), dtype=np.float64)


class ShiftDetector:
    """The detector of `change_detector`, of all statistics' tails at once, in one or more streams.

    An observation is the share of a block's frames in each bin: blocks are independent where frames are not
    (`held_frames`). The bets of all tails of one statistic are mixed, and the statistics share `alpha`.
    """

    def __init__(self, reference: Reference, rule: ShiftRule, streams: int = 1) -> None:
        self.rule = rule
        self._like = np.concatenate((reference.shares[None], reference.groups))
        allowed = np.minimum(rule.allowed(reference), 1.0)
        self._allowed = allowed
        self._bets: Floats = BETS / allowed[:, :, None]
        # a tail that may hold nearly all frames, as where most values are equal, cannot tell anything
        useful = (allowed < 0.8) * np.ones(BETS.shape)[:, None, None]
        useful = np.moveaxis(useful, 0, 2)
        self._prior: Floats = useful / np.maximum(useful.sum(axis=(1, 2), keepdims=True), 1)
        self._alpha = rule.alpha / len(STATISTICS)
        self._sums: Floats = np.zeros((streams, *self._bets.shape))
        self._seen: npt.NDArray[np.int64] = np.zeros((streams, len(STATISTICS)), np.int64)
        self.alarm: Bools = np.zeros((streams, len(STATISTICS)), bool)
        self.recent: Floats = np.repeat(reference.shares[None], streams, axis=0)

    def update(self, blocks: Floats, used: Bools) -> None:
        """Take a block.

        Args:
            blocks: (streams, statistics, 8) share of the block's frames in each bin, 0..1.
            used: (streams, statistics) whether the block has a value of that statistic.
        """
        tails = blocks @ TAILS.T
        fresh = start_weight(self._seen, self.rule.patience)[:, :, None, None] * self._prior
        sums = (self._sums + fresh) * (1 + self._bets * (tails - self._allowed)[..., None])
        total = sums.sum(axis=(2, 3))
        sums *= np.minimum(1.0, CEILING / self._alpha / np.maximum(total, 1e-300))[:, :, None, None]
        self._sums = np.where(used[:, :, None, None], sums, self._sums)
        total = self._sums.sum(axis=(2, 3))
        self.alarm = np.where(self.alarm, total > 1.0, total >= 1 / self._alpha)
        self._seen = self._seen + used
        self.recent = np.where(used[:, :, None], self.recent + RECENT * (blocks - self.recent), self.recent)

    def forget(self, statistics: list[int]) -> None:
        """Drop the evidence and the alarm of some statistics; see `ChangeDetector.forget`."""
        self._sums[:, statistics] = 0
        self.alarm[:, statistics] = False

    @property
    def log_evidence(self) -> Floats:
        """(streams, statistics) ln of the evidence; an alarm begins at ln(statistics / alpha)."""
        return np.asarray(np.log(np.maximum(self._sums.sum(axis=(2, 3)), 1e-300)), dtype=np.float64)

    @property
    def alarm_level(self) -> float:
        """ln of the evidence at which an alarm begins."""
        return math.log(1 / self._alpha)

    @property
    def distance(self) -> Floats:
        """(streams, statistics) how far recent blocks are from the reference, 0..1.

        The total variation ½Σ|share − reference's| from all its pictures, or from the group that is nearest.
        """
        apart = np.abs(self.recent[:, None] - self._like).sum(axis=3) / 2
        return np.asarray(apart.min(axis=1), dtype=np.float64)

    @property
    def lower(self) -> Bools:
        """(streams, statistics) whether the evidence is of low values rather than of high ones."""
        low = self._sums[:, :, :LOWER].sum(axis=(2, 3))
        return np.asarray(low > self._sums[:, :, LOWER:].sum(axis=(2, 3)), dtype=np.bool_)

    @property
    def seen(self) -> npt.NDArray[np.int64]:
        """(streams, statistics) number of blocks."""
        return self._seen

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "sums": self._sums.reshape(len(self._sums), -1).tolist(),
            "seen": self._seen.tolist(),
            "alarm": self.alarm.tolist(),
            "recent": self.recent.tolist(),
        }

    def resume(self, values: dict[str, Any]) -> None:
        """Go on with what `to_json` wrote; ValueError where it is of other streams or statistics."""
        self._sums = np.array(values["sums"], np.float64).reshape(self._sums.shape)
        self._seen = np.array(values["seen"], np.int64).reshape(self._seen.shape)
        self.alarm = np.array(values["alarm"], bool).reshape(self.alarm.shape)
        self.recent = np.array(values["recent"], np.float64).reshape(self.recent.shape)
