"""Palm, arm and fingers of geometric hands: a disc, a bar and capsules."""

import cv2
import numpy as np
import pytest

from signs_edge.train.hands.cutout import SIDE, soften
from signs_edge.train.hands.shape import find_fingers, shape_of, without_fingers

PALM, RADIUS = (64, 80), 20
ANGLES = {1: (0,), 2: (-17, 17), 3: (-34, 0, 34), 4: (-51, -17, 17, 51), 5: (-72, -36, 0, 36, 72)}


def geometric_hand(count, arm=True):
    """(128, 128) uint8 0..255: fingers pointing up, the arm running down over the border."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(mask, PALM, RADIUS, 1, -1)
    if arm:
        cv2.rectangle(mask, (PALM[0] - 14, PALM[1]), (PALM[0] + 14, SIDE), 1, -1)
    for angle in np.deg2rad(ANGLES.get(count, ())):
        tip = (round(PALM[0] + 52 * np.sin(angle)), round(PALM[1] - 52 * np.cos(angle)))
        cv2.line(mask, PALM, tip, 1, 9)
    return soften(mask)


def test_the_palm_is_the_largest_disc_and_the_arm_points_to_the_border():
    shape = shape_of(geometric_hand(5))
    assert np.hypot(*(shape.palm - PALM)) < 5
    assert shape.radius == pytest.approx(RADIUS, abs=2.5)
    assert shape.arm == pytest.approx([0, 1], abs=0.1)
    assert not shape.cut
    low, high = shape.outline.min(axis=0), shape.outline.max(axis=0)
    assert low[1] == pytest.approx(PALM[1] - 56, abs=3)  # the middle finger's tip
    assert high[1] <= PALM[1] + 1.5 * shape.radius + 5  # without the arm


def test_without_an_arm_there_is_no_direction_and_the_outline_holds_all():
    shape = shape_of(geometric_hand(2, arm=False))
    assert not shape.arm.any()
    assert shape.outline.max(axis=0)[1] == pytest.approx(PALM[1] + RADIUS, abs=2)


def test_a_finger_at_the_border_means_that_something_is_cut_off():
    mask = geometric_hand(1)
    mask[:40, 60:68] = 255  # the finger reaches the upper border
    assert shape_of(mask).cut


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_as_many_fingers_are_found_as_there_are(count):
    fingers = find_fingers(geometric_hand(count), count)
    assert fingers is not None
    assert len(fingers) == count
    assert all(set(np.unique(finger)) == {0, 1} for finger in fingers)
    tips = [np.argwhere(finger)[:, 0].min() for finger in fingers]
    assert max(tips) < PALM[1]  # all point up, none is the arm
    assert np.max(np.sum(fingers, axis=0)) == 1  # none overlaps another


def test_a_count_that_the_hand_does_not_show_finds_none():
    assert find_fingers(geometric_hand(2), 4) is None
    assert find_fingers(geometric_hand(0), 2) is None


@pytest.mark.parametrize(("count", "erased"), [(2, [0]), (3, [1]), (4, [0, 3]), (5, [2]), (5, [0, 4])])
def test_with_fingers_taken_away_the_others_and_the_palm_stay(count, erased):
    mask = geometric_hand(count)
    fingers = find_fingers(mask, count)
    less = without_fingers(mask, fingers, np.array(erased))
    assert (less.shape, less.dtype) == ((SIDE, SIDE), np.uint8)
    left = find_fingers(less, count - len(erased))
    assert left is not None
    assert len(left) == count - len(erased)
    hard = less > 127
    for index, finger in enumerate(fingers):
        share = hard[finger > 0].mean()
        assert share < 0.1 if index in erased else share > 0.9
    assert hard[PALM[1], PALM[0]]
    assert hard[SIDE - 2, PALM[0]]  # the arm
