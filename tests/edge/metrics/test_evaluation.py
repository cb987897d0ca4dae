"""Answers against the truth."""

from __future__ import annotations

import json

import numpy as np
import pytest

from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.edge.metrics.intervals import wilson_interval

LABELS = ("0", "1", "none")


def of(answers: list[int], truth: list[int]) -> Evaluation:
    return Evaluation.of(np.array(answers, np.int64), np.array(truth, np.int64), LABELS)


def test_rows_are_the_truth_and_columns_the_answers() -> None:
    evaluation = of(answers=[0, 1, 1, 0, 1], truth=[0, 0, 0, 1, 1])

    assert evaluation.confusion.tolist() == [[1, 2, 0], [1, 1, 0], [0, 0, 0]]
    assert (evaluation.n, evaluation.correct, evaluation.accuracy) == (5, 2, 0.4)
    assert evaluation.interval == wilson_interval(2, 5)
    assert evaluation.recall() == {"0": pytest.approx(1 / 3), "1": 0.5, "none": None}


def test_for_programs() -> None:
    written = json.loads(json.dumps(of([0, 1], [0, 0]).to_json(), allow_nan=False))

    assert written == {
        "n": 2,
        "correct": 1,
        "accuracy": 0.5,
        "interval": pytest.approx(wilson_interval(1, 2).to_json()),
        "labels": ["0", "1", "none"],
        "recall": {"0": 0.5, "1": None, "none": None},
        "confusion": [[1, 1, 0], [0, 0, 0], [0, 0, 0]],
    }


def test_for_people() -> None:
    assert str(of([0, 1], [0, 0])) == "50.0% right (1 of 2; 95 % interval 9.5% to 90.5%)"


def test_nothing_is_not_zero() -> None:
    nothing = of([], [])

    assert (nothing.n, nothing.accuracy, nothing.interval) == (0, None, None)
    assert str(nothing) == "no labelled pictures"
    assert nothing.to_json()["accuracy"] is None
