import numpy as np
import pytest

from signs_edge.export.gate.comparison import NO_NUMBER, compare
from signs_edge.train.data.dataset import SignsDataset


def scores(*answers):
    """One-hot probabilities for three classes."""
    return np.eye(3, dtype=np.float32)[list(answers)]


def truth(*labels):
    return SignsDataset(
        np.zeros((len(labels), 64, 64, 3), np.uint8), np.array(labels, np.int64), ("zero", "one", "two")
    )


def test_flips_are_named_and_counted():
    found = compare(scores(0, 1, 2, 2), scores(0, 1, 1, 2), truth(0, 1, 2, 1))
    assert [(flip.index, flip.truth, flip.first, flip.second) for flip in found.flips] == [(2, "two", "two", "one")]
    assert (found.agreement.same, found.agreement.n) == (3, 4)
    assert (found.accuracy.both, found.accuracy.only_first, found.accuracy.only_second) == (2, 1, 0)
    assert found.distance == pytest.approx(1 / 4)


def test_the_reported_difference_is_the_second_minus_the_first():
    report = compare(scores(0, 1, 2, 2), scores(0, 1, 1, 2), truth(0, 1, 2, 2)).to_json()
    assert report["accuracy_difference"] == -0.25
    low, high = report["accuracy_difference_interval"]
    assert low < -0.25 < high
    assert report["agreement"] == 0.75


def test_distance_is_total_variation():
    first, second = np.array([[0.7, 0.2, 0.1]], np.float32), np.array([[0.5, 0.2, 0.3]], np.float32)
    assert compare(first, second, truth(0)).distance == pytest.approx(0.2)


def test_nothing_to_compare_is_said_as_unknown():
    empty = compare(np.empty((0, 3), np.float32), np.empty((0, 3), np.float32), truth())
    assert np.isnan(empty.distance)
    assert empty.agreement.rate is None


def test_flips_that_no_user_sees_are_told_apart():
    """Where neither gives a count, no count is the answer of both, whichever class is ahead."""
    first = np.array([[0.9, 0.1, 0], [0.51, 0.49, 0], [0.7, 0.3, 0], [0.45, 0.55, 0]], np.float32)
    second = np.array([[0.8, 0.2, 0], [0.49, 0.51, 0], [0.4, 0.6, 0], [0.3, 0.7, 0]], np.float32)
    found = compare(first, second, truth(0, 0, 0, 1), abstain_below=0.65, names=("a", "b", "c", "d"))
    assert (found.agreement.same, found.agreement.n) == (2, 4)
    assert (found.counted.same, found.counted.n) == (2, 3)
    assert found.counted_flips == 1
    assert found.withheld_by_one == 2
    assert [(flip.picture, flip.counted) for flip in found.flips] == [("b", False), ("c", True)]
    assert found.flips[1].first_confidence == pytest.approx(0.7)
    assert found.flips[1].second_probabilities == pytest.approx((0.4, 0.6, 0))


def test_what_is_no_number_is_no_answer():
    broken = np.full((2, 3), np.nan, np.float32)
    found = compare(scores(0, 1), broken, truth(0, 1))
    assert found.counted_flips == 2
    assert {flip.second for flip in found.flips} == {NO_NUMBER}
    assert found.accuracy.only_first == 2
    assert found.distance == 1
    assert found.flips[0].second_probabilities == ()
    assert compare(broken, broken, truth(0, 1)).agreement.same == 0


def test_both_p_values_are_in_the_report():
    report = compare(scores(0, 1, 2, 2, 0, 1), scores(0, 2, 1, 1, 1, 0), truth(0, 1, 2, 2, 0, 1)).to_json()
    assert (report["only_first_right"], report["only_second_right"]) == (5, 0)
    assert report["mcnemar_p"] == pytest.approx(2 / 32)
    assert report["loss_p"] == pytest.approx(1 / 32)
