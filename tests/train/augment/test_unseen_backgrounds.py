"""Hands on other backgrounds: what is hand stays, what is not goes, what is not cut out well is left out."""

import os
from dataclasses import dataclass

import numpy as np
import pytest

from signs_edge.edge.errors import DataError
from signs_edge.train.augment.unseen_backgrounds import Backgrounded, blend, on_unseen_backgrounds, put_on_backgrounds
from signs_edge.train.data.dataset import load_labelled


@dataclass(frozen=True)
class Hand:
    image: np.ndarray
    mask: np.ndarray
    good: bool = True


def hand(value, good=True):
    """A grey square in the middle of (128, 128), with a white wall around it."""
    image = np.full((128, 128, 3), 255, np.uint8)
    image[32:96, 32:96] = value
    mask = np.zeros((128, 128), np.uint8)
    mask[32:96, 32:96] = 255
    return Hand(image, mask, good)


def scenes(n, value):
    return np.full((n, 64, 64, 3), value, np.uint8)


def test_the_hand_stays_and_its_own_background_goes():
    blended = blend(hand(90), np.full((64, 64, 3), 10, np.uint8))

    assert (blended.shape, blended.dtype) == ((64, 64, 3), np.uint8)
    assert (blended[16:48, 16:48] == 90).all()
    blended[16:48, 16:48] = 10
    assert (blended == 10).all()


def test_no_colour_of_the_old_background_bleeds_in_where_a_pixel_is_half_hand():
    shifted = hand(90)
    shifted.mask[:, 95] = 0  # the last column of small pixels is half hand

    column = blend(shifted, np.full((64, 64, 3), 10, np.uint8))[20, 47]

    assert (column == 50).all()  # half of 90, half of 10, none of 255


def test_a_soft_mask_mixes():
    soft = Hand(np.full((64, 64, 3), 200, np.uint8), np.full((64, 64), 51, np.uint8))

    assert (blend(soft, np.full((64, 64, 3), 100, np.uint8)) == 120).all()


def test_only_good_cutouts_are_used_each_on_its_own_background():
    lawns = np.stack([np.full((64, 64, 3), value, np.uint8) for value in (1, 2, 3)])

    placed = put_on_backgrounds([hand(90), hand(91, good=False), hand(92)], {"lawn": lawns, "shelf": scenes(3, 7)})

    assert placed.indices.tolist() == [0, 2]
    assert [picture[0, 0, 0] for picture in placed.images["lawn"]] == [1, 3]
    assert [picture[32, 32, 0] for picture in placed.images["shelf"]] == [90, 92]


def test_without_a_good_cutout_there_are_no_pictures():
    placed = put_on_backgrounds([hand(90, good=False)], {"lawn": scenes(1, 7)})

    assert placed.images["lawn"].shape == (0, 64, 64, 3)
    assert len(placed.indices) == 0


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="background 'lawn' has 2 pictures for 1 hands"):
        put_on_backgrounds([hand(90)], {"lawn": scenes(2, 7)})
    with pytest.raises(DataError, match="background 'lawn' has 3 pictures for 2 hands"):
        Backgrounded({"lawn": scenes(3, 7)}, np.array([0, 1], np.int64))


def test_pictures_without_a_hand_are_left_out_and_nothing_is_made_of_none():
    plain = np.full((2, 64, 64, 3), 200, np.uint8)
    told = []

    placed = on_unseen_backgrounds(plain, progress=lambda *step: told.append(step))

    assert len(placed.indices) == 0
    assert len(placed.images) >= 3
    assert told == [("cutting out hands", 1, 2), ("cutting out hands", 2, 2)]
    assert len(on_unseen_backgrounds(plain[:0]).images) == 0


@pytest.mark.signs
def test_hands_of_the_real_photos_stay_and_their_wall_goes():
    photos = load_labelled(os.environ["SIGNS_EDGE_DATA"]).images[::15]

    placed = on_unseen_backgrounds(photos, seed=1)

    assert len(placed.indices) >= 7  # of 8
    for pictures in placed.images.values():
        changed = np.abs(pictures.astype(int) - photos[placed.indices]).max(axis=-1) > 40
        assert 0.3 < changed.mean() < 0.95
    again = on_unseen_backgrounds(photos, seed=1)
    assert all(np.array_equal(again.images[kind], pictures) for kind, pictures in placed.images.items())
