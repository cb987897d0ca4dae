"""What tests of several rooms share: the tiny models, and the rule for tests that need the real data."""

from __future__ import annotations

import os
import warnings
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
    """An untrained network of 18 channels, exported twice; its answers are arbitrary but depend on the picture."""

    float32: Path
    int8: Path


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    """A float32 and an int8 .tflite file of one network, labelled 0 to 5."""
    import keras

    from signs_edge.export.convert import to_float32, to_int8
    from signs_edge.train.config import ModelConfig
    from signs_edge.train.resnet import build_resnet

    keras.utils.set_random_seed(0)
    model = build_resnet(ModelConfig(stages=(1,), width=4), (64, 64, 3), len(LABELS))
    layer = model.get_layer("probabilities")
    layer.set_weights([40 * layer.get_weights()[0], layer.get_weights()[1]])  # untrained, it would say 1/6 to all
    calibration = pictures(60, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own, about statistics that full-integer models do not have
        flatbuffers = {"float32": to_float32(model), "int8": to_int8(model, calibration, Contract())}
    folder = tmp_path_factory.mktemp("tiny")
    paths = {name: folder / f"{name}.tflite" for name in flatbuffers}
    for name, path in paths.items():
        path.write_bytes(ModelFile.pack(flatbuffers[name], LABELS, Contract()).content)
    return TinyModels(**paths)


def pictures(n: int, seed: int) -> np.ndarray:
    """(n, 64, 64, 3) uint8 RGB blotches of random colours, each unlike the others."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (n, 4, 4, 3), dtype=np.uint8)
    return coarse.repeat(16, axis=1).repeat(16, axis=2)
