"""What stands behind a hand: drawn backdrops and crops of photographs, some for training, others kept for judging."""

from __future__ import annotations

from importlib import resources

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image, Images
from signs_edge.edge.errors import RuntimeMissingError
from signs_edge.edge.synthetic.backdrop import draw_backdrop
from signs_edge.edge.util.quiet import quiet
from signs_edge.train.augment.rooms import draw_room
from signs_edge.train.runs.work import Progress, silent

# Photographs that ship with scikit-image and show no hand. (name, rows that may be used); the astronaut's gloves are below.
TRAINING_PHOTOS = (
    ("motorcycle_left.png", 500),
    ("astronaut.png", 330),
    ("rocket.jpg", 427),
    ("ihc.png", 512),
    ("coins.png", 303),
    ("brick.png", 512),
    ("grass.png", 512),
    ("page.png", 191),
)
UNSEEN_PHOTOS = (("coffee.png", 400), ("chelsea.png", 300), ("gravel.png", 512), ("text.png", 172))
_PHOTO_SHARE, _ROOM_SHARE = 0.2, 0.25  # of the training backgrounds; the others are backdrops
_SMALLEST_CROP = 48  # pixels of a photograph


def training_backgrounds(n: int, seed: int, size: int = 64, progress: Progress = silent) -> Images:
    """Backgrounds without hands to train on: (n, size, size, 3) uint8 RGB; photographs, drawn rooms, drawn backdrops."""
    rng = np.random.default_rng([seed, 0xBAC])
    photos = _photos(TRAINING_PHOTOS)
    backgrounds = np.empty((n, size, size, 3), np.uint8)
    for number, (background, chance) in enumerate(zip(backgrounds, rng.random(n), strict=True)):
        progress("drawing backgrounds", number, n)
        if chance < _PHOTO_SHARE:
            background[:] = _crop(photos[rng.integers(len(photos))], rng, size)
        elif chance < _PHOTO_SHARE + _ROOM_SHARE:
            background[:] = draw_room(rng, size)
        else:
            background[:] = draw_backdrop(rng, (size, size))
    progress("drawing backgrounds", n, n)
    return backgrounds


def unseen_backgrounds(n: int, seed: int, size: int = 64) -> dict[str, Images]:
    """Kinds of background that no training shows, n of each: (n, size, size, 3) uint8 RGB by the kind's name."""
    rng = np.random.default_rng([seed, 0x5EE])
    photos = _photos(UNSEEN_PHOTOS)
    return {
        "photographs": np.stack([_crop(photos[index % len(photos)], rng, size) for index in range(n)]),
        "stripes": np.stack([_stripes(rng, size) for _ in range(n)]),
        "tiles": np.stack([_tiles(rng, size) for _ in range(n)]),
        "wood": np.stack([_wood(rng, size) for _ in range(n)]),
        "blinds and shadow": np.stack([_blinds(rng, size) for _ in range(n)]),
    }


def _photos(names: tuple[tuple[str, int], ...]) -> list[Image]:
    """The photographs as (height, width, 3) uint8 RGB."""
    try:
        folder = resources.files("skimage") / "data"
    except ModuleNotFoundError as error:
        raise RuntimeMissingError(
            "scikit-image is not installed, whose photographs are backgrounds: install signs-edge[train]"
        ) from error
    with quiet():  # libpng says on stderr that it dislikes the colour profiles of two of them
        return [_decode((folder / name).read_bytes())[:rows] for name, rows in names]


def _decode(content: bytes) -> Image:
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise RuntimeMissingError("scikit-image's photographs cannot be decoded: install signs-edge[train] again")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def _crop(photo: Image, rng: np.random.Generator, size: int) -> Image:
    """A random square of a photograph, mirrored at random, its colours as they are."""
    height, width = photo.shape[:2]
    side = int(_SMALLEST_CROP * (min(height, width) / _SMALLEST_CROP) ** rng.random())
    top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
    square = cv2.resize(photo[top : top + side, left : left + side], (size, size), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(square[:, :: rng.choice((-1, 1))])


def _two_colours(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    return rng.uniform(30, 230, 3) + rng.uniform(-40, 40, (2, 3))


def _waves(rng: np.random.Generator, size: int, cycles: tuple[float, float]) -> npt.NDArray[np.float64]:
    """(size, size, 1) from -1 to 1, rising and falling along a random direction."""
    angle, phase = rng.uniform(0, 2 * np.pi, 2)
    y, x = np.mgrid[0:size, 0:size] / size
    wave: npt.NDArray[np.float64] = np.sin(
        2 * np.pi * rng.uniform(*cycles) * (x * np.cos(angle) + y * np.sin(angle)) + phase
    )
    return wave[..., np.newaxis]


def _finish(picture: npt.NDArray[np.float64], rng: np.random.Generator) -> Image:
    noise = rng.normal(0, rng.uniform(0, 4), picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.2)) + noise, 0, 255).astype(np.uint8)


def _stripes(rng: np.random.Generator, size: int) -> Image:
    dark, light = _two_colours(rng)
    return _finish(np.where(_waves(rng, size, (2, 7)) > 0, light, dark), rng)


def _tiles(rng: np.random.Generator, size: int) -> Image:
    tile, joint = _two_colours(rng)
    pitch, offset = rng.integers(8, 25), rng.integers(0, 8, 2)
    y, x = np.mgrid[0:size, 0:size]
    joints = ((y + offset[0]) % pitch < 2) | ((x + offset[1]) % pitch < 2)
    return _finish(np.where(joints[..., np.newaxis], joint, tile), rng)


def _wood(rng: np.random.Generator, size: int) -> Image:
    """Skin's own range of colours, with grain: the hardest background for a hand."""
    base = np.array([165, 115, 75]) * rng.uniform(0.5, 1.3)
    grain = _waves(rng, size, (3, 8)) + 0.6 * _waves(rng, size, (8, 16)) * _waves(rng, size, (0.5, 2))
    return _finish(base * (1 + 0.1 * grain), rng)


def _blinds(rng: np.random.Generator, size: int) -> Image:
    wall, _ = _two_colours(rng)
    light = 0.7 + 0.3 * np.tanh(3 * _waves(rng, size, (3, 6))) * (_waves(rng, size, (0.3, 0.8)) > 0)
    return _finish(wall * light, rng)
