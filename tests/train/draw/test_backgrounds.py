"""Backgrounds: drawn rooms and given pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import DataError
from signs_edge.train.draw.backgrounds import GIVEN_SHARE, Backgrounds
from signs_edge.train.draw.room import draw_room


def test_rooms_differ_and_are_the_same_again() -> None:
    rooms = [draw_room(np.random.default_rng(seed), (60, 80)) for seed in range(12)]
    assert all(room.shape == (60, 80, 3) and room.dtype == np.uint8 for room in rooms)
    assert np.array_equal(rooms[3], draw_room(np.random.default_rng(3), (60, 80)))
    levels = [float(room.mean()) for room in rooms]
    assert np.ptp(levels) > 40
    assert sum(float(room.std()) > 20 for room in rooms) >= 6  # not all are plain walls


def test_given_pictures_are_most_of_the_backgrounds(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "red.png"), np.full((300, 400, 3), (0, 0, 200), np.uint8))
    some = Backgrounds(tmp_path)
    pictures = [some.sample(np.random.default_rng(seed), (48, 64)) for seed in range(60)]
    red = [picture for picture in pictures if (picture[..., 0] > 100).all() and (picture[..., 1:] < 5).all()]
    assert len(red) / 60 == pytest.approx(GIVEN_SHARE, abs=0.2)
    assert all(picture.shape == (48, 64, 3) for picture in pictures)


def test_a_given_picture_is_cut_but_hardly_stretched(tmp_path: Path) -> None:
    board = np.indices((240, 320)).sum(axis=0) // 40 % 2 * 255
    cv2.imwrite(str(tmp_path / "board.png"), np.repeat(board[..., None], 3, axis=2).astype(np.uint8))
    pictures = [Backgrounds(tmp_path).sample(np.random.default_rng(seed), (48, 64)) for seed in range(8)]
    assert len({picture.tobytes() for picture in pictures}) == 8


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_without_pictures_is_refused(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "walls"
    if there:
        folder.mkdir()
    with pytest.raises(DataError, match="backgrounds"):
        Backgrounds(folder)


def test_a_picture_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "wall.png").write_bytes(b"no picture")
    some = Backgrounds(tmp_path)
    given = next(seed for seed in range(20) if np.random.default_rng(seed).random() <= GIVEN_SHARE and seed)
    chance = np.random.default_rng(given)
    with pytest.raises(DataError, match=r"wall\.png cannot be decoded"):
        some.sample(chance, (32, 32))
