"""A data source of room frames: class folders, boxes or both, with a weight; several are mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from signs_edge.edge.errors import DataError, UsageError
from signs_edge.edge.prediction import NO_HAND
from signs_edge.edge.sources.pictures import is_picture
from signs_edge.train.rooms.boxes import count_named, read_boxes
from signs_edge.train.rooms.frame import LabelledFrame

LOWERED = "lowered"
"""The class folder of pictures whose hands are lowered: in view, but showing nothing."""


@dataclass(frozen=True)
class RoomSource:
    """Frames that belong together.

    Attributes:
        name: of the folder.
        frames: in the order of their paths.
        weight: how often one is drawn, relative to the other sources; 0 for pictures that are only measured on.
    """

    name: str
    frames: tuple[LabelledFrame, ...]
    weight: float = 1.0

    @classmethod
    def read(cls, folder: Path, weight: float | None = None) -> RoomSource:
        """A folder of pictures, in class folders or not, with or without boxes.

        The class folder gives the count of every hand in a picture whose box has none: `0` to `5`; `none` has no hand, `lowered`
        no hand that shows something, and any other name leaves the count open. A picture without a box in another folder than
        `none` may show hands: it is never learned as hand-free.

        Args:
            folder: that holds them.
            weight: of the source; None: a number that grows with the square root of its pictures.

        Raises:
            DataError: no such folder, no picture in it, or boxes of pictures that are not there.
        """
        if not folder.is_dir():
            raise DataError(f"data {str(folder)!r} is no folder: give one that holds pictures of rooms with boxes")
        boxes = read_boxes(folder)
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and is_picture(path))
        if not paths:
            raise DataError(f"{folder} holds no pictures: give a folder with JPEG or PNG files")
        names = {path.relative_to(folder).as_posix(): path for path in paths}
        stray = next((name for name in boxes or {} if name not in names), None)
        if stray is not None:
            raise DataError(f"{folder} has boxes for {stray}, which is not there: fetch the data set again")
        frames = []
        for name, path in names.items():
            known = boxes is not None and name in boxes
            label = path.relative_to(folder).parts[0] if path.parent != folder else ""
            hands = boxes[name] if boxes is not None and known else ()
            count = count_named(label) if label.isdigit() else None
            hands = tuple(
                replace(hand, count=count) if hand.count is None and count is not None else hand for hand in hands
            )
            if label == LOWERED:
                hands = tuple(replace(hand, shown=False, count=None) for hand in hands)
            empty = label in (NO_HAND, LOWERED)
            frames.append(LabelledFrame(path, folder.name, hands, complete=empty or bool(hands)))
        grown = max(0.15, (len(frames) / 60) ** 0.5)
        return cls(folder.name, tuple(frames), grown if weight is None else weight)


def parse_source(text: str) -> tuple[str, float | None]:
    """ "PATH" or "PATH:WEIGHT": the path, and the weight or None; UsageError where the weight is not allowed."""
    path, separator, number = text.rpartition(":")
    if not separator or "/" in number or "\\" in number:
        return text, None
    try:
        weight = float(number)
    except ValueError:
        return text, None
    if not 0 <= weight < float("inf") or not path:
        raise UsageError(f"data {text!r} has the weight {number}: give a number from 0, as in signs:2")
    return path, weight


def read_sources(texts: Sequence[str]) -> tuple[RoomSource, ...]:
    """Every `--data`; a folder whose own subfolders hold boxes or classes is read as one source for each subfolder."""
    sources = []
    for text in texts:
        name, weight = parse_source(text)
        sources.append(RoomSource.read(Path(name).expanduser(), weight))
    return tuple(sources)
