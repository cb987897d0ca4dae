"""Fixtures: small models in TFLite files, and the report on an export."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import draw_blotches

from signs_edge.edge.bundle.contract import Contract

LABELS = ("0", "1", "2", "3", "4", "5")


@dataclass(frozen=True)
class TinyModels:
    """A small untrained network, exported twice; its answers are arbitrary but depend on the picture."""

    float32: Path
    int8: Path
    labels: tuple[str, ...] = LABELS


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    """A float32 and an int8 .tflite file of one network, labelled 0 to 5."""
    import keras

    from signs_edge.export.bundle.seal import seal
    from signs_edge.export.convert.convert import to_float32, to_int8
    from signs_edge.train.network.resnet import build_resnet
    from signs_edge.train.runs.config import ModelConfig

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
        sealed = seal(
            flatbuffers[name], labels=LABELS, contract=Contract(), abstain_below=None, temperature=None, provenance={},
            float_flatbuffer=flatbuffers["float32"],
        )  # fmt: skip
        path.write_bytes(sealed.content)
    return TinyModels(**paths)


@pytest.fixture(scope="session")
def tiny_finder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An int8 finder that has learned nothing, with a least score of 0.3."""
    import keras

    from signs_edge.edge.bundle.model_file import ModelFile
    from signs_edge.edge.region.finder import CONTRACT, OUTPUTS
    from signs_edge.export.convert.convert import to_int8
    from signs_edge.train.finder.network import build_finder

    keras.utils.set_random_seed(0)
    frames = np.random.default_rng(0).integers(0, 256, (8, 120, 160, 3), dtype=np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as below
        flatbuffer = to_int8(build_finder(width=4), frames, CONTRACT)
    path = tmp_path_factory.mktemp("finder") / "finder.tflite"
    path.write_bytes(ModelFile.pack(flatbuffer, OUTPUTS, CONTRACT, 0.3).content)
    return path


@pytest.fixture
def made_report(tmp_path: Path) -> Callable[..., Any]:
    """A function of a number of flips to the report on an export of 120 pictures, with made-up files and figures."""
    from signs_edge.edge.metrics.evaluation import Evaluation
    from signs_edge.export.convert.calibration import Calibration
    from signs_edge.export.convert.coverage import Coverage, TensorCoverage
    from signs_edge.export.gate.comparison import compare
    from signs_edge.export.gate.gate import Gate, GateLimits
    from signs_edge.export.gate.verify import Verification
    from signs_edge.export.report.record import ExportReport
    from signs_edge.train.data.dataset import SignsDataset

    def made(flips: int, names: tuple[str, ...] = ("0", "1"), **parts: Any) -> Any:
        pictures = SignsDataset(draw_blotches(120, seed=1), np.arange(120, dtype=np.int64) % 2, names)
        exact = np.where(np.eye(2)[pictures.labels] > 0, 0.9, 0.1).astype(np.float32)
        spoiled = exact.copy()
        spoiled[:flips] = spoiled[:flips, ::-1]
        gates = {
            "float32": Gate("float32", "Keras", compare(exact, exact, pictures), GateLimits()),
            "int8": Gate("int8", "float32", compare(exact, spoiled, pictures), GateLimits()),
        }
        right = [Evaluation.of(found.argmax(axis=1), pictures.labels, names) for found in (exact, exact, spoiled)]
        return ExportReport(
            **{
                "run": "a run",
                "folder": tmp_path,
                "sizes": {f"{name}.tflite": 1_000_000 for name in ("float32", "int8", "int8.failed")}
                | {"model.keras": 5},
                "verification": Verification(
                    dict(zip(("Keras", "float32", "int8"), right, strict=True)),
                    {form: gate.comparison for form, gate in gates.items()},
                    gates,
                    "120 test photos",
                ),
                "calibration": Calibration(pictures.images[:4], np.arange(4), {"0": 2, "1": 2}, 7, 4),
                "coverage": Coverage(9, 0.01, (TensorCoverage("dense/Relu", (0, 1), (0, 2), 0.02, 60),), 4, 60),
                "io_type": "int8",
                "runtime": "litert 2",
                "data": "/home/someone/hands",
                "seconds": {"float32": 1.5, "int8": 2.5, "checks": 3.0},
                "abstain_below": 0.5,
                "flipped": {index: pictures.images[index] for index in range(flips)},
                **parts,
            }
        )

    return made
