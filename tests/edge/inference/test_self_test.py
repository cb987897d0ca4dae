"""Golden vectors replayed: the right device passes, and each planted fault is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference import network as network_room
from signs_edge.edge.inference import preprocess
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.inference.self_test import RUNTIME, UNKNOWN, check_self_test, self_test

PACKAGED = Path(__file__).parents[3] / "edge/models"
MODELS = ("tiny int8", "tiny float32", "packaged int8", "packaged float32")
Patch = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module", params=MODELS)
def path(request: pytest.FixtureRequest, tiny_models) -> Path:
    where, name = request.param.split()
    return getattr(tiny_models, name) if where == "tiny" else PACKAGED / f"{name}.tflite"


def resized(cut: Callable[[np.ndarray], np.ndarray], interpolation: int = cv2.INTER_AREA) -> Patch:
    """In place of crop and resize: another cut, another interpolation."""

    def fit(frame: np.ndarray, contract: Contract) -> np.ndarray:
        return cv2.resize(cut(frame), (contract.width, contract.height), interpolation=interpolation)

    return lambda patch: patch.setattr(preprocess, "fit_square", fit)


def interpreted(change: Callable[[np.ndarray], np.ndarray]) -> Patch:
    """The classifier changes the picture before it looks it up."""

    def patch(patch: pytest.MonkeyPatch) -> None:
        right = TFLiteClassifier.probabilities
        patch.setattr(TFLiteClassifier, "probabilities", lambda self, picture: right(self, change(picture)))

    return patch


def divided_by(divisor: float) -> Patch:
    """The tables of both kinds of models."""

    def table(contract: Contract) -> np.ndarray:
        return (np.arange(256) / divisor).astype(np.float32)

    def patch(patch: pytest.MonkeyPatch) -> None:
        right = network_room.quantization_table
        patch.setattr(network_room, "scale_table", table)
        patch.setattr(network_room, "quantization_table", lambda s, z, dtype, _: right(s, z, dtype, divisor))

    return patch


def without_colour_change(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(preprocess.cv2, "cvtColor", lambda picture, code: picture)


def mirrored(patch: pytest.MonkeyPatch) -> None:
    right = preprocess.fit_square
    patch.setattr(preprocess, "fit_square", lambda frame, contract: right(cv2.flip(frame, 1), contract))


def divided_before(patch: pytest.MonkeyPatch) -> None:
    right = preprocess.fit_square
    patch.setattr(preprocess, "fit_square", lambda f, contract: (right(f, contract) / 255).astype(np.uint8))


BEHIND = "in the classifier"
"""Faults behind the picture show in the answers alone, and the tiny network, untrained, gives a mirrored hand the same."""


def start(frame: np.ndarray) -> np.ndarray:
    return frame[: min(frame.shape[:2]), : min(frame.shape[:2])]


FAULTS: dict[str, tuple[Patch, str]] = {
    "no colour change": (without_colour_change, "swapped colours"),
    f"colours changed again {BEHIND}": (interpreted(lambda picture: picture[..., ::-1]), "swapped colours"),
    "mirrored frame": (mirrored, "mirrored"),
    f"mirrored {BEHIND}": (interpreted(lambda picture: picture[:, ::-1]), "mirrored"),
    "divided twice": (divided_by(255.0**2), "double /255"),
    "divided before": (divided_before, "double /255"),
    "not divided": (divided_by(1.0), "missing /255"),
    "squeezed": (resized(lambda frame: frame), "other crop (the whole frame, squeezed)"),
    "cut at the start": (resized(start), "other crop (the square at the frame's start"),
    "cut at the end": (resized(lambda frame: frame[:, -len(frame) :]), "other crop (the square at the frame's end"),
    "nearest": (resized(preprocess.centre_square, cv2.INTER_NEAREST), "other interpolation (nearest"),
    "linear": (resized(preprocess.centre_square, cv2.INTER_LINEAR), "other interpolation (linear"),
    "cubic": (resized(preprocess.centre_square, cv2.INTER_CUBIC), "other interpolation (cubic"),
    "Lanczos": (resized(preprocess.centre_square, cv2.INTER_LANCZOS4), "other interpolation (Lanczos"),
}


def test_the_right_device_passes(path: Path) -> None:
    classifier = TFLiteClassifier.open(path)
    found = self_test(classifier)

    assert found is not None
    assert 8 <= found.n <= 12
    assert (found.ok, found.flips, found.score_distance, found.picture_distance) == (True, 0, 0, 0)
    assert (found.causes, found.diagnosis) == ((), "nothing")
    assert check_self_test(classifier, "it") is None


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    if BEHIND in fault and PACKAGED not in path.parents:
        path = PACKAGED / path.name
    plant, named = FAULTS[fault]
    plant(monkeypatch)

    found = self_test(TFLiteClassifier.open(path))

    assert found is not None
    assert not found.ok
    assert len(found.causes) == 1, found
    assert found.diagnosis.startswith(named)


def give(classifier: TFLiteClassifier, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Have the interpreter give other numbers."""
    real: Any = classifier.network._interpreter

    class Other:
        def get_tensor(self, index: int) -> np.ndarray:
            return change(real.get_tensor(index))

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    classifier.network._interpreter = Other()


@pytest.mark.parametrize("change", [lambda scores: scores[:, ::-1], lambda scores: np.full_like(scores, 3)])
def test_another_runtime_result_is_named(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    classifier = TFLiteClassifier.open(path)
    give(classifier, change)

    found = self_test(classifier)

    assert found is not None
    assert found.causes == (RUNTIME,)


def test_nan_is_not_what_was_recorded(tiny_models) -> None:
    classifier = TFLiteClassifier.open(tiny_models.float32)
    give(classifier, lambda scores: np.full_like(scores, np.nan))

    found = self_test(classifier)

    assert found is not None
    assert (found.ok, found.causes, found.score_distance) == (False, (RUNTIME,), np.inf)


@pytest.mark.parametrize(("steps", "ok"), [(2, True), (40, False)])
def test_a_few_steps_between_runtimes_are_allowed(steps: int, ok: bool) -> None:
    classifier = TFLiteClassifier.open(PACKAGED / "int8.tflite")

    def less_sure(scores: np.ndarray) -> np.ndarray:
        changed = scores.astype(np.int16)
        best = changed.argmax()
        changed[0, best] -= steps
        changed[0, best - 1] += steps
        return changed.clip(-128, 127).astype(np.int8)

    give(classifier, less_sure)
    found = self_test(classifier)

    assert found is not None
    assert found.ok is ok


@pytest.mark.parametrize(
    "plant",
    [
        interpreted(lambda picture: picture.transpose(1, 0, 2)[::-1]),  # a quarter turn: no hypothesis of ours
        interpreted(lambda picture: 255 - picture),
        resized(lambda frame: frame[: len(frame) // 2, : len(frame) // 2]),
        divided_by(127.5),
    ],
)
@pytest.mark.parametrize("name", ["int8", "float32"])
def test_what_no_single_fault_explains_is_not_known(name: str, monkeypatch: pytest.MonkeyPatch, plant: Patch) -> None:
    plant(monkeypatch)

    found = self_test(TFLiteClassifier.open(PACKAGED / f"{name}.tflite"))

    assert found is not None
    assert not found.ok
    assert (found.causes, found.diagnosis) == ((), UNKNOWN)


def test_two_faults_at_once_are_not_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    without_colour_change(monkeypatch)
    divided_by(1.0)(monkeypatch)

    found = self_test(TFLiteClassifier.open(PACKAGED / "int8.tflite"))

    assert found is not None
    assert found.diagnosis == UNKNOWN


def test_a_wrong_replay_is_one_line_or_with_trust_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = TFLiteClassifier.open(PACKAGED / "int8.tflite")
    mirrored(monkeypatch)

    with pytest.raises(ModelError, match=r"^m on litert .*: \d of 8 golden vectors .*: mirrored .*--trust$") as caught:
        check_self_test(classifier, "m")
    assert "\n" not in str(caught.value)
    warning = check_self_test(classifier, "m", trust=True)
    assert warning is not None
    assert warning.startswith("warning: m on litert ")


def test_a_file_without_golden_vectors_has_nothing_to_replay(tiny_models) -> None:
    whole = ModelFile.read(tiny_models.int8)
    bare = ModelFile.pack(whole.flatbuffer, whole.labels, whole.contract)

    assert self_test(TFLiteClassifier(bare)) is None
    assert check_self_test(TFLiteClassifier(bare), "it") is None


def test_another_models_golden_vectors_show(tiny_models, path: Path) -> None:
    """Not by damage, which the digest tells, but by a defect in what seals."""
    whole = ModelFile.read(path)
    assert whole.golden is not None
    moved = replace(whole, golden=replace(whole.golden, scores=np.roll(whole.golden.scores, 1, axis=1)))

    found = self_test(TFLiteClassifier(moved))

    assert found is not None
    assert found.causes == (RUNTIME,)
