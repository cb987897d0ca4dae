"""What a recording is, and the time in it."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import SourceError, UsageError
from signs_edge.edge.frame import Frame
from signs_edge.edge.session.recording import RecordedTime, Recording
from signs_edge.edge.synthetic.clip import write_clip


@pytest.fixture
def clip(tmp_path: Path, grey_frames) -> Path:
    """Twelve frames, ten a second, the last of them taken in second 5000."""
    path = tmp_path / "a.avi"
    write_clip(path, grey_frames(12), 10.0)
    os.utime(path, (5000, 5000))
    return path


def shades(recording: Recording) -> list[int]:
    with recording.open() as frames:
        seen = list(frames)
    assert [frame.index for frame in seen] == list(range(len(seen)))
    assert {frame.source for frame in seen} == {recording.source}
    return [round(float(frame.image.mean()) / 20) for frame in seen if frame.image is not None]


def test_a_video_says_its_rate_and_ends_when_its_file_was_closed(clip: Path) -> None:
    recording = Recording.of(str(clip))

    assert (recording.rate, recording.frames, recording.began) == (10.0, 12, pytest.approx(4998.8))
    assert shades(recording) == list(range(1, 13))
    assert Recording.of(str(clip), rate=3, began=7.0) == Recording(str(clip), 3, 12, 7.0)


def test_a_video_that_was_cut_off_is_told_of(tmp_path: Path) -> None:
    path, noise, notices = tmp_path / "cut.avi", np.random.default_rng(0), []
    write_clip(path, (noise.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(100)), 10.0)
    os.truncate(path, path.stat().st_size * 3 // 4)

    with Recording.of(str(path)).open(notice=notices.append) as frames:
        seen = len(list(frames))

    assert 50 < seen < 90
    assert len(notices) == 1
    assert f"ended after {seen} " in notices[0]


def test_a_folder_of_frames_is_one_recording_in_the_order_of_their_names(tmp_path: Path) -> None:
    for number in (2, 10, 1):
        path = tmp_path / f"{number:04d}.png"
        assert cv2.imwrite(str(path), np.full((8, 8, 3), 20 * number, np.uint8))
        os.utime(path, (100 + number, 100 + number))

    recording = Recording.of(str(tmp_path), rate=5)

    assert (recording.rate, recording.frames, recording.began) == (5, 3, 101)
    assert shades(recording) == [1, 2, 10]
    assert shades(Recording.of(str(tmp_path / "*.png"))) == [1, 2, 10]
    with recording.open(separate=True) as frames:
        assert len({frame.source for frame in frames}) == 3  # nothing is followed from one to the next


def test_videos_of_a_pattern_follow_each_other(clip: Path, grey_frames) -> None:
    write_clip(clip.with_name("b.avi"), grey_frames(3), 10.0)

    recording = Recording.of(str(clip.parent / "*.avi"))

    assert (recording.rate, recording.frames) == (10.0, 15)
    assert shades(recording) == [*range(1, 13), 1, 2, 3]

    write_clip(clip.with_name("b.avi"), grey_frames(3), 20.0)
    with pytest.raises(SourceError, match="differ in their rates \\(10 to 20 a second\\): give --fps"):
        Recording.of(str(clip.parent / "*.avi"))
    assert Recording.of(str(clip.parent / "*.avi"), rate=10).rate == 10


def test_what_is_no_recording_is_refused(tmp_path: Path, clip: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for source in ("0", "auto", "synthetic", "http://pi.local/stream", "none.mp4", "none-*.mp4", str(empty)):
        with pytest.raises(SourceError, match="give a video file, a folder of frames, or a pattern"):
            Recording.of(source)
    (tmp_path / "text.mp4").write_text("words")
    with pytest.raises(SourceError, match="cannot be opened"):
        Recording.of(str(tmp_path / "text.mp4"))
    for rate in (0.0, -1.0, float("nan"), 1e6):
        with pytest.raises(UsageError, match="give frames a second above 0"):
            Recording.of(str(clip), rate=rate)


def test_time_goes_on_with_the_frames_alone() -> None:
    time = RecordedTime(rate=4, began=1000)
    frames = time.passing(Frame(number, None, "x") for number in range(20))
    clocks = time.clocks

    assert (clocks.mono(), clocks.wall()) == (0, 1000)
    assert [(frame.index, clocks.mono(), clocks.wall()) for frame in islice(frames, 3)] == [
        (0, 0, 1000), (1, 0.25, 1000.25), (2, 0.5, 1000.5),
    ]  # fmt: skip
    assert len(list(frames)) == 17
    assert time.seconds == 19 / 4
