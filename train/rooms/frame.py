"""A picture of a room and the hands that are known in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

Box = tuple[float, float, float, float]
"""left, top, right, bottom of a hand without its arm, in pixels of the picture as stored."""


@dataclass(frozen=True)
class LabelledHand:
    """One hand.

    Attributes:
        box: where it is.
        count: raised fingers, 0..5; None where it is not known, or where the hand shows something else.
        fingers: from thumb to little finger, True where raised; None where it is not known.
        shown: False for a hand that is lowered: the finder must not find it, and no count is right.
        certain: False where it may be no hand: it is learned neither as a hand nor as the lack of one.
        trust: weight of the count in the loss, 0..1; below 1 where a teacher gave it.
    """

    box: Box
    count: int | None = None
    fingers: tuple[bool, ...] | None = None
    shown: bool = True
    certain: bool = True
    trust: float = 1.0

    @property
    def side(self) -> float:
        """The longer side of the box, in pixels."""
        left, top, right, bottom = self.box
        return max(right - left, bottom - top)

    @property
    def centre(self) -> tuple[float, float]:
        """x and y of the middle of the box, in pixels."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2


@dataclass(frozen=True)
class LabelledFrame:
    """One picture file.

    Attributes:
        path: of the file.
        group: what may not be split between training and hold-out set: a person, a room, a burst, or the source itself.
        hands: all hands that are known; a picture that is not `complete` may show others.
        complete: whether every hand in it is known, so that the rest of the picture may be learned as hand-free.
    """

    path: Path
    group: str
    hands: tuple[LabelledHand, ...] = ()
    complete: bool = True
