"""The least confidence: silent before what is no hand, but not at the price of many hands."""

import numpy as np

from signs_edge.train.evaluation.threshold import MOST_FALSE, MOST_LOST, choose_threshold


def sure(confidences):
    """(n, 3) probabilities with these highest ones."""
    rest = (1 - np.asarray(confidences)) / 2
    return np.stack([rest, confidences, rest], axis=1).astype(np.float32)


def test_where_hands_and_none_are_apart_nothing_is_lost_and_nothing_passes():
    hands, hand_free = sure(np.linspace(0.9, 1, 400)), sure(np.linspace(0.34, 0.6, 400))
    threshold = choose_threshold(hands, hand_free)
    assert 0.55 < threshold < 0.9
    assert (hands.max(axis=1) >= threshold).all()
    assert (hand_free.max(axis=1) >= threshold).mean() <= MOST_FALSE


def test_where_they_overlap_few_hands_are_lost():
    hands, hand_free = sure(np.linspace(0.4, 1, 1000)), sure(np.linspace(0.4, 1, 1000))
    threshold = choose_threshold(hands, hand_free)
    lost = (hands.max(axis=1) < threshold).mean()
    assert 0.5 * MOST_LOST < lost <= MOST_LOST + 0.002


def test_without_either_it_never_abstains():
    nothing = np.empty((0, 3), np.float32)
    assert choose_threshold(nothing, sure([0.5])) == 0
    assert choose_threshold(sure([0.5]), nothing) == 0
