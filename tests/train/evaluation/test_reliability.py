"""Reliability bins and the expected calibration error, against sums done by hand."""

import json

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.train.evaluation.reliability import Calibration, Reliability, expected_calibration_error


def sure(*confidences):
    """Probabilities of two classes, the first as sure as said."""
    first = np.array(confidences, np.float32)
    return np.stack([first, 1 - first], axis=1)


def test_bins_hold_what_was_counted_by_hand():
    probabilities = sure(0.55, 0.65, 0.95, 0.85, 0.95)
    labels = np.array([0, 1, 0, 0, 1], np.int64)

    reliability = Reliability.of(probabilities, labels, bins=5)

    assert [(found.n, found.correct) for found in reliability.bins] == [(0, 0), (0, 0), (1, 1), (1, 0), (3, 2)]
    assert reliability.bins[0].accuracy is None
    assert reliability.bins[4].confidence == pytest.approx(2.75 / 3)
    # 1/5 · |1 − .55| + 1/5 · |0 − .65| + 3/5 · |2/3 − 2.75/3|
    assert reliability.error == pytest.approx((0.45 + 0.65 + 0.75) / 5)
    assert reliability.nll == pytest.approx(-np.log([0.55, 0.35, 0.95, 0.85, 0.05]).mean(), rel=1e-5)


def test_a_bound_belongs_to_the_bin_below():
    assert [found.n for found in Reliability.of(sure(0.5, 1.0), np.zeros(2, np.int64), bins=2).bins] == [1, 1]


def test_one_that_is_as_often_right_as_it_is_sure_has_no_error():
    labels = np.repeat([0, 1], [80, 20]).astype(np.int64)

    assert expected_calibration_error(sure(*[0.8] * 100), labels) == pytest.approx(0, abs=1e-6)
    assert expected_calibration_error(sure(*[0.99] * 100), labels) == pytest.approx(0.19, abs=1e-6)


def test_without_pictures_nothing_is_known():
    reliability = Reliability.of(np.empty((0, 2), np.float32), np.empty(0, np.int64))

    assert (reliability.n, reliability.error, reliability.nll) == (0, None, None)


def test_calibration_mends_a_model_that_is_too_sure():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 4000)
    answers = np.where(rng.uniform(size=4000) < 0.8, labels, 1 - labels)  # right on four of five, sure of all
    probabilities = np.where(np.eye(2)[answers] > 0, 0.99, 0.01).astype(np.float32)

    calibration = Calibration.measure(probabilities[:2000], labels[:2000], probabilities[2000:], labels[2000:])

    assert calibration.before.error == pytest.approx(0.19, abs=0.03)
    assert calibration.after.error < 0.03
    assert calibration.after.nll < calibration.before.nll
    assert calibration.temperature == pytest.approx(np.log(99) / np.log(4), rel=0.1)  # logit .99 over logit .8
    stored = json.loads(json.dumps(calibration.to_json()))
    assert stored["fitted_on"] == 2000
    assert len(stored["after"]["bins"]) == 15


def test_without_validation_pictures_nothing_changes():
    probabilities, labels = sure(0.6, 0.9), np.array([0, 1], np.int64)

    calibration = Calibration.measure(probabilities[:0], labels[:0], probabilities, labels)

    assert calibration.temperature == 1
    assert calibration.after.error == pytest.approx(calibration.before.error)


def test_what_does_not_fit_is_refused():
    with pytest.raises(UsageError, match="do not fit"):
        Reliability.of(sure(0.6), np.zeros(2, np.int64))
