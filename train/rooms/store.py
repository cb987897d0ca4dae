"""The pictures of room sources in memory, encoded as they were read, and drawn from by weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import DataError
from signs_edge.edge.util.quiet import quiet_opencv
from signs_edge.train.rooms.frame import LabelledFrame, LabelledHand
from signs_edge.train.rooms.source import RoomSource

T = TypeVar("T")


@dataclass(frozen=True)
class WeightedChoice(Generic[T]):
    """Items in groups: a group is drawn by its weight, then one of its items evenly.

    Attributes:
        groups: none of them empty.
        shares: of the groups, which sum to 1.
    """

    groups: tuple[tuple[T, ...], ...]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, groups: Sequence[Sequence[T]], weights: Sequence[float]) -> WeightedChoice[T]:
        """Groups and their weights; empty groups are left out, and there may be no group at all."""
        kept = [(tuple(group), weight) for group, weight in zip(groups, weights, strict=True) if len(group)]
        total = sum(weight for _, weight in kept)
        return cls(tuple(group for group, _ in kept), tuple(weight / total for _, weight in kept))

    def __bool__(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.groups)

    def draw(self, rng: np.random.Generator) -> T:
        """One item."""
        group = self.groups[rng.choice(len(self.groups), p=self.shares)]
        return group[rng.integers(len(group))]


@dataclass(frozen=True)
class HandPlace:
    """One hand of one frame.

    Attributes:
        frame: index of the frame in the store.
        hand: what is known of it.
    """

    frame: int
    hand: LabelledHand


class FrameStore:
    """Frames of several sources. Reading is safe from several threads at once."""

    def __init__(self, sources: Sequence[RoomSource]) -> None:
        """Read the files of every source whose weight is above 0.

        Raises:
            DataError: a picture cannot be read or decoded, or no source has any weight.
        """
        self.frames: list[LabelledFrame] = []
        self._encoded: list[bytes] = []
        self._source_of: list[int] = []
        self._sources = [source for source in sources if source.weight > 0]
        for number, source in enumerate(self._sources):
            for frame in source.frames:
                try:
                    self._encoded.append(frame.path.read_bytes())
                except OSError as error:
                    raise DataError(
                        f"{frame.path} cannot be read ({error.strerror}): fetch the data set again"
                    ) from None
                self.frames.append(frame)
                self._source_of.append(number)
        if not self.frames:
            raise DataError("no picture to train on: give --data a folder with boxes and a weight above 0")

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.frames)

    def picture(self, index: int) -> Image:
        """A frame as (height, width, 3) uint8 RGB; DataError where it cannot be decoded."""
        quiet_opencv()
        picture = cv2.imdecode(np.frombuffer(self._encoded[index], np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            raise DataError(
                f"{self.frames[index].path} cannot be decoded as a picture: remove it or save it again as JPEG"
            )
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)

    def select(self, wanted: Callable[[LabelledFrame], bool]) -> WeightedChoice[int]:
        """Frames to draw from, each source by its weight."""
        return self._choice([index for index, frame in enumerate(self.frames) if wanted(frame)], lambda index: index)

    def hands(self, wanted: Callable[[LabelledHand], bool]) -> WeightedChoice[HandPlace]:
        """Hands to draw from, each source by its weight."""
        places = [
            HandPlace(index, hand) for index, frame in enumerate(self.frames) for hand in frame.hands if wanted(hand)
        ]
        return self._choice(places, lambda place: place.frame)

    def _choice(self, items: Sequence[T], frame_of: Callable[[T], int]) -> WeightedChoice[T]:
        groups: list[list[T]] = [[] for _ in self._sources]
        for item in items:
            groups[self._source_of[frame_of(item)]].append(item)
        return WeightedChoice.of(groups, [source.weight for source in self._sources])
