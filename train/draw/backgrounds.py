"""What is behind drawn hands and persons: given pictures, or drawn rooms and walls."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import DataError
from signs_edge.edge.sources.pictures import list_pictures, read_picture
from signs_edge.train.draw.room import draw_room

GIVEN_SHARE = 0.65  # of the backgrounds, if pictures are given; the others are drawn
ASPECT = (0.8, 1.25)  # how much a given picture is stretched, least and most


class Backgrounds:
    """Backgrounds of any size, each from a random number generator alone."""

    def __init__(self, folder: Path | None) -> None:
        """Look through a folder.

        Args:
            folder: of pictures without people, in subfolders too; `None` for drawn rooms only.

        Raises:
            DataError: the folder cannot be read or holds no pictures.
        """
        self._files: tuple[Path, ...] = ()
        if folder is None:
            return
        try:
            self._files = tuple(file.path for file in list_pictures(folder))
        except OSError as error:
            raise DataError(
                f"backgrounds {folder} cannot be read ({error.strerror}): give a folder of pictures"
            ) from None
        if not self._files:
            raise DataError(f"backgrounds {folder} holds no pictures: give a folder with pictures that show no people")

    def sample(self, rng: np.random.Generator, size: tuple[int, int]) -> Image:
        """A background, RGB (height, width, 3) uint8.

        Raises:
            DataError: a given picture cannot be decoded.
        """
        if not self._files or rng.random() > GIVEN_SHARE:
            return draw_room(rng, size)
        picture = _read(self._files[int(rng.integers(len(self._files)))])
        return _part(picture, rng, size)


@lru_cache(maxsize=128)
def _read(path: Path) -> Image:
    """A picture, RGB, made smaller if it is large."""
    frame = read_picture(path)
    if frame is None:
        raise DataError(f"{path} cannot be decoded as a picture: remove it or save it again as JPEG or PNG")
    shrink = 960 / max(frame.shape[:2])
    if shrink < 1:
        frame = np.asarray(cv2.resize(frame, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _part(picture: Image, rng: np.random.Generator, size: tuple[int, int]) -> Image:
    """A random part of a picture in the shape that is wanted, mirrored or not, lighter or darker."""
    tall, wide = picture.shape[:2]
    shape = size[1] / size[0] * float(rng.uniform(*ASPECT))
    high = min(tall, wide / shape) * float(rng.uniform(0.5, 1.0))
    broad = high * shape
    x, y = float(rng.random()) * (wide - broad), float(rng.random()) * (tall - high)
    part = picture[int(y) : max(int(y + high), int(y) + 2), int(x) : max(int(x + broad), int(x) + 2)]
    way = cv2.INTER_AREA if part.shape[0] > size[0] else cv2.INTER_LINEAR
    part = np.asarray(cv2.resize(part, size[::-1], interpolation=way), dtype=np.uint8)
    if rng.random() < 0.5:
        part = part[:, ::-1]
    return np.asarray(cv2.convertScaleAbs(part, alpha=float(rng.uniform(0.7, 1.25))), dtype=np.uint8)
