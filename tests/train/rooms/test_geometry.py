"""Maps of pictures and boxes."""

import numpy as np
import pytest

from signs_edge.train.rooms.geometry import about, area, map_box, overlap, turned, warp


def test_a_point_comes_where_it_was_sent() -> None:
    matrix = about((10, 20), (32, 32), turned(2.0, 0.7, 1.1, mirror=True))

    assert matrix[:, :2] @ [10, 20] + matrix[:, 2] == pytest.approx([32, 32])
    assert abs(np.linalg.det(matrix[:, :2])) == pytest.approx(4.0)


def test_a_box_follows_its_picture() -> None:
    picture = np.zeros((60, 80, 3), np.uint8)
    picture[20:40, 10:50] = 255
    matrix = about((30, 30), (50, 50), turned(1.5, 0.0, mirror=True))

    mapped = warp(picture, matrix, (100, 100))

    rows, columns = np.nonzero(mapped[..., 0] > 127)
    assert map_box((10, 20, 50, 40), matrix) == pytest.approx(
        (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1), abs=1
    )


def test_a_quarter_turn_swaps_the_sides_and_an_eighth_does_not_blow_the_box_up() -> None:
    quarter = map_box((-10, -5, 10, 5), about((0, 0), (0, 0), turned(1.0, np.pi / 2)))
    eighth = map_box((-10, -10, 10, 10), about((0, 0), (0, 0), turned(1.0, np.pi / 4)))

    assert quarter == pytest.approx((-5, -10, 5, 10))
    assert eighth == pytest.approx((-10, -10, 10, 10))


def test_far_away_is_averaged_not_sampled() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255

    small = warp(stripes, about((32, 32), (8, 8), turned(0.25, 0.0)), (16, 16))

    assert np.ptp(small[4:-4, 4:-4].astype(int)) < 20


def test_beyond_the_picture_is_what_was_given() -> None:
    picture, wall = np.full((10, 10, 3), 200, np.uint8), np.full((30, 30, 3), 7, np.uint8)

    mapped = warp(picture, about((5, 5), (15, 15), turned(1.0, 0.0)), (30, 30), wall)

    assert (mapped[0] == 7).all()
    assert (mapped[15, 15] == 200).all()


def test_areas() -> None:
    assert area((0, 0, 4, 5)) == 20
    assert overlap((0, 0, 4, 5), (2, 1, 9, 9)) == 8
    assert overlap((0, 0, 4, 5), (4, 0, 9, 9)) == 0
