import numpy as np
import pytest

from signs_edge.export.verify import Flip, compare
from signs_edge.train.dataset import SignsDataset


def scores(*answers):
    """One-hot probabilities for three classes."""
    return np.eye(3, dtype=np.float32)[list(answers)]


def truth(*labels):
    return SignsDataset(
        np.zeros((len(labels), 64, 64, 3), np.uint8), np.array(labels, np.int64), ("zero", "one", "two")
    )


def test_flips_are_named_and_counted():
    found = compare(scores(0, 1, 2, 2), scores(0, 1, 1, 2), truth(0, 1, 2, 1))
    assert found.flips == (Flip(index=2, truth="two", first="two", second="one"),)
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
