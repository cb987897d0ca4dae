"""What the counting network is shown: crops about hands in room frames, drawn hands before rooms, and squares without a hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.train.augment.camera_effects import photograph
from signs_edge.train.rooms.frame import LabelledHand
from signs_edge.train.rooms.geometry import about as bring
from signs_edge.train.rooms.geometry import area, overlap, turned, warp
from signs_edge.train.rooms.paste import paste
from signs_edge.train.rooms.store import HandPlace, WeightedChoice
from signs_edge.train.rooms.windows import RoomMaterial

UNKNOWN = -1
"""A finger whose state is not known, and the count of a picture without a hand."""
_MARGINS = (1.02, 1.3, 1.85)  # least, easiest and greatest side of a crop, as shares of the hand's
_DRAWN_MARGIN = 1.6  # greatest of a drawn hand, whose arm ends
_AWAY = 0.17  # how far the middle of a crop may be from the hand's, as a share of the crop's side
_TURN, _TURNED_FAR, _FAR = 16.0, 0.28, 115.0  # degrees; share of the hands turned up to the last
_TOUCHED = 0.08  # share of the smaller of a square and a hand from which on they touch
_COARSE = (0.22, 0.45)  # pixels of a hand far away, as a share of the crop's


@dataclass(frozen=True)
class CropShares:
    """What crops are made of: drawn hands, hands of drawn people, and squares without a hand; the rest are real hands."""

    drawn: float = 0.42
    people: float = 0.09
    nothing: float = 0.12


@dataclass(frozen=True)
class Crop:
    """One sample.

    Attributes:
        picture: (size, size, 3) uint8 RGB.
        count: 0 to 5, or `UNKNOWN` where no count is right.
        weight: of the count in the loss, 0..1.
        fingers: (5,) int8 from thumb to little finger: 1 raised, 0 folded, `UNKNOWN`.
    """

    picture: Image
    count: int
    weight: float
    fingers: npt.NDArray[np.int8]


class Crops:
    """Makes crops; the same ones for the same generator. Safe to call from several threads at once."""

    def __init__(self, material: RoomMaterial, shares: CropShares | None = None) -> None:
        """Sort the real and the drawn hands by what they show."""
        self._material, self._shares = material, shares or CropShares()
        store = material.store
        self._counts = [store.hands(_shows(count)) for count in range(6)]
        self._any = store.hands(_counted)
        self._lowered = store.hands(lambda hand: not hand.shown)
        self._frames = store.select(lambda frame: frame.complete)
        scenes = [(index, hand) for index in range(len(material.scenes)) for hand in material.scenes[index].hands]
        self._people = [(index, hand) for index, hand in scenes if _counted(hand) and hand.side >= 22]
        self._resting = [(index, hand) for index, hand in scenes if not hand.shown and hand.side >= 14]

    def make(self, rng: np.random.Generator, size: int, strength: float = 1.0) -> Crop:
        """One crop of so many pixels; `strength`, 0..1, is how far it is moved, turned and photographed."""
        shares, chance = self._shares, rng.random()
        if chance < shares.nothing:
            crop = self._nothing(rng, size, strength)
        elif chance < shares.nothing + shares.people and self._people:
            crop = self._of_scene(self._people, rng, size, strength)
        elif chance < shares.nothing + shares.people + shares.drawn and len(self._material.drawn):
            crop = self._drawn(rng, size, strength)
        else:
            crop = self._photographed(rng, size, strength)
        picture = crop.picture
        if rng.random() < 0.08 * strength:  # a hand far away
            few = max(8, round(size * rng.uniform(*_COARSE)))
            small = cv2.resize(picture, (few, few), interpolation=cv2.INTER_AREA)
            picture = np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8)
        taken = photograph(picture.astype(np.float32), rng, strength * rng.uniform(0.05, 0.85))
        return Crop(taken, crop.count, crop.weight, crop.fingers)

    def _photographed(self, rng: np.random.Generator, size: int, strength: float) -> Crop:
        """A real hand: half of them of a count that is drawn evenly, so that rare counts are not rare."""
        even = self._counts[int(rng.integers(6))]
        place = (even if even and rng.random() < 0.5 else self._any).draw(rng)
        return _labelled(self._cut(place, rng, size, strength), place.hand)

    def _drawn(self, rng: np.random.Generator, size: int, strength: float) -> Crop:
        drawn = self._material.drawn[int(rng.integers(len(self._material.drawn)))]
        matrix = _around(drawn.hand, rng, size, strength, _DRAWN_MARGIN)
        background = self._background(rng, size)
        if rng.random() < 0.3:  # a hand stands out of a darker room
            background = (background * rng.uniform(0.55, 0.95)).astype(np.uint8)
        return _labelled(paste(background, drawn, matrix, rng), drawn.hand)

    def _of_scene(
        self, hands: Sequence[tuple[int, LabelledHand]], rng: np.random.Generator, size: int, strength: float
    ) -> Crop:
        index, hand = hands[int(rng.integers(len(hands)))]
        matrix = _around(hand, rng, size, strength)
        return _labelled(warp(self._material.scenes[index].picture, matrix, (size, size)), hand)

    def _nothing(self, rng: np.random.Generator, size: int, strength: float) -> Crop:
        chance = rng.random()
        if chance < 0.12 and self._lowered:
            picture = self._cut(self._lowered.draw(rng), rng, size, strength)
        elif chance < 0.2 and self._resting:
            return self._of_scene(self._resting, rng, size, strength)
        else:
            picture = self._background(rng, size)
        return Crop(picture, UNKNOWN, 1.0, np.full(5, UNKNOWN, np.int8))

    def _cut(self, place: HandPlace, rng: np.random.Generator, size: int, strength: float) -> Image:
        return warp(self._material.store.picture(place.frame), _around(place.hand, rng, size, strength), (size, size))

    def _background(self, rng: np.random.Generator, size: int) -> Image:
        """A square without a hand: of a room, or of a real frame whose hands are all known, faces among them."""
        for _ in range(4 if rng.random() < 0.75 else 0):
            found = self._square(self._frames, rng, size)
            if found is not None:
                return found
        rooms = self._material.rooms
        room = rooms[rng.integers(len(rooms))]
        side = min(room.shape[:2]) * rng.uniform(0.25, 1)
        corner = np.asarray([room.shape[1] - side, room.shape[0] - side]) * rng.random(2)
        return warp(room, bring((float(corner[0]), float(corner[1])), (0, 0), turned(size / side, 0.0)), (size, size))

    def _square(self, frames: WeightedChoice[int], rng: np.random.Generator, size: int) -> Image | None:
        """A random square of a random frame; None where it touches a hand."""
        if not frames:
            return None
        index = frames.draw(rng)
        picture = self._material.store.picture(index)
        side = min(picture.shape[:2]) * float(np.exp(rng.uniform(np.log(0.18), 0)))
        left, top = (np.asarray([picture.shape[1] - side, picture.shape[0] - side]) * rng.random(2)).tolist()
        square = (left, top, left + side, top + side)
        for hand in self._material.store.frames[index].hands:
            if (hand.shown or not hand.certain) and overlap(hand.box, square) > _TOUCHED * min(side**2, area(hand.box)):
                return None
        return warp(picture, bring((left, top), (0, 0), turned(size / side, 0.0)), (size, size))


def targets(crops: Sequence[Crop], smoothing: float) -> npt.NDArray[np.float32]:
    """(n, 6) float32: one-hot, smoothed; the same for every count where no count is right (Hendrycks et al. 2019)."""
    wanted = np.full((len(crops), 6), smoothing / 6, np.float32)
    for row, crop in zip(wanted, crops, strict=True):
        if crop.count == UNKNOWN:
            row[:] = 1 / 6
        else:
            row[crop.count] += 1 - smoothing
    return wanted


def _around(
    hand: LabelledHand, rng: np.random.Generator, size: int, strength: float, greatest: float = _MARGINS[2]
) -> npt.NDArray[np.float64]:
    """The map of a square about a hand, near its middle, turned and mirrored at random, to the crop."""
    least, easiest = np.log(_MARGINS[:2])
    margin = float(np.exp(easiest + strength * (rng.uniform(least, np.log(greatest)) - easiest)))
    far = rng.random() < _TURNED_FAR * strength
    angle = np.deg2rad(rng.uniform(-_FAR, _FAR) if far else rng.normal(0, _TURN * strength))
    linear = turned(
        size / (hand.side * margin),
        angle,
        float(np.exp(rng.normal(0, 0.07 * strength))),
        mirror=bool(rng.random() < 0.5),
    )
    away = size * (0.5 + rng.uniform(-_AWAY, _AWAY, 2) * strength / margin)
    return bring(hand.centre, (float(away[0]), float(away[1])), linear)


def _counted(hand: LabelledHand) -> bool:
    return hand.shown and hand.certain and hand.count is not None


def _shows(count: int) -> Callable[[LabelledHand], bool]:
    return lambda hand: _counted(hand) and hand.count == count


def _labelled(picture: Image, hand: LabelledHand) -> Crop:
    if not _counted(hand) or hand.count is None:
        return Crop(picture, UNKNOWN, 1.0, np.full(5, UNKNOWN, np.int8))
    fingers = np.full(5, UNKNOWN, np.int8) if hand.fingers is None else np.asarray(hand.fingers, np.int8)
    return Crop(picture, hand.count, hand.trust, fingers)
