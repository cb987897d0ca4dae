"""Temperatures: found again where they are known, bounded where they are not, folded into a model."""

import keras
import numpy as np
import pytest

from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.train.network.resnet import build_resnet
from signs_edge.train.network.temperature import (
    HIGHEST,
    LOWEST,
    apply_temperature,
    fit_temperature,
    fold_temperature,
    log_probabilities,
)
from signs_edge.train.runs.config import ModelConfig


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def drawn(n, temperature, seed=0):
    """Logits, and labels drawn from their softmax at a temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, (n, 6))
    cumulated = softmax(logits / temperature).cumsum(axis=1)
    return logits, (rng.uniform(size=(n, 1)) > cumulated).sum(axis=1).astype(np.int64)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_labels_were_drawn_at_is_found(temperature):
    logits, labels = drawn(20_000, temperature)

    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.04)
    assert fit_temperature(np.log(softmax(logits)), labels) == pytest.approx(temperature, rel=0.04)


def test_where_all_answers_are_right_it_stays_near_one():
    labels = np.zeros(1000, np.int64)
    logits = np.zeros((1000, 6))
    logits[:, 0] = 4.0

    few, many = fit_temperature(logits[:20], labels[:20]), fit_temperature(logits, labels)

    # The likelihood alone would take the lowest for both.
    assert LOWEST < many < few < 1
    assert few > 0.6


def test_where_one_of_many_is_wrong_the_likelihood_decides():
    labels = np.repeat([0, 1], [99, 1]).astype(np.int64)
    logits = np.zeros((100, 2))
    logits[:, 0] = 9.0

    # Without the prior T would be 9 / ln 99 = 1.96.
    assert 1.8 < fit_temperature(logits, labels) < 9 / np.log(99)


def test_it_stays_in_its_bounds():
    labels = np.arange(60) % 6
    sure_and_wrong = 50.0 * np.eye(6)[(labels + 1) % 6]
    hardly_sure_and_right = 0.3 * np.eye(6)[labels]

    assert fit_temperature(sure_and_wrong, labels) == pytest.approx(HIGHEST, rel=1e-4)
    assert fit_temperature(hardly_sure_and_right, labels) == pytest.approx(LOWEST, rel=1e-4)
    assert fit_temperature(np.empty((0, 6)), np.empty(0, np.int64)) == 1.0


def test_probabilities_take_a_temperature_as_logits_do():
    logits, _ = drawn(50, 1.0)

    scaled = apply_temperature(softmax(logits).astype(np.float32), 2.0)

    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, softmax(logits / 2), atol=2e-3)  # less than 1e-7 is floored


def test_probabilities_of_nought_stay_finite():
    certain = np.array([[0, 1, 0]], np.float32)

    assert np.isfinite(log_probabilities(certain)).all()
    assert apply_temperature(certain, 4.0).argmax() == 1


@pytest.mark.parametrize("use_bias", [True, False])
def test_folded_into_a_model_it_gives_the_same_as_applied_afterwards(use_bias):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((5,))
    model = keras.Model(inputs, keras.layers.Dense(4, activation="softmax", use_bias=use_bias)(inputs))
    points = np.random.default_rng(0).normal(0, 2, (30, 5)).astype(np.float32)
    before = np.asarray(model(points))

    fold_temperature(model, 1.7)

    after = np.asarray(model(points))
    np.testing.assert_allclose(after, apply_temperature(before, 1.7), atol=1e-5)
    assert np.array_equal(after.argmax(axis=1), before.argmax(axis=1))
    assert not np.allclose(after, before, atol=0.01)


def test_our_network_ends_in_a_layer_that_it_folds_into(blotches):
    keras.utils.set_random_seed(2)
    model = build_resnet(ModelConfig(stages=(1,), width=2), (64, 64, 3), 6)
    pictures = blotches(4, 0).astype(np.float32) / 255
    before = np.asarray(model(pictures))

    fold_temperature(model, 3.0)

    np.testing.assert_allclose(np.asarray(model(pictures)), apply_temperature(before, 3.0), atol=1e-5)


def test_what_has_no_softmax_at_its_end_is_refused():
    inputs = keras.Input((5,))
    for layer in (keras.layers.ReLU(name="last"), keras.layers.Dense(2, name="last")):
        with pytest.raises(ModelError, match="'last': a temperature folds into a Dense layer with softmax only"):
            fold_temperature(keras.Model(inputs, layer(inputs)), 2.0)


def test_bad_values_are_refused():
    with pytest.raises(UsageError, match="do not fit"):
        fit_temperature(np.zeros((3, 2)), np.zeros(4, np.int64))
    with pytest.raises(UsageError, match="not finite"):
        fit_temperature(np.full((1, 2), -np.inf), np.zeros(1, np.int64))
    with pytest.raises(UsageError, match="temperature 0 is not allowed"):
        apply_temperature(np.ones((1, 2), np.float32) / 2, 0)
