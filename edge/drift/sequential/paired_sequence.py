"""Two models against the truth on the same frames: their difference in accuracy, at all times, and exactly at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from signs_edge.edge.drift.sequential.confidence_sequence import MeanSequence
from signs_edge.edge.metrics.agreement import PairedAccuracy
from signs_edge.edge.metrics.intervals import LEVEL, Interval
from signs_edge.edge.metrics.mcnemar import mcnemar


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
        return mcnemar(self.counts.only_first, self.counts.only_second)

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
