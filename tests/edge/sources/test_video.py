"""Video files, whole and cut off, as OpenCV writes them."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import SourceError
from signs_edge.edge.sources import video as video_file
from signs_edge.edge.sources.open import open_source
from signs_edge.edge.sources.video import is_cut_short
from signs_edge.edge.util.quiet import quiet_opencv

KINDS = [("clip.avi", "MJPG"), ("clip.mp4", "mp4v"), ("clip.mkv", "MJPG")]


def write(path: Path, code: str, frames: int, fps: float = 25.0) -> None:
    quiet_opencv()
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), fps, (64, 48))
    if not writer.isOpened():
        pytest.skip(f"this OpenCV writes no {path.suffix}")
    noise = np.random.default_rng(0)
    for _ in range(frames):
        writer.write(noise.integers(0, 256, (48, 64, 3), dtype=np.uint8))
    writer.release()


def for_the_web(content: bytes) -> bytes:
    """An MP4 file with its index before its pictures, as web servers, and the truncation of a download, want it."""
    boxes, at = {}, 0
    while at < len(content):
        size = struct.unpack(">I", content[at : at + 4])[0]
        boxes[content[at + 4 : at + 8]] = content[at : at + size]
        at += size
    index = bytearray(boxes[b"moov"])
    table = index.index(b"stco") + 8  # offsets of the pictures, which now lie further back
    for place in range(table + 4, table + 4 + 4 * struct.unpack(">I", index[table : table + 4])[0], 4):
        struct.pack_into(">I", index, place, struct.unpack_from(">I", index, place)[0] + len(index))
    return boxes[b"ftyp"] + bytes(index) + boxes.get(b"free", b"") + boxes[b"mdat"]


def played(path: Path, stop_after: int | None = None) -> tuple[int, list[str]]:
    """How many frames came, and the notices."""
    notices: list[str] = []
    frames = 0
    with open_source(str(path), stopped=lambda: frames == stop_after, notice=notices.append) as clip:
        for _ in clip:
            frames += 1
    return frames, notices


@pytest.mark.parametrize(("name", "code"), KINDS)
@pytest.mark.parametrize(("frames", "fps"), [(1, 25.0), (7, 30.0), (150, 25.0), (90, 29.97)])
def test_a_whole_file_ends_without_a_word(tmp_path: Path, name: str, code: str, frames: int, fps: float) -> None:
    write(tmp_path / name, code, frames, fps)

    assert played(tmp_path / name) == (frames, [])


@pytest.mark.parametrize(("name", "code"), KINDS)
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_file_that_was_cut_off_says_so(tmp_path: Path, name: str, code: str, share: float) -> None:
    path = tmp_path / name
    write(path, code, 150)
    content = path.read_bytes()
    if path.suffix == ".mp4":
        content = for_the_web(content)
        path.write_bytes(content)
        assert played(path) == (150, [])
    path.write_bytes(content[: int(len(content) * share)])

    frames, notices = played(path)

    assert 0.7 * share * 150 < frames < 1.1 * share * 150
    assert len(notices) == 1
    assert re.fullmatch(rf".*{name} ended after {frames} of about 150 frames: the file may be truncated", notices[0])


def test_who_stops_early_is_told_nothing(tmp_path: Path) -> None:
    write(tmp_path / "clip.avi", "MJPG", 60)

    assert played(tmp_path / "clip.avi", stop_after=20) == (20, [])


def test_a_video_without_a_frame_that_can_be_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty:
        def read(self) -> tuple[bool, None]:
            return False, None

        def get(self, _: int) -> float:
            return 0.0

        def release(self) -> None: ...

    (tmp_path / "clip.mp4").touch()
    monkeypatch.setattr(video_file, "_open", lambda *_: Empty())

    with pytest.raises(SourceError, match="no frame that can be decoded: convert it"):
        played(tmp_path / "clip.mp4")


@pytest.mark.parametrize(
    ("frames", "last_s", "expected", "rate", "cut"),
    [
        (100, 3.96, 100, 25.0, False),
        (50, 1.96, 100, 25.0, True),
        (97, 3.84, 100, 25.0, False),  # a few
        (4900, 195.96, 5000, 25.0, False),  # one in fifty
        (4800, 191.96, 5000, 25.0, True),
        (60, 3.95, 100, 25.0, False),  # at a varying rate, to its end
        (60, 3.95, 4000, 1000.0, False),  # Matroska that names no rate
        (75, 2.96, 84, 25.0, False),  # sound that is a third of a second longer
        (100, 3.96, 0, 25.0, False),  # a recorder that was switched off wrote no number
        (100, 3.96, -230584300921369, 25.0, False),
        (100, 3.96, float("nan"), 25.0, False),
    ],
)
def test_what_is_cut_short(frames: int, last_s: float, expected: float, rate: float, cut: bool) -> None:
    assert is_cut_short(frames, last_s, expected, rate) is cut
