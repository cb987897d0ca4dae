"""Contact sheets of an audit: pictures with their places and labels."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.train.audit.findings import Place
from signs_edge.train.data.dataset import Splits

SHOWN = 120  # rows of a sheet and of the page; audit.json has all
_SIDE, _LINE, _GAP = 112, 14, 14  # pixels: of a picture on a sheet, of a line of text, between groups
_COLUMNS = 10


def sheet(rows: Sequence[tuple[str, tuple[Place, ...]]], splits: Splits) -> Image:
    """Rows of pictures with their places and labels, as many rows beside each other as fit: (h, w, 3) uint8 RGB."""
    width = _COLUMNS * (_SIDE + 4) + (_COLUMNS - 1) * _GAP
    tiles: list[tuple[int, int, Place]] = []
    captions: list[tuple[int, int, str]] = []
    x, y, line = 0, _LINE, _SIDE + 2 * _LINE + 4
    for caption, places in rows[:SHOWN]:
        if x and x + len(places) * (_SIDE + 4) > width:
            x, y = 0, y + line + _LINE + _GAP
        captions.append((x, y - 4, caption))
        for place in places:
            if x + _SIDE > width:
                x, y = 0, y + line
            tiles.append((x, y, place))
            x += _SIDE + 4
        x += _GAP
    used = max(left for left, _, _ in tiles) + 2 * _SIDE  # room for a caption that is wider than its pictures
    canvas = np.full((y + line, min(used, width), 3), 255, np.uint8)
    for left, top, caption in captions:
        _write(canvas, caption, left, top)
    for left, top, place in tiles:
        picture = cv2.resize(picture_at(place, splits), (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST)
        canvas[top : top + _SIDE, left : left + _SIDE] = picture
        _write(canvas, f"{place.part} {place.index}", left, top + _SIDE + _LINE - 2)
        _write(canvas, f"label {place.label}", left, top + _SIDE + 2 * _LINE - 2)
    return canvas


def _write(canvas: Image, text: str, left: int, base: int) -> None:
    cv2.putText(canvas, text, (left + 1, base), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (0, 0, 0), 1, cv2.LINE_AA)


def picture_at(place: Place, splits: Splits) -> Image:
    """The (64, 64, 3) uint8 RGB picture at a place."""
    part = splits.train if place.part == "train" else splits.test
    picture: Image = part.images[place.index]
    return picture


def png(picture: Image) -> bytes:
    """A (height, width, 3) uint8 RGB picture as a PNG file."""
    _, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return encoded.tobytes()
