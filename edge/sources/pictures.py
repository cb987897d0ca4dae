"""Picture files in a folder, with the labels that their places or names give them."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.cameras.config import Stopped
from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.request import Frames, SourceRequest
from signs_edge.edge.util.quiet import quiet_opencv

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".ppm", ".pgm", ".tif", ".tiff"})
_PART_FOLDERS = {"train": ("train", "train_signs"), "test": ("test", "test_signs")}
_LABELLED_NAME = re.compile(r"(\d+)_")


@dataclass(frozen=True)
class PictureFile:
    """A file and its label: the name of its folder, or what stands before `_` in `3_anything.jpg`; None if neither."""

    path: Path
    label: str | None


def is_picture(path: Path) -> bool:
    """Whether a file's name says that it is a picture."""
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")


def part_folder(folder: Path, part: str) -> Path | None:
    """The subfolder with the "train" or the "test" part of a data set that comes split; None where there is none."""
    return next((folder / name for name in _PART_FOLDERS[part] if (folder / name).is_dir()), None)


def list_pictures(folder: Path) -> Iterator[PictureFile]:
    """The pictures in a folder, in order of their names: its own by file name, then each subfolder's by folder name.

    `3_anything.jpg` in the folder itself has the label "3", as in the JPEG release of SIGNS; any picture in a
    subfolder `3/`, at whatever depth, has the label "3".
    """
    entries = sorted(folder.iterdir(), key=lambda path: path.name)
    for path in entries:
        if path.is_file() and is_picture(path):
            match = _LABELLED_NAME.match(path.name)
            yield PictureFile(path, match.group(1) if match else None)
    for subfolder in (path for path in entries if path.is_dir() and not path.name.startswith(".")):
        for path in sorted(subfolder.rglob("*")):
            if path.is_file() and is_picture(path):
                yield PictureFile(path, subfolder.name)


def labelled_picture(path: Path) -> PictureFile:
    """A picture with the label that its own name gives it, `3_anything.jpg`, or its folder, `3/` or `none/`."""
    match = _LABELLED_NAME.match(path.name)
    folder = path.parent.name
    return PictureFile(path, match.group(1) if match else folder if re.fullmatch(r"\d+|none", folder) else None)


def list_test_pictures(folder: Path) -> Iterator[PictureFile]:
    """As `list_pictures`, but of a split data set, with a `train` and a `test` part, the test part's.

    There the classes lie one level down: without this, all pictures would have the label "train" or "test".
    """
    test = part_folder(folder, "test") if part_folder(folder, "train") else None
    yield from list_pictures(test or folder)


def read_picture(path: Path) -> Image | None:
    """A file as (height, width, 3) uint8 BGR, turned upright as its EXIF says; None where it cannot be decoded."""
    try:
        encoded = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    if encoded.size == 0:
        return None
    quiet_opencv()
    try:
        picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if picture is None else picture.astype(np.uint8, copy=False)


def open_folder(request: SourceRequest) -> Frames | None:
    """Open the pictures of a folder, labelled."""
    if request.mode is None or not stat.S_ISDIR(request.mode):
        return None
    name = f"folder {str(request.path)!r}"
    return request.played(picture_frames(list_test_pictures(request.path), name, request.stopped))


def open_picture(request: SourceRequest) -> Frames | None:
    """Open one picture file."""
    if request.mode is None or stat.S_ISDIR(request.mode) or not is_picture(request.path):
        return None
    name = f"file {str(request.path)!r}"
    return request.played(picture_frames(iter([PictureFile(request.path, None)]), name, request.stopped))


def picture_frames(files: Iterator[PictureFile], name: str, stopped: Stopped) -> Iterator[Frame]:
    """Read pictures as frames; one that cannot be decoded is a frame without an image.

    Args:
        files: the pictures.
        name: where they come from, for messages.
        stopped: asked between pictures whether to end.

    Raises:
        SourceError: the folder cannot be read, or there is no picture.
    """
    index = -1
    try:
        for index, file in enumerate(files):
            if stopped():
                return
            yield Frame(index, read_picture(file.path), str(file.path), file.label)
    except OSError as error:
        raise SourceError(f"{name} cannot be read ({error.strerror}): check its permissions") from None
    if index < 0:
        raise SourceError(f"{name} holds no pictures: allowed are .jpg, .png and the like, in it or in subfolders")
