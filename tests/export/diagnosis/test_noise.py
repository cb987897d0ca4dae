"""Signal-to-noise ratios against textbook values."""

import math

import numpy as np
import pytest

from signs_edge.export.diagnosis.noise import NoiseMeter, decibels


def measured(exact, received):
    meter = NoiseMeter(exact.shape[-1])
    for one, other in zip(exact, received, strict=True):
        meter.add(one, other)
    return meter.read()


def test_decibels():
    assert decibels(100, 1) == pytest.approx(20)
    assert decibels(1, 2) == pytest.approx(-3.01, abs=0.01)
    assert decibels(1, 0) == math.inf
    assert decibels(0, 1) == -math.inf
    assert math.isnan(decibels(0, 0))


def test_uniform_values_rounded_to_b_bits_have_six_decibels_a_bit():
    """Of a uniform signal over the whole range: 20·log10(2^b), Widrow and Kollár."""
    values = np.random.default_rng(0).uniform(-1, 1, (20, 500, 4)).astype(np.float32)
    step = 2 / 256
    assert measured(values, np.round(values / step) * step).sqnr == pytest.approx(20 * math.log10(256), abs=0.1)


def test_errors_are_those_of_all_pictures():
    exact = np.float32([[[1, 2]], [[3, 4]]])
    found = measured(exact, exact + np.float32([[[0, 1]], [[0, -3]]]))
    assert found.mean_error == 1
    assert found.max_error == 3
    assert found.noise.tolist() == [0, 10]
    assert found.signal.tolist() == [10, 20]
    assert found.by_channel == (math.inf, pytest.approx(10 * math.log10(2)))


def test_a_channel_made_large_and_read_as_much_less_changes_nothing_but_the_plain_ratio():
    rng = np.random.default_rng(0)
    exact, error = rng.normal(size=(5, 100, 4)), 0.01 * rng.normal(size=(5, 100, 4))
    factors, weights = np.array([1000.0, 1, 1, 1]), np.ones(4)
    plain = measured(exact, exact + error)
    scaled = measured(exact * factors, (exact + error) * factors)
    assert scaled.weighted(weights / factors**2) == pytest.approx(plain.weighted(weights))
    # The same absolute error in all channels, as one scale for all of them makes it, is what the weights bring to light.
    coarse = measured(exact * factors, exact * factors + 10 * error)
    assert coarse.sqnr > 70
    assert coarse.weighted(weights / factors**2) < 25


def test_nothing_measured_is_unknown():
    found = NoiseMeter(3).read()
    assert math.isnan(found.sqnr)
    assert math.isnan(found.mean_error)
