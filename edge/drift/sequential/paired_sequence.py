"""Two models against the truth on the same frames: their difference in accuracy, at all times, and exactly at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from signs_edge.edge.drift.sequential.confidence_sequence import MeanSequence
from signs_edge.edge.metrics.agreement import PairedAccuracy
from signs_edge.edge.metrics.intervals import LEVEL, Interval


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided p of McNemar's exact test that both models are equally accurate, 0..1.

    Of b + c pictures that just one has right, b are the first's: p = min(1, 2·P(Bin(b + c, ½) ≤ min(b, c))). For one
    look at the end; looked at again and again it is wrong. It takes pictures as independent.

    Source: McNemar, Psychometrika 12 (1947); Fagerland et al., BMC Medical Research Methodology 13:91 (2013).
    """
    n, least = only_first + only_second, min(only_first, only_second)
    if n == 0:
        return 1.0
    # in logarithms, for 2^n is beyond any float from n = 1024 on
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(least + 1)]
    return min(1.0, 2 * math.fsum(math.exp(value - n * math.log(2)) for value in logs))


@dataclass(frozen=True)
class PairedSequence:
    """Both models' hits on labelled frames.

    Attributes:
        counts: of all labelled frames.
        differences: of the blocks, each the mean over its frames of (first right) − (second right), −1..1.
        block: sum of the differences and number of frames in the block that is not closed yet.
    """

    counts: PairedAccuracy = field(default_factory=lambda: PairedAccuracy(0, 0, 0, 0))
    differences: MeanSequence = field(default_factory=lambda: MeanSequence(low=-1.0, high=1.0, guess=0.0))
    block: tuple[int, int] = (0, 0)

    def add(self, first: bool, second: bool, in_block: bool = True) -> PairedSequence:
        """With one frame more; one in the pause between blocks adds to the counts only."""
        old = self.counts
        counts = PairedAccuracy(
            old.both + (first and second),
            old.only_first + (first and not second),
            old.only_second + (second and not first),
            old.n + 1,
        )
        block = (self.block[0] + first - second, self.block[1] + 1) if in_block else self.block
        return PairedSequence(counts, self.differences, block)

    def close_block(self) -> PairedSequence:
        """With the block ended."""
        total, frames = self.block
        return PairedSequence(self.counts, self.differences.add(total / frames)) if frames else self

    @property
    def interval(self) -> Interval | None:
        """Of first minus second, valid at all times at `LEVEL`; None before a block has ended."""
        return self.differences.interval(LEVEL)

    @property
    def p_equal(self) -> float:
        """McNemar's exact p, for one look at the end, of separate pictures."""
        return mcnemar_exact(self.counts.only_first, self.counts.only_second)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object: the state."""
        counts = self.counts
        return {
            "counts": [counts.both, counts.only_first, counts.only_second, counts.n],
            "differences": self.differences.to_json(),
            "block": list(self.block),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> PairedSequence:
        """The sequence that `to_json` wrote."""
        both, only_first, only_second, n = map(int, values["counts"])
        total, frames = map(int, values["block"])
        empty = cls()
        counts = PairedAccuracy(both, only_first, only_second, n)
        return cls(counts, empty.differences.resume(values["differences"]), (total, frames))
