"""Smoothed counts: a flicker is not shown, a change is, and a hand that leaves takes its count with it."""

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.run.smoothing import Smoother, SmoothingConfig


def sure(index, share=0.9):
    scores = np.full(3, (1 - share) / 2, np.float32)
    scores[index] = share
    return scores


def shown(smoother, frames):
    return [smoother.add(scores) for scores in frames]


def test_the_first_sure_frame_is_shown_at_once():
    assert Smoother(3, 0.6).add(sure(1)) == 1


def test_one_wrong_frame_among_right_ones_is_not_shown():
    frames = [sure(1)] * 5 + [sure(2)] + [sure(1)] * 3

    assert shown(Smoother(3, 0.6), frames) == [1] * 9


def test_a_change_is_shown_within_a_few_frames_and_stays():
    seen = shown(Smoother(3, 0.6, SmoothingConfig(half_life=2)), [sure(0)] * 10 + [sure(2)] * 8)

    assert seen[:10] == [0] * 10
    assert 2 in seen[11:15]
    assert seen[15:] == [2] * 3
    assert 1 not in seen


def test_a_hand_that_leaves_takes_its_count_with_it():
    seen = shown(Smoother(3, 0.6, SmoothingConfig(half_life=2)), [sure(0)] * 10 + [None] * 6)

    assert seen[10] == 0  # one frame without is a flicker
    assert seen[-3:] == [None] * 3


def test_two_classes_that_take_turns_do_not_flicker():
    scores = [np.array([0.52, 0.48, 0.0], np.float32), np.array([0.48, 0.52, 0.0], np.float32)] * 20

    assert set(shown(Smoother(3, 0.4), scores)) == {0}


def test_below_the_least_confidence_nothing_is_shown_and_no_number_counts_for_nothing():
    smoother = Smoother(3, 0.6)

    assert shown(smoother, [sure(0, 0.5)] * 5) == [None] * 5
    assert smoother.add(np.full(3, np.nan, np.float32)) is None


def test_reset_forgets():
    smoother = Smoother(3, 0.6)
    shown(smoother, [sure(0)] * 50)
    smoother.reset()

    assert smoother.add(sure(2)) == 2


@pytest.mark.parametrize("wrong", [{"half_life": -1.0}, {"half_life": 1e9}, {"ahead": 2.0}, {"slack": -0.1}])
def test_values_that_mean_nothing_are_refused(wrong):
    with pytest.raises(UsageError, match="not allowed: give"):
        SmoothingConfig(**wrong)
