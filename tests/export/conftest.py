"""A small trained network with and without a planted outlier channel, for the diagnosis and the repair of int8 files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.contract import Contract
from signs_edge.export.convert import to_float32
from signs_edge.export.selective import SelectiveQuantizer
from signs_edge.train.config import ModelConfig
from signs_edge.train.dataset import SignsDataset
from signs_edge.train.resnet import build_resnet

BAR_NAMES = ("1", "2", "3")
PLANTED, READER = "stage3_block1_1", "stage3_block1_2"
"""The channel is made large where the first of these convolutions writes, and small again where the second reads."""


@dataclass(frozen=True)
class Quantized:
    """A model in Keras, in float32 and in int8, and what made the int8 file."""

    model: Any
    float32: bytes
    int8: bytes
    quantizer: SelectiveQuantizer

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of its layers without batch normalization."""
        return tuple(layer.name for layer in self.model.layers if not layer.name.endswith("_bn"))


def draw_bars(n: int, seed: int) -> SignsDataset:
    """Pictures that a tiny network learns at once: class k, of three, has k bright bars."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n, dtype=np.int64) % 3
    pictures = rng.integers(0, 60, (n, 64, 64, 3), dtype=np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        for bar in range(label + 1):
            picture[8:56, 8 + 16 * bar : 14 + 16 * bar] += 180
    return SignsDataset(pictures, labels, BAR_NAMES)


@pytest.fixture(scope="session")
def bars() -> SignsDataset:
    """A hundred pictures for judging."""
    return draw_bars(100, seed=1)


@pytest.fixture(scope="session")
def healthy() -> Quantized:
    """A residual network with an Add of each kind, trained on bars for some seconds."""
    import keras

    keras.utils.set_random_seed(0)
    model = build_resnet(ModelConfig(stages=(1, 2), width=4), (64, 64, 3), len(BAR_NAMES))
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    learned = draw_bars(96, seed=0)
    model.fit(learned.images / np.float32(255), learned.labels, epochs=10, batch_size=16, verbose=0)
    return quantize(model)


@pytest.fixture(scope="session")
def planted(healthy: Quantized) -> Quantized:
    """The same function in float, with one channel 1024 times as large as it was between two convolutions."""
    import keras

    model = keras.models.clone_model(healthy.model)
    model.set_weights(healthy.model.get_weights())
    plant(model, 1024)
    return quantize(model)


def plant(model: Any, factor: float) -> None:
    """Enlarge the strongest channel that PLANTED writes and READER reads; ReLU between them lets a factor pass."""
    normalization, reader = model.get_layer(f"{PLANTED}_bn"), model.get_layer(f"{READER}_conv")
    gamma, beta, *statistics = normalization.get_weights()
    kernel, bias = reader.get_weights()
    channel = int(np.argmax(np.abs(kernel).sum(axis=(0, 1, 3)) * np.abs(gamma)))
    gamma[channel] *= factor
    beta[channel] *= factor
    kernel[:, :, channel] /= factor
    normalization.set_weights([gamma, beta, *statistics])
    reader.set_weights([kernel, bias])


def quantize(model: Any) -> Quantized:
    """Both files of a model."""
    float32 = to_float32(model)
    quantizer = SelectiveQuantizer(float32, draw_bars(60, seed=0).images, Contract())
    return Quantized(model, float32, quantizer.quantize(), quantizer)
