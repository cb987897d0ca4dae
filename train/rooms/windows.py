"""What the finder is shown: windows of room frames at any zoom, four at once, with drawn hands in them, and rooms without a hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from signs_edge.edge.arrays import Image, Images
from signs_edge.train.augment.camera_effects import photograph
from signs_edge.train.rooms.drawn import DrawnHands, DrawnScenes
from signs_edge.train.rooms.frame import LabelledFrame, LabelledHand
from signs_edge.train.rooms.geometry import about, area, map_box, overlap, turned, warp
from signs_edge.train.rooms.paste import paste
from signs_edge.train.rooms.store import FrameStore

_WHOLE = 0.35  # of the windows show the whole frame, as the device does; the others one hand at a wanted size
_SMALLEST, _LARGEST = 0.06, 0.85  # of that hand, as shares of the window's height
_PASTED = (0.055, 0.75)  # the same of a drawn hand
_COVERED = 0.3  # share of a hand that another covers, from which on it is learned neither as a hand nor as none
_LEFT_OVER = 0.05  # share of a hand inside its part of a mosaic, below which it is not there
_WHOLE_ENOUGH = 0.6


@dataclass(frozen=True)
class RoomShares:
    """What windows are made of.

    Attributes:
        scenes: share of drawn people.
        frames, mosaics, pasted, empty: shares of the others: real frames, four of them at half the size, real frames and empty
            rooms with drawn hands, and pictures without a hand.
    """

    scenes: float = 0.3
    frames: float = 0.5
    mosaics: float = 0.12
    pasted: float = 0.24
    empty: float = 0.14


@dataclass(frozen=True)
class Window:
    """One sample.

    Attributes:
        picture: (height, width, 3) uint8 RGB.
        hands: boxes in its pixels; they may reach beyond it.
    """

    picture: Image
    hands: tuple[LabelledHand, ...] = ()


@dataclass(frozen=True)
class RoomMaterial:
    """What there is to draw from.

    Attributes:
        store: the real frames.
        drawn: hands; may be empty.
        scenes: people; may be empty.
        rooms: (n, h, w, 3) uint8 RGB without people.
    """

    store: FrameStore
    drawn: DrawnHands
    scenes: DrawnScenes
    rooms: Images


class Windows:
    """Makes windows; the same ones for the same generator. Safe to call from several threads at once."""

    def __init__(self, material: RoomMaterial, shares: RoomShares | None = None) -> None:
        """Sort the frames into those with a hand that is shown, and those known to have none."""
        self._material, self._shares = material, shares or RoomShares()
        self._with_hands = material.store.select(lambda frame: any(_is_hand(hand) for hand in frame.hands))
        self._without = material.store.select(
            lambda frame: frame.complete and not any(hand.shown for hand in frame.hands)
        )

    def make(self, rng: np.random.Generator, height: int, width: int, strength: float = 1.0) -> Window:
        """One window of so many pixels, photographed at most at that strength, 0..1."""
        window = self._made(rng, height, width)
        return replace(
            window, picture=photograph(window.picture.astype(np.float32), rng, strength * rng.uniform(0.15, 1))
        )

    def _made(self, rng: np.random.Generator, height: int, width: int) -> Window:
        shares, scenes = self._shares, self._material.scenes
        if len(scenes) and rng.random() < shares.scenes:
            scene = scenes[int(rng.integers(len(scenes)))]
            return self._view(scene.picture, scene.hands, rng, height, width)
        kinds = [shares.frames, shares.mosaics, shares.pasted if len(self._material.drawn) else 0.0, shares.empty]
        kind = rng.choice(4, p=np.asarray(kinds) / sum(kinds))
        if kind == 0:
            return self._frame(rng, height, width)
        if kind == 1:
            return self._mosaic(rng, height, width)
        empty = kind == 3 or rng.random() < 0.4
        window = self._empty(rng, height, width) if empty else self._frame(rng, height, width)
        for _ in range(0 if kind == 3 else 1 if rng.random() < 0.7 else 2):
            window = self._with_drawn(window, rng)
        return window

    def _frame(self, rng: np.random.Generator, height: int, width: int) -> Window:
        if not self._with_hands:
            return self._empty(rng, height, width)
        index = self._with_hands.draw(rng)
        return self._view(
            self._material.store.picture(index), self._material.store.frames[index].hands, rng, height, width
        )

    def _empty(self, rng: np.random.Generator, height: int, width: int) -> Window:
        if self._without and rng.random() < 0.75:
            index = self._without.draw(rng)
            frame: LabelledFrame = self._material.store.frames[index]
            return self._view(self._material.store.picture(index), frame.hands, rng, height, width)
        return Window(self._room(rng, height, width))

    def _room(self, rng: np.random.Generator, height: int, width: int) -> Image:
        """Part of a room without people."""
        room = self._material.rooms[rng.integers(len(self._material.rooms))]
        zoom = max(height / room.shape[0], width / room.shape[1]) * np.exp(rng.uniform(0, 0.5))
        slack = np.asarray([room.shape[1] - width / zoom, room.shape[0] - height / zoom]) * rng.random(2)
        return warp(room, about((float(slack[0]), float(slack[1])), (0, 0), turned(zoom, 0.0)), (height, width))

    def _view(
        self, picture: Image, hands: tuple[LabelledHand, ...], rng: np.random.Generator, height: int, width: int
    ) -> Window:
        """A window of a picture, zoomed, moved, turned a little, stretched a little and mirrored at random."""
        rows, columns = picture.shape[:2]
        whole = min(height / rows, width / columns)
        shown = [hand for hand in hands if _is_hand(hand)]
        if not shown or rng.random() < _WHOLE:
            zoom = whole * float(np.exp(rng.uniform(-0.05, 0.35)))
            centre = (columns * rng.uniform(0.4, 0.6), rows * rng.uniform(0.4, 0.6))
        else:
            hand = shown[rng.integers(len(shown))]
            wanted = height * float(np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST))))
            zoom = float(np.clip(wanted / hand.side, 0.55 * whole, 2.2))
            reach = (
                rng.uniform(-0.95, 0.95, 2) * np.maximum(np.asarray([width, height]) / zoom - 0.9 * hand.side, 0) / 2
            )
            centre = (hand.centre[0] + float(reach[0]), hand.centre[1] + float(reach[1]))
        angle = rng.normal(0, 0.1) if rng.random() < 0.9 else rng.choice((-1, 1)) * rng.uniform(0.4, 1.6)
        linear = turned(zoom, angle, float(np.exp(rng.normal(0, 0.08))), mirror=bool(rng.random() < 0.5))
        matrix = about(centre, (width / 2, height / 2), linear)
        beyond = self._room(rng, height, width) if zoom < 0.97 * whole else None
        moved = tuple(replace(hand, box=map_box(hand.box, matrix)) for hand in hands)
        return Window(warp(picture, matrix, (height, width), beyond), moved)

    def _mosaic(self, rng: np.random.Generator, height: int, width: int) -> Window:
        """Four windows side by side: small hands, several at once."""
        y, x = int(height * rng.uniform(0.4, 0.6)), int(width * rng.uniform(0.4, 0.6))
        picture, hands = np.empty((height, width, 3), np.uint8), []
        for top, bottom, left, right in ((0, y, 0, x), (0, y, x, width), (y, height, 0, x), (y, height, x, width)):
            make = self._frame if rng.random() < 0.8 else self._empty
            part = make(rng, bottom - top, right - left)
            picture[top:bottom, left:right] = part.picture
            inside = (0.0, 0.0, float(right - left), float(bottom - top))
            for hand in part.hands:
                seen = overlap(hand.box, inside) / area(hand.box)
                if seen >= _LEFT_OVER:
                    box = (hand.box[0] + left, hand.box[1] + top, hand.box[2] + left, hand.box[3] + top)
                    hands.append(replace(hand, box=box, certain=hand.certain and seen > _WHOLE_ENOUGH))
        return Window(picture, tuple(hands))

    def _with_drawn(self, window: Window, rng: np.random.Generator) -> Window:
        drawn = self._material.drawn[int(rng.integers(len(self._material.drawn)))]
        height, width = window.picture.shape[:2]
        zoom = height * float(np.exp(rng.uniform(*np.log(_PASTED)))) / drawn.hand.side
        to = (width * rng.uniform(0.02, 0.98), height * rng.uniform(0.02, 0.98))
        matrix = about(drawn.hand.centre, to, turned(zoom, rng.normal(0, 0.15), mirror=bool(rng.random() < 0.5)))
        box = map_box(drawn.hand.box, matrix)
        others = tuple(
            replace(hand, certain=False) if overlap(hand.box, box) > _COVERED * area(hand.box) else hand
            for hand in window.hands
        )
        return Window(paste(window.picture, drawn, matrix, rng), (*others, replace(drawn.hand, box=box)))


def _is_hand(hand: LabelledHand) -> bool:
    return hand.shown and hand.certain
