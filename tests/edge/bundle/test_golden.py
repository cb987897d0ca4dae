"""Golden vectors as files and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.golden import FRAMES, PICTURES, SCORES, Golden
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError

CONTRACT = Contract(16, 24)


@pytest.fixture
def golden() -> Golden:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (3, 30, 50, 3), dtype=np.uint8)
    pictures = rng.integers(0, 256, (3, 16, 24, 3), dtype=np.uint8)
    exact, own = rng.random((2, 3, 4), dtype=np.float32)
    return Golden(frames, pictures, exact, own)


def test_what_is_written_is_read_to_the_last_bit(golden: Golden) -> None:
    again = Golden.from_members(dict(golden.to_members()), CONTRACT, 4)

    assert again is not None
    for name in ("frames", "pictures", "float_scores", "scores"):
        first, second = getattr(golden, name), getattr(again, name)
        assert first.dtype == second.dtype
        assert (first == second).all(), name


def test_people_see_the_right_colours(golden: Golden) -> None:
    shown = cv2.imdecode(np.frombuffer(dict(golden.to_members())[PICTURES], np.uint8), cv2.IMREAD_COLOR)

    assert (shown[:16, :, ::-1] == golden.pictures[0]).all()


def test_a_file_without_has_none() -> None:
    assert Golden.from_members({"labels.txt": b"0\n"}, CONTRACT, 4) is None


Change = Callable[[dict[str, bytes]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members.pop(SCORES),
        lambda members: members.pop(FRAMES),
        lambda members: members.update({FRAMES: b"no picture"}),
        lambda members: members.update({FRAMES: b""}),
        lambda members: members.update({SCORES: b"{"}),
        lambda members: members.update({SCORES: b"[]"}),
        lambda members: members.update({SCORES: b'{"n": 0, "float32": [], "file": []}'}),
        lambda members: members.update({SCORES: b'{"n": 7, "float32": [], "file": []}'}),
        lambda members: members.update({SCORES: json.dumps({"n": 3, "float32": [[0] * 5] * 3, "file": []}).encode()}),
        lambda members: members.update({PICTURES: members[FRAMES]}),
    ],
)
def test_what_is_not_whole_is_refused_in_one_line(golden: Golden, change: Change) -> None:
    members = dict(golden.to_members())
    change(members)

    with pytest.raises(ModelError, match="golden") as caught:
        Golden.from_members(members, CONTRACT, 4)
    assert "\n" not in str(caught.value)


def test_scores_that_are_no_numbers_are_refused(golden: Golden) -> None:
    with pytest.raises(ModelError, match="finite scores"):
        replace(golden, scores=np.full((3, 4), np.nan, np.float32))


def test_they_travel_in_a_model_file(golden: Golden) -> None:
    flatbuffer = b"\x1c\x00\x00\x00TFL3" + bytes(100)
    packed = ModelFile.pack(flatbuffer, tuple("abcd"), CONTRACT, golden=golden)

    read = ModelFile.parse(packed.content, "it")

    assert read.golden is not None
    assert (read.golden.frames == golden.frames).all()
    assert read.flatbuffer == flatbuffer
