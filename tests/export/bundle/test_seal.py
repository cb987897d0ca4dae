"""Sealing: the same input gives the same bytes, stock runtimes open them, and the golden vectors show each fault."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.inference.preparation_faults import FAULTS
from signs_edge.edge.inference.preprocess import frame_to_picture
from signs_edge.edge.inference.runtime import find_runtime
from signs_edge.edge.inference.self_test import answers_with, self_test
from signs_edge.export.bundle.seal import seal

PACKAGED = {name: Path(__file__).parents[3] / f"edge/models/{name}.tflite" for name in ("int8", "float32")}


def sealed_again(path: Path, twin: Path) -> ModelFile:
    file = ModelFile.read(path)
    return seal(
        file.flatbuffer, labels=file.labels, contract=file.contract, abstain_below=0.5, temperature=1.5,
        provenance={"run": "x"}, float_flatbuffer=ModelFile.read(twin).flatbuffer,
    )  # fmt: skip


def test_the_same_input_gives_the_same_bytes(tiny_models) -> None:
    first, second = (sealed_again(tiny_models.int8, tiny_models.float32) for _ in range(2))

    assert first.content == second.content
    assert (first.abstain_below, first.temperature, first.provenance) == (0.5, 1.5, {"run": "x"})
    assert ModelFile.parse(first.content, "it") == first


def test_the_golden_vectors_are_what_both_models_answer(tiny_models) -> None:
    file = sealed_again(tiny_models.int8, tiny_models.float32)
    golden = file.golden

    assert golden is not None
    pictures = np.stack([frame_to_picture(frame, file.contract) for frame in golden.frames])
    assert (pictures == golden.pictures).all()
    assert (predict_all(TFLiteClassifier(file), pictures) == golden.scores).all()
    assert (predict_all(TFLiteClassifier.open(tiny_models.float32), pictures) == golden.float_scores).all()
    height, width = golden.frames.shape[1:3]
    assert width > height > file.contract.height
    assert height % file.contract.height != 0  # or nearest, linear and area would be too alike


@pytest.mark.parametrize("name", PACKAGED)
def test_the_packaged_models_golden_vectors_show_each_fault_of_colour_side_crop_and_scale(name: str) -> None:
    classifier = TFLiteClassifier.open(PACKAGED[name])
    golden = classifier.golden

    assert golden is not None
    for fault in FAULTS:
        shown = np.stack([fault.picture(frame, classifier.contract) for frame in golden.frames])
        apart = np.abs(shown.astype(int) - golden.pictures).mean()
        if fault.divisions == 1:
            assert apart > 0.5, fault.name
        if "interpolation" not in fault.name:  # this one moves an answer by less than two runtimes may differ
            moved = np.abs(answers_with(classifier, shown, fault) - golden.scores).max()
            assert moved > 0.15, fault.name


@pytest.mark.parametrize("name", PACKAGED)
def test_the_packaged_models_are_sealed_and_answered_as_recorded(name: str) -> None:
    file = ModelFile.read(PACKAGED[name])
    found = self_test(TFLiteClassifier(file))

    assert found is not None
    assert found.ok
    assert file.golden is not None
    ordered = np.sort(file.golden.scores, axis=1)
    assert (ordered[:, -1] - ordered[:, -2]).min() >= 0.1  # no rounding turns an answer round
    assert (file.golden.scores.argmax(axis=1) == file.golden.float_scores.argmax(axis=1)).all()
    assert len(set(file.golden.scores.argmax(axis=1))) >= 3
    assert file.provenance["gate"]["passed"] is True
    assert len(file.provenance["run"]["model_sha256"]) == 64


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
@pytest.mark.parametrize("name", ["litert", "tensorflow"])
@pytest.mark.parametrize("model", PACKAGED)
def test_a_stock_interpreter_opens_the_file_as_it_is(name: str, model: str) -> None:
    interpreter = find_runtime(name).interpreter(model_path=str(PACKAGED[model]))
    interpreter.allocate_tensors()

    assert interpreter.get_input_details()[0]["shape"].tolist() == [1, 64, 64, 3]
    found = self_test(TFLiteClassifier.open(PACKAGED[model], runtime=name))
    assert found is not None
    assert found.ok, found
