"""Whole camera frames made for the finder: a hand somewhere in a room, or none, and where it is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.finder import HEIGHT, WIDTH
from signs_edge.edge.images import Image, Images
from signs_edge.train.backgrounds import training_backgrounds
from signs_edge.train.camera_effects import photograph
from signs_edge.train.compose import View, lay_over, place, tone
from signs_edge.train.hands import Hands

VIEW = View(HEIGHT, WIDTH, smallest=0.14, largest=0.85)
NOWHERE = (0.0, 0.0, 0.0, 0.0)
_EMPTY = 0.2  # of the scenes show no hand
_ARM_SHARE = 0.25  # of these show an arm without one
_PERSON = 0.3  # of all have something of a skin's colour in them that is no hand
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

    def __init__(self, hands: Hands, backgrounds: int, seed: int) -> None:
        """Draw so many backgrounds, from which crops are taken."""
        self._hands = hands
        self._backgrounds: Images = training_backgrounds(backgrounds, seed, size=WIDTH)

    def make(self, rng: np.random.Generator, strength: float) -> Scene:
        """One scene; `strength` 0 is mild light and little turning, 1 the full range."""
        square = self._backgrounds[rng.integers(len(self._backgrounds))]
        top = rng.integers(WIDTH - HEIGHT + 1)
        background = np.ascontiguousarray(square[top : top + HEIGHT])
        hand = self._hands.hands[rng.integers(len(self._hands.hands))]
        if rng.random() < _PERSON:
            background = _somebody(background, hand.image[hand.mask > 127].mean(axis=0), rng)
        empty = rng.random() < _EMPTY
        if empty and (rng.random() >= _ARM_SHARE or not hand.shape.arm.any()):
            return Scene(photograph(background.astype(np.float32), rng, strength), NOWHERE)
        placed = tone(place(hand, rng, strength, arm_only=empty, view=VIEW), rng, strength)
        picture = photograph(lay_over(placed, background, rng, strength), rng, strength)
        return Scene(picture, NOWHERE if empty else placed.box)


def _somebody(background: Image, skin: npt.NDArray[np.float64], rng: np.random.Generator) -> Image:
    """A head, perhaps with hair and a body, or just a round thing of a skin's colour: what must not pass for a hand."""
    canvas = background.copy()
    centre = rng.uniform((0, 0), (WIDTH, 0.8 * HEIGHT))
    height = rng.uniform(0.12, 0.6) * HEIGHT / 2
    axes = np.array([height * rng.uniform(0.6, 0.9), height])
    skin = np.clip(skin * rng.uniform(0.5, 1.3) * rng.uniform(0.92, 1.08, 3), 0, 255)

    def ellipse(
        middle: npt.NDArray[np.float64], size: npt.NDArray[np.float64], colour: npt.NDArray[np.float64]
    ) -> None:
        whole = [round(float(v)) for v in (*middle, *size)]
        cv2.ellipse(canvas, (whole[0], whole[1]), (whole[2], whole[3]), 0, 0, 360, colour.tolist(), -1, cv2.LINE_AA)

    if rng.random() < 0.6:  # a body below
        ellipse(np.add(centre, (0, 2.6 * height)), axes * (2.4, 1.6), rng.uniform(10, 230, 3))
    if rng.random() < 0.6:  # hair behind
        ellipse(np.add(centre, (0, -0.25 * height)), axes * 1.12, rng.uniform(5, 110) * np.array([1.0, 0.8, 0.7]))
    ellipse(centre, axes, skin)
    if rng.random() < 0.6:
        for side in (-0.4, 0.4):
            ellipse(centre + axes * (side, -0.15), axes * 0.12, skin * 0.3)
        ellipse(centre + axes * (0, 0.5), axes * (0.35, 0.08), skin * 0.6)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.4, 1.5)), np.uint8)
