"""Squares of a frame: about its centre, about a found hand, and beyond its border."""

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.inference.preprocess import frame_to_picture
from signs_edge.edge.region.finder import Found
from signs_edge.edge.region.square import Square, around, centre_of, picture_of

FRAME = np.random.default_rng(0).integers(0, 256, (48, 80, 3), dtype=np.uint8)


def test_the_centre_is_what_the_contract_crops():
    assert centre_of(FRAME) == Square(16, 0, 48)
    assert np.array_equal(picture_of(FRAME, centre_of(FRAME), Contract()), frame_to_picture(FRAME, Contract()))


def test_around_a_hand_with_a_margin():
    assert around(Found(0.9, 40, 20, 10), 1.5) == Square(32, 12, 15)


def test_a_square_shows_its_part_of_the_frame_only():
    painted = FRAME.copy()
    painted[10:30, 20:40] = (1, 2, 3)

    assert (picture_of(painted, Square(20, 10, 20), Contract()) == (3, 2, 1)).all()


@pytest.mark.parametrize("square", [Square(-20, -20, 40), Square(60, 30, 40), Square(-30, -30, 140)])
def test_beyond_the_border_the_border_is_carried_on(square):
    grey = np.full_like(FRAME, 77)

    assert (picture_of(grey, square, Contract()) == 77).all()


def test_a_square_outside_the_frame_falls_back_to_its_centre():
    outside = picture_of(FRAME, Square(500, 500, 20), Contract())

    assert np.array_equal(outside, frame_to_picture(FRAME, Contract()))
