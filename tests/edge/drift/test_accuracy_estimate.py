"""Accuracy without labels, from calibrated confidences."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from signs_edge.edge.drift.accuracy_estimate import AccuracyEstimate
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.reference.confidence_bins import ConfidenceBins


def test_bins_count_what_was_right() -> None:
    bins = ConfidenceBins.of([0.3, 0.4, 0.8, 0.9], [False, True, True, True], bins=2)

    assert len(bins.edges) == 1
    assert bins.n == (2, 2)
    assert bins.right == (1, 2)
    assert bins.accuracy.tolist() == [1.5 / 3, 2.5 / 3]
    assert [bins.bin(x) for x in (0.1, 0.99, math.nan)] == [0, 1, 0]


def test_equal_confidences_are_one_bin() -> None:
    """int8 says 255/256 of most pictures."""
    bins = ConfidenceBins.of([0.996] * 50, [True] * 50)

    assert bins.edges == ()
    assert bins.n == (50,)


def test_bins_that_are_none() -> None:
    assert ConfidenceBins.from_json(ConfidenceBins((0.5,), (3, 4), (1, 4)).to_json()) == ConfidenceBins(
        (0.5,), (3, 4), (1, 4)
    )
    with pytest.raises(ModelError, match="damaged"):
        ConfidenceBins((0.5,), (3, 4), (1, 5))
    with pytest.raises(ModelError, match="not understood"):
        ConfidenceBins.from_json({"edges": [0.5]})
    with pytest.raises(UsageError, match="as many"):
        ConfidenceBins.of([0.5, 0.6], [True])


def test_the_estimate_is_the_truth_where_the_calibration_holds() -> None:
    """400 calibration pictures, 200 frames of harder input, 200 times: covered as often as stated, and without bias."""
    rng = np.random.default_rng(1)
    truth, shares = np.array([0.5, 0.8, 0.98]), np.array([0.5, 0.3, 0.2])
    covered, errors = 0, []
    for _ in range(200):
        n = rng.multinomial(400, [0.2, 0.3, 0.5])
        estimate = AccuracyEstimate(
            ConfidenceBins((1 / 3, 2 / 3), tuple(n.tolist()), tuple(rng.binomial(n, truth).tolist()))
        )
        for place in rng.choice(3, p=shares, size=200):
            estimate.add(float(place) / 3 + 0.1)
            estimate.close_block()
        guess = estimate.estimate
        assert guess is not None
        covered += guess.interval.low <= truth @ shares <= guess.interval.high
        errors.append(guess.accuracy - truth @ shares)

    assert covered / 200 >= 0.92
    assert abs(np.mean(errors)) < 0.01


def test_nothing_is_said_of_too_little_and_it_goes_on_where_it_stopped() -> None:
    bins = ConfidenceBins((0.5,), (30, 40), (10, 39))
    whole, first = AccuracyEstimate(bins), AccuracyEstimate(bins)
    assert whole.estimate is None
    for one in (whole, first):
        for value in (0.2, 0.9, 0.7):
            one.add(value)
            one.close_block()
    second = AccuracyEstimate(bins)
    second.resume(json.loads(json.dumps(first.to_json())))
    for one in (whole, second):
        for value in (0.2, 0.9, 0.7):
            one.add(value)
            one.close_block()

    assert second.estimate == whole.estimate
    assert whole.estimate is not None
    assert whole.estimate.accuracy == pytest.approx((10.5 / 31 + 2 * 39.5 / 41) / 3)
