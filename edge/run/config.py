"""How frames are counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import UsageError
from signs_edge.edge.metrics.abstention import checked_threshold
from signs_edge.edge.run.smoothing import SmoothingConfig


@dataclass(frozen=True)
class RunConfig:
    """How frames are counted.

    Attributes:
        contract: how a frame becomes a picture; comes with the model.
        min_confidence: below this probability, 0..1, a frame gets no count; the model's own is its `abstain_below`.
        min_confidence_found: the same where a finder saw the hand; None: no other.
        max_frames: stop after so many; None: never.
        smoothing: how counts are smoothed over the frames of one source; pictures of a folder each stand alone.

    >>> from signs_edge.edge.bundle.contract import Contract
    >>> RunConfig(Contract(), min_confidence=0.6).least(found=False)
    0.6
    """

    contract: Contract
    min_confidence: float = 0.0
    min_confidence_found: float | None = None
    max_frames: int | None = None
    smoothing: SmoothingConfig = field(default_factory=lambda: SmoothingConfig(half_life=0))

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        for threshold in (self.min_confidence, self.least(found=True)):
            checked_threshold(threshold)
        if self.max_frames is not None and self.max_frames < 1:
            raise UsageError(f"max-frames {self.max_frames} is not allowed: give at least 1")

    def least(self, found: bool) -> float:
        """The least confidence, 0..1, of a frame whose hand was found by a finder, or not."""
        other = self.min_confidence_found
        return other if found and other is not None else self.min_confidence
