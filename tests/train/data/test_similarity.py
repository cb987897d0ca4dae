"""The distance of copies, and which pairs are looked at closely."""

import numpy as np
import pytest

from signs_edge.train.data.similarity import PARTNERS, candidates, distance, sketch

CHANGES = [
    "jpeg", "brighter", "darker", "shifted by 1", "shifted by 2", "mirrored", "zoomed", "all at once",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_copy_is_near_whatever_it_went_through(drawn_hands, tampered, change):
    images, _ = drawn_hands
    copies = np.stack([tampered[change](image) for image in images])
    mirrored = "mirrored" in change or "all" in change
    apart = np.array([distance(a, b, mirrored) for a, b in zip(images, copies, strict=True)])
    assert np.mean(apart < 15) > 0.65  # JPEG at quality 50 takes much from a drawing's texture
    assert np.mean(apart < 40) > 0.95
    found = {(i, j) for i, j, _ in candidates(sketch(images), sketch(copies))}
    assert np.mean([(i, i) in found for i in range(len(images))]) > 0.95


def test_other_hands_are_far(drawn_hands):
    images, _ = drawn_hands
    others = [distance(images[i], images[i + 1]) for i in range(len(images) - 1)]
    assert min(others) > 40
    assert distance(images[0], images[0]) == 0


def test_a_negative_and_a_flat_picture_are_no_copies(drawn_hands):
    picture = drawn_hands[0][0]
    assert distance(picture, 255 - picture) > 40
    assert distance(picture, np.full_like(picture, 128)) > 40


def test_each_pair_comes_once_and_flat_pictures_never(drawn_hands):
    images = np.concatenate([drawn_hands[0][:5], drawn_hands[0][:5], np.full((3, 64, 64, 3), 90, np.uint8)])
    assert list(candidates(sketch(images))) == [(i, i + 5, False) for i in range(5)]


def test_the_mirrored_one_is_told(drawn_hands):
    images = drawn_hands[0][:5]
    assert list(candidates(sketch(images), sketch(images[:, :, ::-1]))) == [(i, i, True) for i in range(5)]


def test_many_alike_give_no_more_pairs_than_each_may_have(drawn_hands):
    images = np.repeat(drawn_hands[0][:1], 50, axis=0)
    found = list(candidates(sketch(images)))
    assert max(np.bincount([i for i, _, _ in found])) == PARTNERS
    assert len({frozenset(pair[:2]) for pair in found}) == len(found)


def test_the_blocks_do_not_show(drawn_hands, monkeypatch):
    images = np.concatenate([drawn_hands[0], drawn_hands[0]])
    whole = list(candidates(sketch(images)))
    monkeypatch.setattr("signs_edge.train.data.similarity._BLOCK", 7)
    assert list(candidates(sketch(images))) == whole
