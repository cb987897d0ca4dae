"""Gradient norms against what can be worked out by hand."""

import keras
import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.train.ablation.gradients import LayerGradient, gradient_norms, kernel_gradients
from signs_edge.train.network.resnet import build_resnet
from signs_edge.train.runs.config import ModelConfig

CLASSES = 3


def batch(n, shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 1, (n, *shape)).astype(np.float32), np.eye(CLASSES, dtype=np.float32)[np.arange(n) % CLASSES]


@pytest.fixture(scope="module")
def tiny():
    keras.utils.set_random_seed(0)
    return build_resnet(ModelConfig(stages=(1,), width=2), (32, 32, 3), CLASSES)


def test_softmax_regression_has_the_gradient_of_the_textbook():
    """With p = softmax(x·W), the mean cross-entropy's gradient is xᵀ·(p − t) / n."""
    inputs = keras.Input((1, 1, 4))
    logits = keras.layers.Flatten()(keras.layers.Conv2D(CLASSES, 1, use_bias=False)(inputs))
    model = keras.Model(inputs, keras.layers.Softmax()(logits))
    batches = [batch(5, (1, 1, 4), seed) for seed in (0, 1)]
    kernel = np.asarray(model.layers[1].kernel)[0, 0]

    def by_hand(pictures, targets):
        flat = pictures[:, 0, 0]
        powers = np.exp(flat @ kernel)
        return np.linalg.norm(flat.T @ (powers / powers.sum(axis=1, keepdims=True) - targets) / len(flat))

    (found,) = gradient_norms(model, batches)
    assert found.gradient == pytest.approx(np.mean([by_hand(*each) for each in batches]), rel=1e-5)
    assert found.weight == pytest.approx(np.linalg.norm(kernel), rel=1e-6)
    assert found.position == 1
    assert found.relative == pytest.approx(found.gradient / found.weight)


def test_a_step_along_the_gradient_changes_the_loss_by_its_norm(tiny):
    """Finite differences through the whole network, batch normalization and shortcut included."""
    pictures, targets = batch(6, (32, 32, 3))
    kernel = tiny.get_layer("stage2_block1_3_conv").kernel
    (gradient,) = kernel_gradients(tiny, [kernel], pictures, targets)
    norm, before = np.linalg.norm(gradient), np.array(kernel)

    def loss_at(step):
        kernel.assign(before + step * gradient / norm)
        given = np.asarray(tiny(pictures, training=True))
        kernel.assign(before)
        return float(-np.log((given * targets).sum(axis=1)).mean())

    assert (loss_at(0.02) - loss_at(-0.02)) / 0.04 == pytest.approx(norm, rel=0.03)


def test_every_convolution_is_measured_and_nothing_moved(tiny):
    before = [np.array(value) for value in tiny.weights]
    found = gradient_norms(tiny, [batch(6, (32, 32, 3))])
    assert [(layer.layer, layer.position) for layer in found] == [
        ("stem_conv", 1),
        ("stage2_block1_1_conv", 2),
        ("stage2_block1_2_conv", 3),
        ("stage2_block1_3_conv", 4),
        ("stage2_block1_shortcut_conv", None),
    ]
    assert all(layer.gradient > 0 and layer.weight > 0 for layer in found)
    for value, old in zip(tiny.weights, before, strict=True):
        np.testing.assert_array_equal(value, old)


def test_tiny_gradients_are_not_rounded_to_nothing():
    inputs = keras.Input((1, 1, 1))
    model = keras.Model(inputs, keras.layers.Flatten()(keras.layers.Conv2D(CLASSES, 1)(inputs)))
    model.layers[1].kernel.assign(np.full((1, 1, 1, CLASSES), 1e-30))
    pictures, targets = batch(3, (1, 1, 1))
    assert gradient_norms(model, [(pictures, targets)])[0].weight == pytest.approx(1e-30 * CLASSES**0.5)


def test_another_backend_is_refused(tiny, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(UsageError, match=r"backend 'torch'.*tensorflow, jax"):
        gradient_norms(tiny, [batch(2, (32, 32, 3))])


def test_the_relative_norm_is_of_gradient_to_weight():
    assert LayerGradient("a", 1, 3.0, 1.5).relative == 2.0
