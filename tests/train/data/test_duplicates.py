"""Copies within and across, groups, and the leaks of SIGNS."""

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.train.data import duplicates
from signs_edge.train.data.dataset import default_source, load_splits
from signs_edge.train.data.duplicates import BURST, Match, groups, leaked, linked, matches, pairs


def near_by(picture):
    """A burst shot of a drawn hand: the middle moves, the rest stays."""
    moved = picture.copy()
    moved[16:48, 18:48] = picture[16:48, 16:46]
    return moved


def test_copies_are_paired_with_the_first_of_their_bytes(drawn_hands, tampered):
    images = drawn_hands[0][:10].copy()
    images[4] = images[7] = images[1]
    images[9] = tampered["jpeg"](images[1])
    found = pairs(images)
    assert [match[:2] for match in found] == [(1, 4), (1, 7), (1, 9)]
    assert [match.kind for match in found] == ["exact", "exact", "near"]
    assert found[0].distance == 0 < found[2].distance < duplicates.NEAR
    assert groups(images).tolist() == [0, 1, 2, 3, 1, 4, 5, 1, 6, 1]
    assert groups(images, 0.0).tolist() == [0, 1, 2, 3, 1, 4, 5, 1, 6, 7]


def test_a_threshold_beyond_what_is_looked_for_is_refused(drawn_hands):
    with pytest.raises(UsageError, match=r"threshold 41\.0 is not allowed: give 0 to 40"):
        groups(drawn_hands[0][:2], BURST + 1)


def test_planted_leaks_are_found_and_their_kind_is_told(drawn_hands, tampered):
    train, test = drawn_hands[0][:40], drawn_hands[0][40:].copy()
    test[3] = train[11]
    for place, change in enumerate(tampered, start=6):
        test[place] = tampered[change](train[20 + place])
    found = matches(train, test)
    assert found[0] == Match(3, 11, 0.0, "exact")
    assert {(match.first, match.second) for match in found} == {(3, 11)} | {(i, 20 + i) for i in range(6, 14)}
    assert set(leaked(train, test).tolist()) <= {3, *range(6, 14)}
    assert len(leaked(train, test)) >= 8  # of 9


def test_a_burst_shot_is_grouped_but_no_leak(drawn_hands):
    images = drawn_hands[0]
    shots = np.stack([near_by(image) for image in images])
    bursts = [match for match in matches(images, shots) if match.kind == "burst"]
    assert bursts
    assert all(match.first == match.second for match in bursts)
    only = bursts[0].first
    assert len(leaked(images[only : only + 1], shots[only : only + 1])) == 0
    assert groups(np.stack([images[only], shots[only]])).tolist() == [0, 0]


def test_pictures_without_contrast_have_no_copies_but_equal_ones():
    flat = np.stack([np.full((64, 64, 3), level, np.uint8) for level in (10, 11, 10)])
    assert [match[:2] for match in pairs(flat)] == [(0, 2)]
    assert leaked(flat[:1], flat[1:]).tolist() == [1]


def test_above_the_limit_only_equal_bytes_are_found(drawn_hands, tampered, monkeypatch):
    images = drawn_hands[0][:6].copy()
    images[4], images[5] = images[0], tampered["jpeg"](images[1])
    assert len(pairs(images)) == 2
    monkeypatch.setattr(duplicates, "NEAR_LIMIT", 5)
    assert pairs(images) == (Match(0, 4, 0.0, "exact"),)
    assert leaked(images[:3], images[3:]).tolist() == [1]


@pytest.mark.parametrize("n", [0, 1])
def test_none_and_one(n):
    images = np.zeros((n, 64, 64, 3), np.uint8)
    assert pairs(images) == ()
    assert groups(images).tolist() == [0] * n
    assert leaked(images, images[:0]).tolist() == []
    assert leaked(images[:0], images).tolist() == []


def test_links_reach_through_others():
    assert linked(6, [(4, 2), (2, 5), (1, 0)]).tolist() == [0, 0, 1, 2, 1, 1]
    assert linked(3, []).tolist() == [0, 1, 2]


@pytest.mark.signs
def test_the_leaks_that_the_readme_of_signs_lists():
    splits = load_splits(default_source())
    expected = [2, 5, 36, 40, 42, 48, 55, 57, 70, 81, 91, 92, 102, 106]
    assert leaked(splits.train.images, splits.test.images).tolist() == expected


@pytest.mark.signs
def test_copies_of_real_photos_are_found(tampered):
    images = load_splits(default_source()).test.images
    for change, tamper in tampered.items():
        copies = np.stack([tamper(image) for image in images[::4]])
        found = {match.first for match in matches(images, copies) if match.second == 4 * match.first}
        assert len(found) == len(copies), change
        assert len(leaked(images, copies)) >= 0.9 * len(copies), change
