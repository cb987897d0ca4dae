"""What is held out where groups make it hard."""

import numpy as np
import pytest

from signs_edge.train.data import duplicates
from signs_edge.train.data.holdout import hold_out


def test_near_copies_stay_on_one_side(drawn_hands, tampered):
    images, labels = drawn_hands
    copies = np.stack([tampered["all at once"](image) for image in images])
    both, twice = np.concatenate([images, copies]), np.concatenate([labels, labels])
    together = duplicates.groups(both)
    assert len(np.unique(together)) < 65  # nearly all copies are seen
    held_out = hold_out(both, twice, 6, 0.2, seed=0)
    assert not set(together[~held_out]) & set(together[held_out])
    assert np.bincount(twice[held_out]).tolist() == pytest.approx([4] * 6, abs=1)
    assert np.array_equal(held_out, hold_out(both, twice, 6, 0.2, seed=0))
    assert not np.array_equal(held_out, hold_out(both, twice, 6, 0.2, seed=1))


def test_a_class_of_few_large_groups_gives_its_smallest_one(drawn_hands):
    images = drawn_hands[0][[0] * 6 + [1] * 4 + [*range(2, 12)]]
    held_out = hold_out(images, np.repeat([0, 1], 10), 2, 0.1, seed=0)
    assert np.flatnonzero(held_out[:10]).tolist() == [6, 7, 8, 9]
    assert held_out[10:].sum() == 1


def test_a_class_of_one_group_is_parted_only_between_other_bytes(drawn_hands, tampered):
    images = drawn_hands[0][:40].copy()
    images[:5], images[5:10] = images[0], tampered["shifted by 1"](images[0])
    labels = np.repeat([0, 1, 1, 1], 10)
    held_out = hold_out(images, labels, 2, 0.1, seed=0)
    assert held_out[:10].tolist() in ([True] * 5 + [False] * 5, [False] * 5 + [True] * 5)
    assert held_out[10:].sum() == 3
    images[:10] = images[0]
    assert not hold_out(images, labels, 2, 0.1, seed=0)[:10].any()


def test_a_group_of_two_classes_counts_for_both(drawn_hands):
    images = np.concatenate([drawn_hands[0][:20], drawn_hands[0][:20]])
    labels = np.repeat([0, 1], 20)
    held_out = hold_out(images, labels, 2, 0.1, seed=0)
    assert np.array_equal(held_out[:20], held_out[20:])
    assert held_out.sum() == 4


def test_many_pictures_are_parted_without_a_search(monkeypatch):
    monkeypatch.setattr(duplicates, "NEAR_LIMIT", 1000)
    images = np.zeros((5000, 64, 64, 3), np.uint8)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = np.arange(5000) % 250, np.arange(5000) // 250
    held_out = hold_out(images, np.arange(5000) % 5, 5, 0.1, seed=0)
    assert np.bincount(np.flatnonzero(held_out) % 5).tolist() == [100] * 5


def test_no_share_and_no_pictures_need_no_search(monkeypatch):
    monkeypatch.setattr("signs_edge.train.data.holdout.pairs", None)
    assert not hold_out(np.zeros((3, 64, 64, 3), np.uint8), np.zeros(3, np.int64), 1, 0.0, seed=0).any()
    assert hold_out(np.zeros((0, 64, 64, 3), np.uint8), np.zeros(0, np.int64), 2, 0.5, seed=0).shape == (0,)
