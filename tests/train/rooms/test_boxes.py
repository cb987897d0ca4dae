"""Boxes in three forms, and what is wrong with them in one line."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import DataError
from signs_edge.train.rooms.boxes import count_named, read_boxes
from signs_edge.train.rooms.frame import LabelledHand


def picture(path: Path, height: int = 40, width: int = 80) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((height, width, 3), np.uint8))
    return path


def test_csv_gives_corners_count_and_what_else_is_known(tmp_path: Path) -> None:
    (tmp_path / "boxes.csv").write_text(
        "file,count,left,top,right,bottom,fingers,shown,certain\n"
        "2/a.jpg,2,1,2,30,40,01100,1,1\n2/a.jpg,,50,2,70,20,,0,\nnone/b.jpg,,,,,,,,\n"
    )

    boxes = read_boxes(tmp_path)

    assert boxes is not None
    first, second = boxes["2/a.jpg"]
    assert first == LabelledHand((1, 2, 30, 40), 2, (False, True, True, False, False))
    assert (second.count, second.shown, second.certain) == (None, False, True)
    assert boxes["none/b.jpg"] == ()


def test_csv_takes_a_word_for_a_count_where_it_has_labels(tmp_path: Path) -> None:
    (tmp_path / "boxes.csv").write_text(
        "file,label,left,top,right,bottom\na.jpg,three,0,0,9,9\na.jpg,rock on,0,0,9,9\n"
    )

    assert [hand.count for hand in (read_boxes(tmp_path) or {})["a.jpg"]] == [3, None]


def test_coco_gives_the_same_as_csv(tmp_path: Path) -> None:
    stored = {
        "images": [{"id": 7, "file_name": "a.jpg"}, {"id": 8, "file_name": "empty.jpg"}],
        "categories": [{"id": 1, "name": "five"}],
        "annotations": [{"image_id": 7, "category_id": 1, "bbox": [10, 20, 30, 15]}],
    }
    (tmp_path / "annotations.json").write_text(json.dumps(stored))

    assert read_boxes(tmp_path) == {"a.jpg": (LabelledHand((10, 20, 40, 35), 5),), "empty.jpg": ()}


def test_yolo_s_shares_become_pixels_of_the_picture(tmp_path: Path) -> None:
    picture(tmp_path / "images/a.png")
    picture(tmp_path / "images/b.png")
    picture(tmp_path / "images/unlisted.png")
    (tmp_path / "classes.txt").write_text("fist\n4\n")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.txt").write_text("1 0.5 0.5 0.25 0.5\n")
    (tmp_path / "labels/b.txt").write_text("")

    assert read_boxes(tmp_path) == {"images/a.png": (LabelledHand((30, 10, 50, 30), 4),), "images/b.png": ()}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a.jpg,3,9,9,1,20,", "left must be below right"),
        ("a.jpg,3,x,9,10,20,", "a corner that is no number"),
        ("a.jpg,3,1,9,10,20,0110", "five characters 0 or 1"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(tmp_path: Path, row: str, told: str) -> None:
    (tmp_path / "boxes.csv").write_text(f"file,count,left,top,right,bottom,fingers\n{row}\n")

    with pytest.raises(DataError, match=f"boxes.csv line 2 .*{told}"):
        read_boxes(tmp_path)


def test_other_files_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "boxes.csv").write_text("name,x,y\n")
    with pytest.raises(DataError, match="lacks the column file"):
        read_boxes(tmp_path)
    (tmp_path / "boxes.csv").unlink()
    (tmp_path / "annotations.json").write_text('{"images": []}')
    with pytest.raises(DataError, match="is no COCO annotation file"):
        read_boxes(tmp_path)
    (tmp_path / "annotations.json").unlink()
    assert read_boxes(tmp_path) is None


@pytest.mark.parametrize(("name", "count"), [("3", 3), ("Five", 5), ("9", None), ("rock on", None), ("", None)])
def test_names_of_counts(name: str, count: int | None) -> None:
    assert count_named(name) == count
