"""Who keeps silent, and whether silence was right."""

from __future__ import annotations

import json

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.metrics.abstention import Abstention, checked_threshold, effective_threshold
from signs_edge.edge.metrics.intervals import wilson_interval
from signs_edge.edge.prediction import NO_HAND, Prediction, decide

LABELS = ("0", "1", "none")


def said(label: str, confidence: float = 0.9, below: float = 0.5) -> Prediction:
    return Prediction(LABELS.index(label), label, confidence, abstained=confidence < below)


ANSWERS = [
    (said("1"), "1"),  # kept and right
    (said("0"), "1"),  # kept and wrong
    (said("1", 0.4), "1"),  # right, but too unsure to be said
    (said("none"), "1"),  # surely no hand, and wrong
    (said("0"), NO_HAND),  # counted where there is nothing
    (said("0", 0.4), NO_HAND),
    (said("none"), NO_HAND),
]


def test_counts_who_speaks_and_who_is_right() -> None:
    judged = Abstention.of(ANSWERS)

    assert judged == Abstention(hands=4, kept=2, right=1, hand_free=3, counted=1)
    assert (judged.coverage, judged.kept_accuracy, judged.false_counts) == (0.5, 0.5, pytest.approx(1 / 3))
    assert (judged.n, judged.correct) == (7, 3)  # over all: silence before a hand is wrong, before none right
    assert judged.correct == sum(prediction.right(truth) for prediction, truth in ANSWERS)


def test_for_programs_and_people() -> None:
    judged = Abstention.of(ANSWERS)

    assert json.loads(json.dumps(judged.to_json(), allow_nan=False)) == {
        "hands": {
            "n": 4, "kept": 2, "coverage": 0.5, "interval": wilson_interval(2, 4).to_json(), "right": 1,
            "kept_accuracy": 0.5,
        },
        "hand_free": {
            "n": 3, "counted": 1, "share": pytest.approx(1 / 3), "interval": wilson_interval(1, 3).to_json(),
        },
    }  # fmt: skip
    assert str(judged).splitlines() == [
        "hands kept: 50.0% of 4 (95 % interval 15.0% to 85.0%); 50.0% of these right",
        "hand-free pictures that got a count: 33.3% of 3 (95 % interval 6.1% to 79.2%)",
    ]


def test_nothing_is_not_zero() -> None:
    nothing = Abstention.of([])

    assert (nothing.coverage, nothing.kept_accuracy, nothing.false_counts) == (None, None, None)
    assert str(nothing) == ""
    assert str(Abstention(hands=3)) == "hands kept: 0.0% of 3 (95 % interval 0.0% to 56.1%)"
    assert nothing.to_json()["hands"]["interval"] is None


@pytest.mark.parametrize(("confidence", "count"), [(0.49, None), (0.5, 1), (0.51, 1)])
def test_no_answer_below_the_threshold_but_the_raw_one_stays(confidence: float, count: int | None) -> None:
    rest = (1 - confidence) / 2
    prediction = decide(np.array([rest, confidence, rest], np.float64), LABELS, 0.5)

    assert prediction.count == count
    assert prediction.answer == (None if count is None else "1")
    assert (prediction.label, prediction.confidence) == ("1", confidence)


@pytest.mark.parametrize("threshold", [0.0, 0.5])
@pytest.mark.parametrize("scores", [[np.nan] * 3, [0.2, 0.7, np.nan]])
def test_nan_is_no_count(scores: list[float], threshold: float) -> None:
    prediction = decide(np.array(scores, np.float32), LABELS, threshold)

    assert prediction.abstained
    assert prediction.count is None
    assert not prediction.found_hand
    assert np.isnan(prediction.confidence)


def test_what_is_given_goes_before_what_the_model_brings_along() -> None:
    assert effective_threshold(None, 0.6) == 0.6
    assert effective_threshold(0.0, 0.6) == 0.0  # switched off
    assert effective_threshold(0.9, 0.6) == 0.9


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), float("inf")])
def test_no_probability_is_refused(threshold: float) -> None:
    with pytest.raises(UsageError, match=r"min-confidence .* is not allowed: give a probability from 0 to 1"):
        effective_threshold(threshold, 0.5)
    with pytest.raises(UsageError):
        checked_threshold(threshold)
