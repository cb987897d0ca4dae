"""A hand followed: the finder runs seldom while the count is sure, and at once when it is not."""

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.region.finder import Found
from signs_edge.edge.region.region import CentreRegion, FixedRegion, parse_roi
from signs_edge.edge.region.square import Square, around
from signs_edge.edge.region.tracked import TrackConfig, TrackedRegion

FRAME = np.zeros((480, 640, 3), np.uint8)


class FakeFinder:
    """Finds what it is told to, and counts how often it is asked."""

    def __init__(self, *found):
        self.found, self.asked = list(found), 0

    def find(self, frame):
        self.asked += 1
        return self.found.pop(0) if len(self.found) > 1 else self.found[0]


def follow(region, answers):
    """The squares of as many frames as there are answers."""
    seen = []
    for sure in answers:
        seen.append(region.squares(FRAME))
        region.told(sure)
    return seen


HAND = Found(0.9, 300, 200, 100)


def test_while_the_count_is_sure_the_finder_sees_every_fifth_frame():
    finder = FakeFinder(HAND)
    region = TrackedRegion(finder, TrackConfig(every=5), margins=(1.2, 1.5))

    seen = follow(region, [True] * 20)

    assert finder.asked == 4
    assert seen == [(around(HAND, 1.2), around(HAND, 1.5))] * 20


def test_an_unsure_count_has_it_look_at_once():
    finder = FakeFinder(HAND)

    follow(TrackedRegion(finder), [False] * 6)

    assert finder.asked == 6


def test_a_small_move_is_smoothed_and_a_jump_is_followed_whole():
    near, far = Found(0.8, 320, 200, 100), Found(0.8, 100, 400, 60)
    region = TrackedRegion(FakeFinder(HAND, near, far), TrackConfig(every=1, smoothing=0.5), margins=(1.0,))

    first, second, third = follow(region, [True] * 3)

    assert (first, second, third) == (
        (Square(250, 150, 100),),
        (Square(260, 150, 100),),
        (Square(70, 370, 60),),
    )


def test_no_hand_no_squares_and_then_it_looks_at_every_frame():
    finder = FakeFinder(HAND, None, None, HAND)

    seen = follow(TrackedRegion(finder, TrackConfig(every=1)), [True, False, False, True])

    assert [len(squares) for squares in seen] == [2, 0, 0, 2]


def test_another_frame_size_starts_anew():
    finder = FakeFinder(HAND)
    region = TrackedRegion(finder)
    follow(region, [True])

    region.squares(np.zeros((240, 320, 3), np.uint8))

    assert finder.asked == 2


def test_regions_of_a_person():
    assert parse_roi("auto") == "auto"
    assert parse_roi("10,20,30,50") == FixedRegion(10, 20, 30, 50)
    assert FixedRegion(10, 20, 30, 50).squares(FRAME) == (Square(0, 20, 50),)
    assert CentreRegion().squares(FRAME) == (Square(80, 0, 480),)


@pytest.mark.parametrize("text", ["middle", "1,2,3", "1,2,3,4,5", "1,2,x,4", "0,0,4,4", "-1,0,20,20"])
def test_what_is_no_region_is_refused_in_one_line(text):
    with pytest.raises(UsageError, match="is not allowed: ") as caught:
        parse_roi(text)
    assert "\n" not in str(caught.value)
