"""Where the hand is, frame after frame: found by the finder, kept while it stays, looked for again where it may have gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import UsageError
from signs_edge.edge.region.square import Square, centre_of


class Region(Protocol):
    """Which squares of a frame are looked at."""

    @property
    def found(self) -> bool:
        """Whether the last squares lie about a hand that was found, not at a place that was chosen."""

    def check(self, width: int, height: int) -> None:
        """Refuse to begin with frames of so many pixels: UsageError where no part of it lies in them."""

    def squares(self, frame: Image) -> tuple[Square, ...]:
        """Of the next frame; none where there is no hand."""

    def told(self, sure: bool) -> None:
        """Whether the answer to these squares was a count."""

    def reset(self) -> None:
        """What comes next has nothing to do with what was."""


@dataclass(frozen=True)
class CentreRegion:
    """The largest square about the centre, always."""

    found = False

    def reset(self) -> None:
        """Nothing to forget."""

    def check(self, width: int, height: int) -> None:
        """Every frame has a centre."""

    def squares(self, frame: Image) -> tuple[Square, ...]:
        """The one."""
        return (centre_of(frame),)

    def told(self, sure: bool) -> None:
        """Nothing to learn from it."""


@dataclass(frozen=True)
class FixedRegion:
    """A part of the frame that the user chose: the smallest square that holds it.

    Attributes:
        x, y, width, height: in pixels of the frame.
    """

    x: int
    y: int
    width: int
    height: int
    found = False

    def reset(self) -> None:
        """Nothing to forget."""

    def __post_init__(self) -> None:
        """Refuse what is no part of a frame."""
        if min(self.x, self.y) < 0 or min(self.width, self.height) < 8:
            raise UsageError(
                f"roi {self.x},{self.y},{self.width},{self.height} is not allowed: x and y from 0, width and height from 8 pixels"
            )

    def check(self, width: int, height: int) -> None:
        """Refuse to begin with frames of so many pixels: UsageError where no part of it lies in them."""
        if self._is_outside(width, height):
            raise UsageError(
                f"roi {self.x},{self.y},{self.width},{self.height} lies outside the frame of {width}x{height} pixels: "
                f"give x below {width} and y below {height}, or auto"
            )

    def squares(self, frame: Image) -> tuple[Square, ...]:
        """The one; of a frame that it lies outside of, as a camera may change to, the centre."""
        if self._is_outside(frame.shape[1], frame.shape[0]):
            return (centre_of(frame),)
        side = max(self.width, self.height)
        return (Square(self.x + (self.width - side) // 2, self.y + (self.height - side) // 2, side),)

    def told(self, sure: bool) -> None:
        """Nothing to learn from it."""

    def _is_outside(self, width: int, height: int) -> bool:
        return self.x >= width or self.y >= height


def parse_roi(text: str) -> FixedRegion | str:
    """`auto` and `center` as they are; "x,y,w,h" as a region; UsageError otherwise."""
    if text in ("auto", "center"):
        return text
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"roi {text!r} is not allowed: give auto, center, or x,y,w,h in pixels such as 200,80,320,320"
        ) from None
    return FixedRegion(x, y, width, height)
