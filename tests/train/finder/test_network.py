"""The finder's network: its targets read back as the boxes they were made from, and its loss is least there."""

import numpy as np
import pytest

from signs_edge.edge.region.finder import GRID, decode
from signs_edge.train.finder.network import build_finder, loss, targets
from signs_edge.train.finder.scenes import NOWHERE
from signs_edge.train.finder.score import FinderScore, in_place

BOXES = [(10.0, 20.0, 50.0, 90.0), (100.0, 60.0, 158.0, 118.0), (0.0, 0.0, 17.0, 12.0), (130.0, 3.0, 159.0, 40.0)]


def perfect(box):
    """The answer of a network that knows: the heat as a logit, the rest as wanted."""
    wanted = targets(np.array([box]))[0]
    heat = np.clip(wanted[..., :1], 1e-4, 1 - 1e-4)
    return np.concatenate([np.log(heat / (1 - heat)), wanted[..., 1:4]], axis=-1).astype(np.float32)


@pytest.mark.parametrize("box", BOXES)
def test_targets_read_back_as_the_box(box):
    hand = decode(perfect(box))

    left, top, right, bottom = box
    assert (hand.x, hand.y) == pytest.approx(((left + right) / 2, (top + bottom) / 2), abs=1e-3)
    assert hand.side == pytest.approx(max(right - left, bottom - top), rel=1e-4)
    assert hand.score > 0.99
    assert in_place(hand, box)


def test_an_empty_scene_wants_nothing():
    assert not targets(np.array([NOWHERE])).any()


def test_the_loss_is_least_for_the_right_answer():
    wanted = targets(np.array(BOXES))
    right = np.stack([perfect(box) for box in BOXES])
    shifted = np.roll(right, 1, axis=2)
    unsure = right * np.array([0.1, 1, 1, 1], np.float32)
    misplaced = right + np.array([0, 2, 0, 0], np.float32)

    least = np.asarray(loss(wanted, right))

    for worse in (shifted, unsure, misplaced):
        assert (np.asarray(loss(wanted, worse)) > least + 0.05).all()


def test_the_network_answers_for_the_grid_and_starts_unsure():
    model = build_finder(width=4)

    answer = np.asarray(model(np.random.default_rng(0).random((2, 120, 160, 3), np.float32)))

    assert answer.shape == (2, *GRID, 4)
    assert decode(answer[0]).score < 0.5


def test_score_counts_hands_in_their_place_at_the_least_score():
    found = [decode(perfect(box)) for box in BOXES]
    empty = decode(np.full((*GRID, 4), -3, np.float32))

    score = FinderScore.of([*found, found[0], empty], [*BOXES, BOXES[1], NOWHERE])

    assert (score.hands, score.placed, score.kept, score.empty) == (5, 4, 4, 1)
    assert score.threshold == pytest.approx(1 / (1 + np.exp(3)))
    assert score.to_json()["interval"][0] > 0.3
