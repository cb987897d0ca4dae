"""What tests of several rooms share: the tiny models, and the rule for tests that need the real data."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from signs_edge.edge.contract import Contract
from signs_edge.edge.model_file import ModelFile

LABELS = ("0", "1", "2", "3", "4", "5")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the real photos are left out, and say so, where there are none."""
    if not os.environ.get("SIGNS_EDGE_DATA"):
        for item in items:
            if item.get_closest_marker("signs"):
                item.add_marker(pytest.mark.skip(reason="needs the real SIGNS data: set $SIGNS_EDGE_DATA"))


@dataclass(frozen=True)
class TinyModels:
    """A small untrained network, exported twice; its answers are arbitrary but depend on the picture."""

    float32: Path
    int8: Path
    labels: tuple[str, ...] = LABELS


@pytest.fixture(scope="session")
def blotches() -> Callable[[int, int], np.ndarray]:
    """A function of a number and a seed to so many pictures of blotches, each unlike the others."""
    return draw_blotches


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    """A float32 and an int8 .tflite file of one network, labelled 0 to 5."""
    import keras

    from signs_edge.export.convert import to_float32, to_int8
    from signs_edge.train.config import ModelConfig
    from signs_edge.train.resnet import build_resnet

    keras.utils.set_random_seed(0)
    model = build_resnet(ModelConfig(stages=(1,), width=4), (64, 64, 3), len(LABELS))
    calibration = draw_blotches(60, seed=1)
    # Untrained, it would give all pictures one answer: centre and stretch what the last layer sees, so that they differ.
    features = keras.Model(model.input, model.get_layer("features").output)(calibration.astype(np.float32) / 255)
    mean, spread = np.mean(features, axis=0), np.std(features, axis=0).max()
    kernel = np.random.default_rng(0).normal(0, 2 / spread, (len(mean), len(LABELS)))
    model.get_layer("probabilities").set_weights([kernel, -mean @ kernel])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own, about statistics that full-integer models do not have
        flatbuffers = {"float32": to_float32(model), "int8": to_int8(model, calibration, Contract())}
    folder = tmp_path_factory.mktemp("tiny")
    paths = {name: folder / f"{name}.tflite" for name in flatbuffers}
    for name, path in paths.items():
        path.write_bytes(ModelFile.pack(flatbuffers[name], LABELS, Contract()).content)
    return TinyModels(**paths)


def draw_blotches(n: int, seed: int) -> np.ndarray:
    """(n, 64, 64, 3) uint8 RGB blotches of random colours."""
    rng = np.random.default_rng(seed)
    tint = rng.uniform(0, 1, (n, 1, 1, 3))
    coarse = (rng.integers(0, 256, (n, 4, 4, 3)) * tint).astype(np.uint8)
    return coarse.repeat(16, axis=1).repeat(16, axis=2)
