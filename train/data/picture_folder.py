"""A folder of images by class: `0/ … 5/`, or `3_anything.jpg` as in the JPEG release of SIGNS."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.arrays import Image, Images, Labels
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import DataError
from signs_edge.edge.inference.preprocess import frame_to_picture
from signs_edge.edge.sources.pictures import PictureFile, list_pictures, read_picture

_HELP = "put the pictures of each class into a folder of its name (0/ … 5/), or name them 3_anything.jpg"


def read_folder(folder: Path) -> tuple[Images, Labels, tuple[str, ...]]:
    """Pictures (n, 64, 64, 3) uint8 RGB, labels (n,) int64 and the names of the classes, in the order of the names.

    A picture of another size is cropped to its centre square and resized as the device does with a frame.

    Raises:
        DataError: no pictures, a picture without label, one that cannot be decoded, an empty class folder; one line.
    """
    files = list(list_pictures(folder))
    if not files:
        raise DataError(f"{folder} holds no pictures: {_HELP}")
    unlabelled = next((file for file in files if file.label is None), None)
    if unlabelled:
        raise DataError(f"{unlabelled.path} has no label: {_HELP}")
    found = {str(file.label) for file in files}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith(".") and path.name not in found:
            raise DataError(f"class folder {path} holds no picture: put some in, or remove it")
    names = tuple(sorted(found, key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name)))
    labels = np.array([names.index(str(file.label)) for file in files], np.int64)
    return np.stack([read_as_device(file) for file in files]), labels, names


def read_hand_free(folder: Path) -> Images:
    """All pictures in a folder and its subfolders, whatever their names: (n, 64, 64, 3) uint8 RGB, brought to size.

    Raises:
        DataError: no such folder, no pictures, or one that cannot be decoded; one line.
    """
    try:
        files = list(list_pictures(folder))
    except OSError as error:
        raise DataError(
            f"hand-free folder {folder} cannot be read ({error.strerror}): give a folder of pictures that show no hand"
        ) from None
    if not files:
        raise DataError(f"hand-free folder {folder} holds no pictures: give one with pictures that show no hand")
    return np.stack([read_as_device(file) for file in files])


def read_as_device(file: PictureFile) -> Image:
    """A file as the device would see it: (64, 64, 3) uint8 RGB; DataError where it cannot be decoded or resized."""
    frame = read_picture(file.path)
    if frame is None:
        raise DataError(f"{file.path} cannot be decoded as a picture: remove it or save it again as JPEG or PNG")
    try:
        return frame_to_picture(frame, Contract())
    except cv2.error as error:
        raise DataError(f"{file.path} cannot be resized ({error.err}): remove it") from None
