"""Whole camera frames made for the finder: a hand somewhere in a room, or none, and where it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.arrays import Image, Images
from signs_edge.edge.region.finder import HEIGHT, WIDTH
from signs_edge.train.augment.backgrounds import training_backgrounds
from signs_edge.train.augment.camera_effects import photograph
from signs_edge.train.augment.compose import View, lay_over, place, tone
from signs_edge.train.augment.people import add_person, load_faces
from signs_edge.train.hands.hands import Hands

VIEW = View(HEIGHT, WIDTH, smallest=0.14, largest=0.85)
NOWHERE = (0.0, 0.0, 0.0, 0.0)
_EMPTY = 0.3  # of the scenes show no hand
_ARM_SHARE = 0.25  # of these show an arm without one
_PERSON = 0.4  # of all show a person, whose head must not pass for a hand
_Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Scene:
    """One frame.

    Attributes:
        picture: (120, 160, 3) uint8 RGB.
        box: left, top, right, bottom of the hand without its arm, in pixels; `NOWHERE` without a hand.
    """

    picture: Image
    box: _Box


class Scenes:
    """Makes scenes from hands and backgrounds; the same ones for the same generator."""

    def __init__(self, hands: Hands, backgrounds: int, seed: int, *, unseen: bool = False) -> None:
        """Draw so many backgrounds, from which crops are taken; `unseen` takes faces that no training shows."""
        self._hands = hands
        self._faces = load_faces(unseen=unseen)
        self._backgrounds: Images = training_backgrounds(backgrounds, seed, size=WIDTH)

    def make(self, rng: np.random.Generator, strength: float) -> Scene:
        """One scene; `strength` 0 is mild light and little turning, 1 the full range."""
        square = self._backgrounds[rng.integers(len(self._backgrounds))]
        top = rng.integers(WIDTH - HEIGHT + 1)
        background = np.ascontiguousarray(square[top : top + HEIGHT])
        hand = self._hands.hands[rng.integers(len(self._hands.hands))]
        if rng.random() < _PERSON:
            background = add_person(background, self._faces, hand.image[hand.mask > 127].mean(axis=0), rng)
        empty = rng.random() < _EMPTY
        if empty and (rng.random() >= _ARM_SHARE or not hand.shape.arm.any()):
            return Scene(photograph(background.astype(np.float32), rng, strength), NOWHERE)
        placed = tone(place(hand, rng, strength, arm_only=empty, view=VIEW), rng, strength)
        picture = photograph(lay_over(placed, background, rng, strength), rng, strength)
        return Scene(picture, NOWHERE if empty else placed.box)
