"""The same files in several places: here, twice this Python, and a place that lies."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

from signs_edge.edge.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.errors import UsageError
from signs_edge.export.flatbuffer import flatbuffer_part

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"
HERE = f"{sys.executable} {{folder}}/place.py --runtime litert"


@pytest.fixture(scope="module")
def everywhere() -> ModuleType:
    """The script as a module; it is no part of the package."""
    spec = importlib.util.spec_from_file_location("everywhere", BENCHMARKS / "everywhere.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["everywhere"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pictures(tmp_path: Path, blotches: Any) -> Path:
    for number, picture in enumerate(blotches(9, 3)):
        assert cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    return tmp_path


def test_a_place_answers_as_the_classifier_does(everywhere: Any, tiny_models: Any, pictures: Path) -> None:
    chosen = everywhere.read_pictures(pictures, 4)
    files = [tiny_models.int8, tiny_models.float32]

    found = everywhere.run_places(files, chosen, [("one", HERE), ("two", HERE)])

    assert chosen.shape == (4, 64, 64, 3)
    assert found["compared_with"] == "one"
    for file, model in zip(files, found["models"], strict=True):
        assert model["flatbuffer_sha256"] == hashlib.sha256(flatbuffer_part(file.read_bytes())).hexdigest()
        assert model["against_first"]["two"] == {
            "pictures": 4, "other_answers": 0, "equal_scores": 4, "largest_difference": 0.0,
        }  # fmt: skip
    assert found["places"]["one"]["runtime"].startswith("ai-edge-litert ")
    assert str(pictures) not in json.dumps(found)
    assert str(tiny_models.int8.parent) not in json.dumps(found)


def test_the_script_scores_as_the_classifier(everywhere: Any, tiny_models: Any, blotches: Any) -> None:
    place = importlib.util.spec_from_file_location("place", BENCHMARKS / "place.py")
    assert place is not None
    assert place.loader is not None
    module: Any = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    from ai_edge_litert.interpreter import Interpreter

    seen = blotches(6, 8)
    for file in (tiny_models.int8, tiny_models.float32):
        assert np.allclose(
            module.run(file, seen, Interpreter), predict_all(TFLiteClassifier.open(file), seen), atol=1e-6
        )


def test_a_place_that_answers_otherwise_is_counted(everywhere: Any) -> None:
    first = np.array([[0.6, 0.4], [0.5, 0.5], [0.1, 0.9]], np.float32)
    second = np.array([[0.4, 0.6], [0.5, 0.5], [0.2, 0.8]], np.float32)

    against = everywhere.compare(first, second)

    assert (against.pictures, against.other_answers, against.equal_scores) == (3, 1, 1)
    assert against.largest_difference == pytest.approx(0.2)
    with pytest.raises(UsageError, match="are they the same files"):
        everywhere.compare(first, second[:2])


@pytest.mark.parametrize("text", ["", "name", "name=", "=python {folder}/place.py", "name=python place.py"])
def test_a_place_needs_a_name_and_the_folder(everywhere: Any, text: str) -> None:
    with pytest.raises(UsageError, match="give 'NAME=command'"):
        everywhere.parse_place(text)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("/no/such/python {folder}", "cannot be started"),
        (f"{sys.executable} {{folder}}/none.py", "ended with code 2"),
        (f"{sys.executable} {{folder}}/place.py --runtime tflite-runtime", "ended with code 1"),
    ],
)
def test_a_place_that_does_not_work_is_one_line(
    everywhere: Any, tiny_models: Any, blotches: Any, command: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as seen:
        everywhere.run_places([tiny_models.int8], blotches(1, 1), [("broken", command)])
    assert "\n" not in str(seen.value)


def test_a_folder_without_pictures_is_said(everywhere: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no pictures"):
        everywhere.read_pictures(tmp_path, 4)
