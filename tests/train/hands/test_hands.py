"""The hands of a training: where they come from and what they count."""

import numpy as np
import pytest

from signs_edge.train.hands.cutout import SIDE, Cutout
from signs_edge.train.hands.hands import DRAWN, ERASED, PHOTO, Hands, cutout_sheet, drawn_hands, hands_of

NAMES = tuple("012345")


@pytest.fixture(scope="module")
def hands(wall_cutouts, wall_photos):
    return hands_of(wall_cutouts, wall_photos.labels, NAMES, seed=0)


def test_hands_with_fingers_taken_away_count_fewer_than_their_photo(hands):
    origins = [hand.origin for hand in hands]
    assert set(origins) == {PHOTO, ERASED}
    assert hands[0].origin == PHOTO
    for hand in hands:
        if hand.origin == PHOTO:
            photo = hand
        else:
            assert 1 <= hand.label < photo.label
            assert (hand.mask > 127).sum() < (photo.mask > 127).sum()
            assert hand.image is photo.image


def test_same_seed_same_hands_and_another_seed_takes_other_fingers(wall_cutouts, hands, wall_photos):
    again = hands_of(wall_cutouts, wall_photos.labels, NAMES, seed=0)
    assert [hand.label for hand in again] == [hand.label for hand in hands]
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(again, hands, strict=True))
    masks = {hand.mask.tobytes() for hand in hands}
    assert any(hand.mask.tobytes() not in masks for hand in hands_of(wall_cutouts, wall_photos.labels, NAMES, seed=1))


def test_bad_cutouts_and_classes_that_are_no_numbers_make_no_hands(wall_cutouts, wall_photos):
    bad = [Cutout(cutout.image, cutout.mask, 0.5) for cutout in wall_cutouts]
    assert hands_of(bad, wall_photos.labels, NAMES, seed=0) == []
    named = hands_of(wall_cutouts, wall_photos.labels, tuple("abcdef"), seed=0)
    assert {hand.origin for hand in named} == {PHOTO}
    assert list(drawn_hands(6, tuple("abcdef"), seed=0)) == []


def test_drawn_hands_take_turns_by_class_and_come_again_from_their_seed():
    first, again, other = (list(drawn_hands(12, NAMES, seed=seed)) for seed in (0, 0, 1))
    assert len(first) >= 8  # those that the border cuts are left out
    assert {hand.origin for hand in first} == {DRAWN}
    assert {hand.label for hand in first} == set(range(6))
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, again, strict=True))
    assert first[0].image.shape == (SIDE, SIDE, 3)
    assert not np.array_equal(first[0].image, other[0].image)
    assert not any(hand.shape.cut for hand in first)


def test_hands_are_found_by_origin_and_class(hands):
    found = Hands(tuple(hands))
    total = sum(len(found.indices(origin, label)) for origin in (PHOTO, ERASED, DRAWN) for label in range(6))
    assert total == len(hands)
    for index in found.indices(ERASED, 2):
        assert (hands[index].origin, hands[index].label) == (ERASED, 2)
    assert found.indices(DRAWN, 0).dtype == np.int64


def test_the_sheet_shows_hands_on_a_colour_that_no_photo_has(hands):
    sheet = cutout_sheet(hands[:5], columns=3)
    assert (sheet.shape, sheet.dtype) == ((128, 192, 3), np.uint8)
    assert (sheet[:64, :64] == [200, 0, 60]).all(axis=-1).any()
    assert (sheet[64:, 128:] == 40).all()  # no sixth hand
    assert cutout_sheet(hands[:30], columns=4, rows=2).shape == (128, 256, 3)
