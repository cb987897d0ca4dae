"""Accuracy with and without what leaked."""

import numpy as np
import pytest

from signs_edge.edge.errors import DataError
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.evaluation.leaks import LeakAwareEvaluation, evaluate_leak_aware

NAMES = tuple("012345")


@pytest.fixture
def parts(drawn_hands):
    """Forty pictures to learn from and twenty to be judged on, of which the first two are copies."""
    images, labels = drawn_hands
    images, labels = images.copy(), labels.copy()
    images[40:42], labels[40:42] = images[:2], labels[:2]
    whole = SignsDataset(images, labels, NAMES)
    return whole.take(np.arange(40)), whole.take(np.arange(40, 60))


def test_both_accuracies(parts):
    train, test = parts
    answers = test.labels.copy()
    answers[1:4] = (answers[1:4] + 1) % 6  # one of the leaked wrong, and two others
    found = evaluate_leak_aware(answers, train, test)
    assert found.leaked == (0, 1)
    assert (found.whole.correct, found.whole.n) == (17, 20)
    assert (found.clean.correct, found.clean.n) == (16, 18)
    stored = found.to_json()
    assert stored["n"] == 20
    assert {key for key in stored if key != "without_leaked"} == set(found.whole.to_json())
    assert stored["without_leaked"]["accuracy"] == pytest.approx(16 / 18)
    assert stored["without_leaked"]["leaked"] == [0, 1]
    low, high = stored["without_leaked"]["interval"]
    assert low < 16 / 18 < high
    first, second = str(found).splitlines()
    assert first.startswith("85.0% right (17 of 20; 95 % interval")
    assert second.startswith("88.9% right (16 of 18; 95 % interval")
    assert second.endswith("without 2 copies of training pictures")


def test_all_leaked_leaves_nothing_to_say(parts):
    train, _ = parts
    found = evaluate_leak_aware(train.labels, train, train)
    assert found.whole.accuracy == 1
    assert found.to_json()["without_leaked"]["accuracy"] is None
    assert "no labelled pictures" in str(found)


def test_figures_that_do_not_add_up_are_refused():
    evaluation = Evaluation.of(np.array([0, 1]), np.array([0, 1]), NAMES)
    with pytest.raises(DataError, match="2 clean and 1 leaked pictures are not the 2"):
        LeakAwareEvaluation(evaluation, evaluation, (0,))
