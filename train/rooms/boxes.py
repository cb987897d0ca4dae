"""Hand boxes in the usual forms: CSV, COCO's JSON, and YOLO's text files beside the pictures."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import DataError
from signs_edge.edge.sources.pictures import is_picture, read_picture
from signs_edge.train.rooms.frame import Box, LabelledHand

CSV_NAME, COCO_NAME, YOLO_NAMES = "boxes.csv", "annotations.json", "classes.txt"
_CORNERS = ("left", "top", "right", "bottom")
_WORDS = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "fist": 0, "palm": 5, "peace": 2}

Hands = dict[str, tuple[LabelledHand, ...]]
"""By the picture's path below the folder, with forward slashes; a picture that is listed without a box has no hand."""


def read_boxes(folder: Path) -> Hands | None:
    """The boxes of a folder in whichever form lies there; None where there is none.

    Raises:
        DataError: a file that cannot be read, with the line or entry that is wrong.
    """
    if (folder / CSV_NAME).is_file():
        return read_csv(folder / CSV_NAME)
    if (folder / COCO_NAME).is_file():
        return read_coco(folder / COCO_NAME)
    if (folder / YOLO_NAMES).is_file():
        return read_yolo(folder)
    return None


def read_csv(path: Path) -> Hands:
    """A table with the columns file, left, top, right, bottom in pixels, and perhaps count or label, fingers, shown, certain.

    `count` is 0 to 5 or empty; without that column `label` is taken, a number or a word such as "two". `fingers` is five
    characters 0 or 1, the thumb first; `shown` and `certain` are 0 or 1. A row without corners names a picture without a box.
    """
    hands: dict[str, list[LabelledHand]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        table = csv.DictReader(file)
        missing = [name for name in ("file", *_CORNERS) if name not in (table.fieldnames or ())]
        if missing:
            raise DataError(
                f"{path} lacks the column {missing[0]}: the first line must name file, {', '.join(_CORNERS)}"
            )
        for row in table:
            own = hands[row["file"]]
            if not row["left"]:
                continue
            where = f"{path} line {table.line_num}"
            fingers = row.get("fingers") or ""
            if fingers and (len(fingers) != 5 or set(fingers) - {"0", "1"}):
                raise DataError(
                    f"{where} has the fingers {fingers!r}: allowed are five characters 0 or 1, the thumb first"
                )
            own.append(
                LabelledHand(
                    _box([row[name] for name in _CORNERS], where),
                    count_named(row["count"] if "count" in row else row.get("label") or ""),
                    tuple(character == "1" for character in fingers) or None,
                    shown=row.get("shown") != "0",
                    certain=row.get("certain") != "0",
                    trust=float(row.get("trust") or 1),
                )
            )
    return _finished(hands)


def read_coco(path: Path) -> Hands:
    """COCO's instances: images with id and file_name, categories with id and name, annotations with bbox x, y, width, height."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        names = {image["id"]: str(image["file_name"]) for image in stored["images"]}
        categories = {category["id"]: str(category["name"]) for category in stored.get("categories", [])}
        hands: dict[str, list[LabelledHand]] = {name: [] for name in names.values()}
        for index, entry in enumerate(stored["annotations"]):
            x, y, width, height = entry["bbox"]
            box = _box([x, y, x + width, y + height], f"{path} annotation {index}")
            count = count_named(categories.get(entry.get("category_id"), ""))
            hands[names[entry["image_id"]]].append(LabelledHand(box, count))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} is no COCO annotation file ({type(error).__name__} {error}): export it again"
        ) from None
    return _finished(hands)


def read_yolo(folder: Path) -> Hands:
    """YOLO's text: `classes.txt` with a name a line, and for each picture `class x y width height` a line, as shares of its size.

    The text of images/a.jpg is images/a.txt or labels/a.txt. A picture without such a file is not listed; one whose file is
    empty has no hand.
    """
    names = (folder / YOLO_NAMES).read_text(encoding="utf-8").split()
    hands: dict[str, list[LabelledHand]] = {}
    for path in sorted(folder.rglob("*")):
        text = next((file for file in _yolo_texts(path) if file.is_file()), None) if is_picture(path) else None
        if text is None:
            continue
        own = hands.setdefault(path.relative_to(folder).as_posix(), [])
        lines = [line.split() for line in text.read_text(encoding="utf-8").splitlines() if line.strip()]
        if not lines:
            continue
        picture = read_picture(path)
        if picture is None:
            raise DataError(f"{path} cannot be decoded as a picture: remove it or save it again as JPEG or PNG")
        height, width = picture.shape[:2]
        for number, values in enumerate(lines, start=1):
            try:
                name = names[int(values[0])]
                x, y, w, h = (float(value) for value in values[1:5])
            except (ValueError, IndexError):
                raise DataError(
                    f"{text} line {number} is not allowed: give a class from 0 to {len(names) - 1} and x, y, width, height"
                ) from None
            corners = [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height]
            own.append(LabelledHand(_box(corners, f"{text} line {number}"), count_named(name)))
    return _finished(hands)


def count_named(name: str) -> int | None:
    """The number of fingers that a class name stands for: "3", "three" or "palm"; None for any other name."""
    word = name.strip().lower()
    if word.isascii() and word.isdigit():
        return int(word) if int(word) <= 5 else None
    return _WORDS.get(word)


def _yolo_texts(picture: Path) -> Iterable[Path]:
    yield picture.with_suffix(".txt")
    if picture.parent.name == "images":
        yield picture.parent.parent / "labels" / f"{picture.stem}.txt"


def _box(corners: Iterable[Any], where: str) -> Box:
    try:
        left, top, right, bottom = (float(corner) for corner in corners)
    except ValueError:
        raise DataError(f"{where} has a corner that is no number: give left, top, right, bottom in pixels") from None
    if not (math.isfinite(left + top + right + bottom) and left < right and top < bottom):
        raise DataError(
            f"{where} has the box {left:g},{top:g},{right:g},{bottom:g}: left must be below right, top below bottom"
        )
    return left, top, right, bottom


def _finished(hands: Mapping[str, list[LabelledHand]]) -> Hands:
    return {name: tuple(own) for name, own in hands.items()}
