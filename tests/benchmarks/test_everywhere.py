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

from signs_edge.edge.errors import UsageError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.export.flatbuffer.reader import flatbuffer_part

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
            "pictures": 4, "other_answers": (), "equal_scores": 4, "largest_difference": 0.0,
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

    assert (against.pictures, against.equal_scores) == (3, 1)
    (other,) = against.other_answers
    assert (other.picture, other.first, other.second) == (0, 0, 1)
    assert (other.margin, other.confidence) == pytest.approx((0.2, 0.6))
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


def line(frame: int, count: int | None, confidence: float, withheld: str | None = None, other: str = "3") -> Any:
    said = {"frame": frame, "count": count, "raw_count": count, "confidence": confidence, "float": {"label": other}}
    return said | ({"withheld": withheld} if withheld else {})


def test_a_frame_that_is_answered_otherwise_is_named(everywhere: Any) -> None:
    first = [line(0, 3, 0.9), line(1, 3, 0.8), line(2, None, 0.5, "2"), line(3, 3, 0.9)]
    second = [line(0, 3, 0.9), line(1, 2, 0.75), line(2, None, 0.5, "4"), line(3, 3, 0.9, other="1")]

    against = everywhere.clips.compare_lines(first, second)

    assert (against.frames, against.equal_confidences) == (4, 3)
    assert [other.frame for other in against.other_answers] == [1, 2, 3]
    assert against.other_answers[0].first == (3, 3, None, "3")
    assert against.largest_difference == pytest.approx(0.05)
    with pytest.raises(UsageError, match="decoded whole"):
        everywhere.clips.compare_lines(first, second[:2])


def test_a_clip_of_pictures_is_decoded_to_the_same_pixels(everywhere: Any, blotches: Any, tmp_path: Path) -> None:
    pictures = blotches(3, 9)
    files = [tmp_path / f"{number}.png" for number in range(3)]
    for file, picture in zip(files, pictures, strict=True):
        assert cv2.imwrite(str(file), picture)

    everywhere.clips.write_lossless(files, tmp_path / "clip.mkv")

    capture = cv2.VideoCapture(str(tmp_path / "clip.mkv"))
    assert [np.array_equal(capture.read()[1], picture) for picture in pictures] == [True] * 3
    assert not capture.read()[0]
    assert cv2.imwrite(str(files[1]), pictures[1][:32])
    with pytest.raises(UsageError, match="of one size"):
        everywhere.clips.write_lossless(files, tmp_path / "other.mkv")


def test_the_installed_command_counts_a_clip_in_each_place(everywhere: Any, pictures: Path, tmp_path: Path) -> None:
    everywhere.clips.write_lossless(everywhere.choose_files(pictures, 3), tmp_path / "clip.mkv")
    here = f"{Path(sys.executable).parent / 'signs-edge'}"

    found = everywhere.clips.run_clips([tmp_path / "clip.mkv"], [("one", here), ("two", here)])

    (clip,) = found["clips"]
    assert len(clip["counts"]) == 3
    assert clip["against_first"]["two"] == {
        "frames": 3, "other_answers": (), "equal_confidences": 3, "largest_difference": 0.0,
    }  # fmt: skip
    assert set(found["places"]["one"]) == {"machine", "numpy", "opencv", "runtime"}
    assert str(tmp_path) not in json.dumps(found)


def test_a_folder_without_pictures_is_said(everywhere: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no pictures"):
        everywhere.read_pictures(tmp_path, 4)
