"""Frames are not independent: a hand is held before the camera. Which frames may count as separate observations."""

from __future__ import annotations

from dataclasses import dataclass

from signs_edge.edge.errors import UsageError


@dataclass(frozen=True)
class BlockRule:
    """Blocks of frames with a pause between them, so that no held pose is in two blocks.

    What is assumed of a camera: a pose is held for at most `hold` frames, and poses are independent of each other.
    Nothing is assumed of the frames of one pose: all may disagree, or none, or some. Then the means of blocks that lie
    `hold` frames apart are independent, and a mean, which lies in 0..1, is the unit of every test and interval here.
    With `BlockRule(1, 0)` each frame is a unit of its own, as is right for a folder of separate pictures.

    Attributes:
        frames: length of a block.
        hold: the longest time that a pose is held, in frames; the pause after each block.
        step: each `step`-th frame of a block is measured as a picture: those between are nearly the same picture, and
            measuring costs more than all else that is done on a frame.
    """

    frames: int = 32
    hold: int = 60
    step: int = 4

    def __post_init__(self) -> None:
        """Refuse lengths that mean nothing."""
        if self.frames < 1:
            raise UsageError(f"block of {self.frames} frames is not allowed: give at least 1")
        if self.hold < 0:
            raise UsageError(f"hold of {self.hold} frames is not allowed: give 0 for separate pictures, or more")
        if self.step < 1:
            raise UsageError(f"step of {self.step} frames is not allowed: give 1 for every frame of a block, or more")

    @property
    def period(self) -> int:
        """Frames from the start of one block to the start of the next."""
        return self.frames + self.hold

    def counts(self, frame: int) -> bool:
        """Whether the frame with that index, from 0, lies in a block, not in a pause."""
        return frame % self.period < self.frames

    def measures(self, frame: int) -> bool:
        """Whether that frame is one of a block that is measured; the first of a block always is."""
        place = frame % self.period
        return place < self.frames and place % self.step == 0

    def closes(self, frame: int) -> bool:
        """Whether that frame is the last of its block."""
        return frame % self.period == self.frames - 1
