"""A person in a scene who shows no hand: a head is round and of a skin's colour, and must not pass for a fist."""

from __future__ import annotations

from importlib import resources

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import RuntimeMissingError

Faces = npt.NDArray[np.float64]
"""(n, 25, 25) grey, 0..1, from eyebrows to chin."""
_TRAINED = 80  # of the 100 faces; the others judge
_FACES = 100  # the rest of the file are pictures without one
_PHOTO = 0.6  # of the heads have a photographed face, the others a drawn one or none


def load_faces(*, unseen: bool) -> Faces:
    """Faces that ship with scikit-image (a part of Labeled Faces in the Wild): those to train on, or with `unseen` the others.

    Raises:
        RuntimeMissingError: scikit-image is not installed.
    """
    try:
        path = resources.files("skimage") / "data" / "lfw_subset.npy"
        with resources.as_file(path) as file:
            faces = np.load(file)[:_FACES]
    except (ModuleNotFoundError, OSError) as error:
        raise RuntimeMissingError(
            "scikit-image is not installed, whose faces are in the finder's scenes: install signs-edge[train]"
        ) from error
    return np.asarray(faces[_TRAINED:] if unseen else faces[:_TRAINED], np.float64)


def add_person(background: Image, faces: Faces, skin: npt.NDArray[np.float64], rng: np.random.Generator) -> Image:
    """A head, perhaps with hair and a body, or just a round thing of a skin's colour.

    Args:
        background: (height, width, 3) uint8 RGB; stays as it is.
        faces: of `load_faces`.
        skin: (3,) mean colour of a hand, RGB 0..255, from which the head's colour differs a little.
        rng: of all chance.
    """
    canvas = background.copy()
    rows, columns = canvas.shape[:2]
    centre = rng.uniform((0, 0), (columns, 0.8 * rows))
    high = rng.uniform(0.12, 0.6) * rows / 2
    axes = np.array([high * rng.uniform(0.65, 0.9), high])
    skin = np.clip(skin * rng.uniform(0.5, 1.3) * rng.uniform(0.92, 1.08, 3), 0, 255)
    if rng.random() < 0.7:  # a body below, and a neck
        if rng.random() < 0.5:
            _ellipse(canvas, np.add(centre, (0, 1.1 * high)), axes * (0.5, 0.6), skin * 0.85)
        _ellipse(canvas, np.add(centre, (0, 2.6 * high)), axes * (2.4, 1.6), rng.uniform(10, 230, 3))
    if rng.random() < 0.7:  # hair behind
        hair = rng.uniform(5, 110) * np.array([1.0, 0.8, 0.7])
        _ellipse(canvas, np.add(centre, (0, -0.25 * high)), axes * rng.uniform(1.05, 1.25), hair)
    _ellipse(canvas, centre, axes, skin)
    if rng.random() < _PHOTO:
        _face(canvas, faces[rng.integers(len(faces))], centre, axes, skin, rng)
    elif rng.random() < 0.6:
        for side in (-0.4, 0.4):
            _ellipse(canvas, centre + axes * (side, -0.15), axes * 0.12, skin * 0.3)
        _ellipse(canvas, centre + axes * (0, 0.5), axes * (0.35, 0.08), skin * 0.6)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.4, 1.5)), np.uint8)


def _ellipse(
    canvas: Image, middle: npt.NDArray[np.float64], size: npt.NDArray[np.float64], colour: npt.NDArray[np.float64]
) -> None:
    x, y, wide, high = (round(float(value)) for value in (*middle, *size))
    cv2.ellipse(canvas, (x, y), (wide, high), 0, 0, 360, colour.tolist(), -1, cv2.LINE_AA)


def _face(
    canvas: Image,
    face: npt.NDArray[np.float64],
    centre: npt.NDArray[np.float64],
    axes: npt.NDArray[np.float64],
    skin: npt.NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """A grey face in a skin's colours into the head, its border soft."""
    wide, high = (max(4, round(2 * float(value))) for value in axes)
    grey = cv2.resize(face if rng.random() < 0.5 else face[:, ::-1], (wide, high), interpolation=cv2.INTER_CUBIC)
    level = max(0.1, float(np.median(grey)))
    colours = np.clip(skin * (np.clip(grey, 0, 1) / level)[..., None], 0, 255)
    mask = np.zeros((high, wide), np.float32)
    cv2.ellipse(mask, (wide // 2, high // 2), (int(0.42 * wide), int(0.46 * high)), 0, 0, 360, 1.0, -1)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.5, 0.05 * wide)), np.float32)[..., None]
    left, top = round(float(centre[0]) - wide / 2), round(float(centre[1]) - high / 2)
    rows, columns = canvas.shape[:2]
    y0, y1, x0, x1 = max(0, top), min(rows, top + high), max(0, left), min(columns, left + wide)
    if y0 >= y1 or x0 >= x1:
        return
    inside = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    there = canvas[y0:y1, x0:x1]
    there[:] = np.clip(there * (1 - soft[inside]) + colours[inside] * soft[inside], 0, 255).astype(np.uint8)
