"""One drawn picture after another, each from its number alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.synthetic.mesh.hand import HandModel, draw_hand
from signs_edge.edge.synthetic.mesh.light import Light
from signs_edge.train.draw.backgrounds import Backgrounds
from signs_edge.train.draw.config import DrawConfig
from signs_edge.train.draw.parts import get_hand, get_people
from signs_edge.train.draw.scene import draw_scene
from signs_edge.train.draw.scene_truth import scene_truth
from signs_edge.train.draw.shape import PersonModel

COUNT_SHARES = (0.14, 0.17, 0.17, 0.18, 0.18, 0.16)
NOISE = 4.0  # grey levels: the most that a camera's noise deviates by
LEAST_VISIBLE, LEAST_SIDE = 0.4, 10.0  # share of a hand, and pixels of its box, for a picture to be of its class
NO_COUNT = "none"


@dataclass(frozen=True)
class Drawn:
    """A picture and what is in it.

    Attributes:
        image: RGB (height, width, 3) uint8.
        label: the count that it shows, `0` to `5`, or `none`.
        truth: what is in it, as JSON knows it: `hands` (each with `raised`, `count`, `fingers`, `box`, `angle`,
            `side`, `distance`, ...), `tone` or `persons`, and `light`.
    """

    image: Image
    label: str
    truth: dict[str, Any]


class Drawer(Protocol):
    """Draws picture number i."""

    def draw(self, number: int) -> Drawn:
        """Draw a picture; the same number gives the same picture."""


class HandDrawer:
    """Draws hands, one in each picture."""

    def __init__(self, config: DrawConfig) -> None:
        self._config = config
        self._model = HandModel(get_hand(config.hand))
        self._backgrounds = Backgrounds(config.backgrounds)

    def draw(self, number: int) -> Drawn:
        """Draw a hand before a background."""
        rng = np.random.default_rng((self._config.seed, 0, number))
        count = int(rng.choice(len(COUNT_SHARES), p=COUNT_SHARES))
        side = self._config.side
        drawing = draw_hand(self._model, count, rng, side)
        picture = drawing.over(self._backgrounds.sample(rng, (side, side)))
        hand = drawing.truth.to_json() | {"raised": True, "visible": 1.0, "distance": round(drawing.distance, 2)}
        light = {"kind": drawing.light, "exposure": round(drawing.exposure, 3)}
        return Drawn(
            add_noise(picture, rng), str(count), {"hands": [hand], "tone": round(drawing.tone, 1), "light": light}
        )


class PeopleDrawer:
    """Draws persons in rooms."""

    def __init__(self, config: DrawConfig) -> None:
        self._config = config
        self._model = PersonModel(get_people(), get_hand("capsules").bind)
        self._backgrounds = Backgrounds(config.backgrounds)

    def draw(self, number: int) -> Drawn:
        """Draw a scene before a background."""
        rng = np.random.default_rng((self._config.seed, 1, number))
        size = (self._config.height, self._config.width)
        drawing = draw_scene(self._model, rng, size)
        picture = drawing.over(self._backgrounds.sample(rng, size))
        persons = scene_truth(self._model, drawing)
        hands = [hand | {"person": index} for index, person in enumerate(persons) for hand in person.pop("hands")]
        truth = {"hands": hands, "persons": persons, "light": _light(drawing.light)}
        return Drawn(add_noise(picture, rng), _label(hands), truth)


def make_drawer(config: DrawConfig) -> Drawer:
    """A drawer of what is wanted; fetches the meshes if they are not there.

    Raises:
        DataError: a mesh or a background is not what it should be.
    """
    return HandDrawer(config) if config.what == "hands" else PeopleDrawer(config)


def _light(light: Light) -> dict[str, Any]:
    return {"kind": light.kind, "exposure": round(light.exposure, 3)}


def _label(hands: list[dict[str, Any]]) -> str:
    """The count of the largest hand that is shown and can be seen."""
    shown = [
        hand for hand in hands if hand["raised"] and hand["visible"] >= LEAST_VISIBLE and _side(hand) >= LEAST_SIDE
    ]
    return str(max(shown, key=_side)["count"]) if shown else NO_COUNT


def _side(hand: dict[str, Any]) -> float:
    left, top, right, bottom = hand["box"]
    return float(max(right - left, bottom - top))


def add_noise(picture: Image, rng: np.random.Generator) -> Image:
    """A camera's noise, the same for all channels as JPEG and demosaicing leave it."""
    strength = float(rng.uniform(0, NOISE))
    grain = rng.normal(0, strength, (*picture.shape[:2], 1)).astype(np.float32)
    return np.asarray(np.clip(picture + grain, 0, 255).round(), dtype=np.uint8)
