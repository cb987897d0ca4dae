"""Judging under corruption: counted by models whose answers are known."""

import json

import numpy as np
import pytest

from signs_edge.edge.errors import DataError
from signs_edge.edge.metrics.intervals import wilson_interval
from signs_edge.edge.synthetic.hands import draw_hands
from signs_edge.train.augment.unseen_backgrounds import Backgrounded
from signs_edge.train.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from signs_edge.train.evaluation.robustness import WORST_OF_ONE, judge_robustness
from signs_edge.train.evaluation.score import Mean

NAMES = ("none", "one", "two", "three", "four", "five")
N = 18


@pytest.fixture(scope="module")
def hands():
    images, labels = draw_hands(N, seed=2)
    return images, labels.astype(np.int64)


def answers_with(labels, confidence=0.7):
    """(n, 6) probabilities whose highest is at the labels."""
    probabilities = np.full((len(labels), 6), (1 - confidence) / 5, np.float32)
    probabilities[np.arange(len(labels)), labels] = confidence
    return probabilities


def test_one_that_always_answers_the_same_is_right_on_that_class_only(hands):
    images, labels = hands
    told = []

    found = judge_robustness(
        lambda pictures: answers_with(np.full(len(pictures), 2)), images, labels, NAMES,
        progress=lambda *step: told.append(step),
    )  # fmt: skip

    right = int((labels == 2).sum())
    assert 0 < right < N
    assert [(score.condition, score.strength) for score in found.corrupted] == [
        (name, strength) for name in CORRUPTIONS for strength in STRENGTHS
    ]
    assert {(score.correct, score.n) for score in (found.clean, *found.corrupted)} == {(right, N)}
    assert found.mean.accuracy == found.overall.accuracy == pytest.approx(right / N)
    assert (found.backgrounds, found.background_mean) == ((), None)
    assert found.corrupted[0].interval == wilson_interval(right, N)
    assert [step[1:] for step in told] == [(done, 61) for done in range(1, 62)]
    assert told[1][0] == "sensor noise 1"
    assert {mistake.answer for mistake in found.worst} == {"two"}
    assert all(mistake.truth == NAMES[labels[mistake.index]] != "two" for mistake in found.worst)


def test_each_cell_counts_its_own_pictures(hands):
    """A model that knows the pictures as they are, and one corruption at two strengths, and is wrong on all others."""
    images, labels = hands
    known = [images, corrupt(images, "jpeg", 2, seed=7), corrupt(images, "jpeg", 3, seed=7)]

    def predict(pictures):
        right = any(np.array_equal(pictures, pack) for pack in known)
        return answers_with(labels if right else (labels + 1) % 6)

    found = judge_robustness(predict, images, labels, NAMES, seed=7)

    assert found.clean.accuracy == 1
    assert [score.accuracy for score in found.table()["jpeg"]] == [0, 1, 1, 0, 0]
    assert found.row_mean("jpeg") == pytest.approx(0.4)
    assert sum(score.correct for score in found.corrupted) == 2 * N
    assert found.mean.accuracy == pytest.approx(2 / 60)


def test_hands_on_other_backgrounds_keep_their_own_labels(hands):
    images, labels = hands
    indices = np.array([3, 8, 11, 17], np.int64)
    elsewhere = {"lawn": np.full((4, 64, 64, 3), 40, np.uint8), "shelf": np.full((4, 64, 64, 3), 80, np.uint8)}

    def predict(pictures):
        if len(pictures) == N:
            return answers_with(labels)
        right = labels[indices]
        return answers_with(right if pictures[0, 0, 0, 0] == 40 else np.array([right[0], *(right[1:] + 1) % 6]))

    found = judge_robustness(predict, images, labels, NAMES, backgrounded=Backgrounded(elsewhere, indices))

    assert [(score.name, score.correct, score.n) for score in found.backgrounds] == [("lawn", 4, 4), ("shelf", 1, 4)]
    assert found.background_mean is not None
    assert found.background_mean.accuracy == pytest.approx((1 + 1 / 4) / 2)
    assert found.mean.accuracy == 1
    assert found.overall.accuracy == pytest.approx((60 + 1 + 1 / 4) / 62)
    assert [mistake.index for mistake in found.worst] == [8, 11, 17]
    assert found.worst[0].picture[0, 0, 0] == 80


def test_the_worst_are_the_surest_of_different_hands_and_conditions(hands):
    images, labels = hands
    calls = iter(range(61))

    def predict(pictures):
        return answers_with((labels + 1) % 6, confidence=0.3 + 0.01 * next(calls))

    worst = judge_robustness(predict, images, labels, NAMES).worst

    assert [mistake.name for mistake in worst[:4]] == ["framing 5"] * WORST_OF_ONE + ["jpeg 5"]
    assert worst[0].confidence == pytest.approx(0.9)
    confidences = [mistake.confidence for mistake in worst]
    assert confidences == sorted(confidences, reverse=True)
    assert len({mistake.index for mistake in worst}) == len(worst)
    assert json.loads(json.dumps(worst[0].to_json()))["condition"] == "framing"


def test_means_count_hands_not_pictures():
    always, never = np.ones(50), np.zeros(50)
    mixed = np.repeat([1.0, 0.0], 25)

    assert Mean.of([always, always]).interval == wilson_interval(50, 50)
    # Sixty copies of one condition tell no more than one of them.
    one, sixty = Mean.of([mixed]), Mean.of([mixed] * 60)
    assert one == sixty
    assert one.accuracy == 0.5
    assert one.interval is not None
    assert one.interval.high - one.interval.low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 49), rel=1e-3)
    assert Mean.of([always, never]).accuracy == 0.5
    assert Mean.of([np.array([1.0, np.nan, 0.0]), np.array([np.nan, np.nan, 1.0])]).accuracy == 0.75
    assert Mean.of([np.ones(1)]).interval is None


def test_what_cannot_be_judged_is_refused(hands):
    images, labels = hands
    with pytest.raises(DataError, match="no pictures to judge"):
        judge_robustness(answers_with, images[:0], labels[:0], NAMES)
