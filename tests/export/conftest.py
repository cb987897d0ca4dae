"""Small models trained for seconds: one whose int8 files can be spoiled, one with a planted outlier channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.arrays import Probabilities
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.export.convert.convert import to_float32, to_int8
from signs_edge.export.diagnosis.selective import SelectiveQuantizer
from signs_edge.export.gate.comparison import compare
from signs_edge.export.gate.gate import Gate, GateLimits
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.network.resnet import build_resnet
from signs_edge.train.runs.config import ModelConfig

NAMES = ("0", "1", "2", "3")


def draw_glows(n: int, seed: int) -> SignsDataset:
    """Pictures whose class is how red a patch of them glows, without any blue: what clips or mistakes red is seen in the answers."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n, dtype=np.int64) % len(NAMES)
    images = rng.integers(0, 30, (n, 64, 64, 3), dtype=np.uint8)
    images[..., 2] = 0
    for image, label in zip(images, labels.tolist(), strict=True):
        top, left = rng.integers(0, 25, 2)
        image[top : top + 40, left : left + 40, 0] += np.uint8(20 + 65 * label)
    return SignsDataset(images, labels, NAMES)


@dataclass(frozen=True)
class Glow:
    """A trained model, what it learned from, what it is judged on, and what its float32 file answers there."""

    model: Any
    train: SignsDataset
    test: SignsDataset
    float32: bytes
    scores: Probabilities

    def int8(self, calibration: np.ndarray) -> bytes:
        """Its int8 flatbuffer, calibrated with such (n, 64, 64, 3) uint8 pictures."""
        return to_int8(self.model, calibration, Contract())

    def gate(self, int8: bytes, limits: GateLimits | None = None) -> Gate:
        """What the gate says of a flatbuffer."""
        scores = predict_all(TFLiteClassifier(ModelFile.pack(int8, NAMES, Contract())), self.test.images)
        return Gate("int8", "float32", compare(self.scores, scores, self.test), limits or GateLimits())


@pytest.fixture(scope="session")
def glow() -> Glow:
    """Right on all test pictures, in float32."""
    import keras

    from signs_edge.train.network.resnet import build_resnet
    from signs_edge.train.runs.config import ModelConfig

    keras.utils.set_random_seed(0)
    train, test = draw_glows(240, seed=1), draw_glows(120, seed=2)
    model = build_resnet(ModelConfig(stages=(1,), width=4), (64, 64, 3), len(NAMES))
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(train.images.astype(np.float32) / 255, train.labels, batch_size=24, epochs=12, verbose=0)
    # There was no blue in any picture, so nothing taught the network to leave it alone: let it look at the others only.
    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    kernel, *bias = first.get_weights()
    kernel[:, :, 2] = 0
    first.set_weights([kernel, *bias])
    float32 = to_float32(model)
    scores = predict_all(TFLiteClassifier(ModelFile.pack(float32, NAMES, Contract())), test.images)
    return Glow(model, train, test, float32, scores)


@pytest.fixture(scope="session")
def sound_int8(glow: Glow) -> bytes:
    """Its int8 flatbuffer as it should be."""
    return glow.int8(glow.train.images[:60])


@pytest.fixture(scope="session")
def edited() -> Callable[[bytes, Callable[[Any], None]], bytes]:
    """A function of a flatbuffer and an edit of its object tree (the schema's `ModelT`) to the edited flatbuffer."""

    def edited(content: bytes, edit: Callable[[Any], None]) -> bytes:
        from tensorflow.lite.tools import flatbuffer_utils

        tree = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
        edit(tree)
        return bytes(flatbuffer_utils.convert_object_to_bytearray(tree))

    return edited


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
