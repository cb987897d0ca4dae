"""All forms of one model side by side: who is compared with whom, on what."""

from __future__ import annotations

import json

import numpy as np
import pytest

from signs_edge.export.gate.gate import GateLimits
from signs_edge.export.gate.pictures import GatePictures
from signs_edge.export.gate.verify import Verification, verify
from signs_edge.train.data.dataset import SignsDataset


class Fixed:
    """Answers the picture whose first value is i with class `answers[i]`, surely."""

    labels = ("0", "1")

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers

    def probabilities(self, picture):
        return np.eye(2, dtype=np.float32)[self.answers[picture[0, 0, 0]]]

    def predict_all(self, pictures):
        return np.stack([self.probabilities(picture) for picture in pictures])


def asked(truth: list[int], tests: int) -> GatePictures:
    images = np.zeros((len(truth), 64, 64, 3), np.uint8)
    images[:, 0, 0, 0] = np.arange(len(truth))
    pictures = SignsDataset(images, np.array(truth, np.int64), ("0", "1"))
    return GatePictures(pictures, tuple(f"photo {i}" for i in range(len(truth))), tests)


def judged(keras: list[int], float32: list[int], int8: list[int], tests: int = 4) -> Verification:
    files = {"float32": Fixed(float32), "int8": Fixed(int8)}
    return verify(Fixed(keras), files, asked([0, 1] * (len(keras) // 2), tests), GateLimits())  # type: ignore[arg-type]


def test_float32_is_compared_with_keras_and_int8_with_float32() -> None:
    found = judged([0, 1, 0, 1], [0, 1, 0, 1], [0, 1, 0, 0])

    assert found.gates["float32"].passed
    assert [flip.picture for flip in found.gates["int8"].comparison.flips] == ["photo 3"]
    assert not found.passed
    assert [evaluation.correct for evaluation in found.evaluations.values()] == [4, 4, 3]
    assert set(json.loads(json.dumps(found.to_json()))) == {
        "keras", "float32", "int8", "keras_float32", "float32_int8",
    }  # fmt: skip


def test_a_float32_file_that_is_not_keras_fails_all() -> None:
    found = judged([0, 1, 0, 1], [1, 1, 0, 1], [1, 1, 0, 1])

    assert found.comparisons["int8"].flips == ()
    assert not found.gates["int8"].passed
    assert found.gates["int8"].reasons == ("the float32 file it is compared with did not pass",)


@pytest.mark.parametrize(("int8", "passed"), [([0, 1, 0, 1], True), ([0, 1, 0, 0], False)])
def test_the_gate_looks_beyond_the_test_photos_and_the_accuracy_does_not(int8: list[int], passed: bool) -> None:
    found = judged([0, 1, 0, 1], [0, 1, 0, 1], int8, tests=3)

    assert found.gates["int8"].passed is passed
    assert found.evaluations["int8"].n == found.evaluations["int8"].correct == 3
    assert found.comparisons["int8"].flips == ()


def test_a_file_that_is_not_what_it_says_fails_whatever_it_answers() -> None:
    files = {"float32": Fixed([0, 1]), "int8": Fixed([0, 1])}
    found = verify(
        Fixed([0, 1]),
        files,
        asked([0, 1], 2),
        GateLimits(),
        refusals={"int8": ("CONV_2D is float32",)},  # type: ignore[arg-type]
    )

    assert found.gates["float32"].passed
    assert found.gates["int8"].reasons == ("CONV_2D is float32",)
