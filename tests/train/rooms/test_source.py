"""A folder of room frames: what its class folders and boxes say together."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import DataError, UsageError
from signs_edge.train.rooms.source import RoomSource, parse_source


def folder(root: Path, names: list[str], boxes: str = "") -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / name), np.zeros((30, 40, 3), np.uint8))
    if boxes:
        (root / "boxes.csv").write_text("file,label,left,top,right,bottom\n" + boxes)
    return root


def test_the_class_folder_counts_what_the_box_leaves_open(tmp_path: Path) -> None:
    rows = "2/a.png,hi,1,1,9,9\nlowered/d.png,5,1,1,9,9\n"
    root = folder(
        tmp_path / "set",
        ["2/a.png", "other/b.png", "none/c.png", "lowered/d.png"],
        rows,
    )

    frames = {frame.path.name: frame for frame in RoomSource.read(root).frames}

    assert [hand.count for hand in frames["a.png"].hands] == [2]
    assert (frames["b.png"].hands, frames["b.png"].complete) == ((), False)
    assert (frames["c.png"].hands, frames["c.png"].complete) == ((), True)
    assert [(hand.count, hand.shown) for hand in frames["d.png"].hands] == [(None, False)]


def test_more_pictures_weigh_more_but_not_in_proportion(tmp_path: Path) -> None:
    few = RoomSource.read(folder(tmp_path / "few", [f"1/{index}.png" for index in range(10)]))
    many = RoomSource.read(folder(tmp_path / "many", [f"1/{index}.png" for index in range(40)]))

    assert many.weight == pytest.approx(2 * few.weight)
    assert RoomSource.read(tmp_path / "few", 3.0).weight == 3.0


def test_what_is_wrong_with_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no folder"):
        RoomSource.read(tmp_path / "gone")
    (tmp_path / "bare").mkdir()
    with pytest.raises(DataError, match="holds no pictures"):
        RoomSource.read(tmp_path / "bare")
    with pytest.raises(DataError, match="has boxes for 1/gone, which is not there"):
        RoomSource.read(folder(tmp_path / "stray", ["1/a.png"], "1/gone,1,1,1,9,9\n"))


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("rooms", ("rooms", None)),
        ("rooms:2", ("rooms", 2.0)),
        ("a:b/c", ("a:b/c", None)),
        ("C:\\rooms", ("C:\\rooms", None)),
    ],
)
def test_a_weight_stands_behind_the_last_colon(text: str, parsed: tuple[str, float | None]) -> None:
    assert parse_source(text) == parsed


def test_a_weight_below_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="give a number from 0"):
        parse_source("rooms:-1")
