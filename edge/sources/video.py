"""A video file, frame by frame; and whether its end was cut off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.cameras.config import Notice, Stopped
from signs_edge.edge.cameras.devices.device import DeviceError
from signs_edge.edge.cameras.devices.opencv import open_capture
from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.request import RATE, Frames, SourceRequest
from signs_edge.edge.util.quiet import quiet

_TEXT = cv2.VideoWriter.fourcc(*"ansi")  # FFmpeg paints .txt files as a terminal would
_FEW = 5  # frames that a whole file may lack of what it says of itself, or
_SHARE = 0.02  # this part of them
_SLACK_S = 0.4  # by which the sound of a whole file may outlast its pictures


def open_video_file(request: SourceRequest) -> Frames | None:
    """Open a file as a video; None where there is no such file."""
    if request.mode is None:
        return None
    return _played(request)


@contextmanager
def _played(request: SourceRequest) -> Iterator[Iterator[Frame]]:
    video = open_video(request.path, request.stopped, request.notice, request.allowed)
    with video as (frames, rate), request.played(frames, rate) as played:
        yield played


@contextmanager
def open_video(path: Path, stopped: Stopped, notice: Notice, allowed: str) -> Iterator[tuple[Iterator[Frame], float]]:
    """A video file's frames, none dropped, and how many a second were taken.

    Args:
        path: the file.
        stopped: asked between frames whether to end.
        notice: gets a line where the file ends clearly before its own figures say.
        allowed: what to give instead, for the message where it cannot be opened.

    Raises:
        SourceError: it cannot be opened; from the iterator, where no frame can be decoded.
    """
    capture = _open(path, allowed)
    if int(capture.get(cv2.CAP_PROP_FOURCC)) == _TEXT:
        capture.release()
        raise SourceError(f"{path} is a text, not a video: give {allowed}")
    named, expected = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    rate = named if 1 <= named <= 1000 else RATE

    def frames() -> Iterator[Frame]:
        index, last_ms = 0, 0.0
        while not stopped():
            received, image = capture.read()
            if not received:
                break
            last_ms = capture.get(cv2.CAP_PROP_POS_MSEC)  # now, for at the end it is 0
            yield Frame(index, np.asarray(image, np.uint8), str(path))
            index += 1
        if stopped():
            return
        if index == 0:
            raise SourceError(
                f"video {str(path)!r} has no frame that can be decoded: convert it to MP4 (H.264) or MJPEG"
            )
        if is_cut_short(index, last_ms / 1000, expected, rate):
            notice(f"{path} ended after {index} of about {expected:.0f} frames: the file may be truncated")

    try:
        yield frames(), rate
    finally:
        capture.release()


def is_cut_short(frames: int, last_s: float, expected: float, rate: float) -> bool:
    """Whether clearly fewer frames could be decoded than a file says that it has.

    AVI and MP4 hold their number; of Matroska it is guessed from length and rate, and is too high where the rate varies or
    the sound is longer. So its last frame must lie clearly before the end that these figures give, too.

    Args:
        frames: that were decoded.
        last_s: when the last of them is shown, in seconds.
        expected: how many there are, as the file says; 0 or less where it does not.
        rate: frames a second.
    """
    most = max(_FEW, _SHARE * expected)
    missing_s = (expected - 1) / rate - last_s
    return expected - frames > most and missing_s > max(_SLACK_S, _SHARE * expected / rate)


def _open(path: Path, allowed: str) -> cv2.VideoCapture:
    with quiet():  # OpenCV's own AVI reader writes to the terminal
        try:
            return open_capture(str(path))
        except DeviceError as error:  # in here, for what is written before a failure is shown
            detail = f" ({error})" if str(error) else ""
    raise SourceError(
        f"{path} cannot be opened{detail}: check that it is there, readable and not in use; allowed is {allowed}"
    )
