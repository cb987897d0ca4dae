"""Cameras, streams and pipes that OpenCV opens by number, address or path."""

from __future__ import annotations

import os
import time

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.cameras.devices.device import DeviceError, Kind, Opening
from signs_edge.edge.util.quiet import quiet_opencv

# TCP, since packets lost over UDP become torn pictures. For the newest frame no buffer, since frames in it grow old; the
# stream's first frame is lost by that.
_ALL_FRAMES = "rtsp_transport;tcp"
_NEWEST_FRAME = "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay"
_ONE_THREAD = 1  # each further decoding thread of FFmpeg holds back one frame


def open_capture(address: int | str, backend: int = cv2.CAP_ANY, *parameters: int) -> cv2.VideoCapture:
    """Open a VideoCapture; DeviceError with OpenCV's message, or empty, where that fails."""
    quiet_opencv()
    try:
        capture = cv2.VideoCapture(address, backend, list(parameters))
    except cv2.error as error:
        raise DeviceError(" ".join(error.err.split())) from None
    if not capture.isOpened():
        raise DeviceError("")
    return capture


class OpenCvDevice:
    """A VideoCapture as a `Device`; a frame's time is taken before it is decoded."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture

    def read(self) -> tuple[float, npt.NDArray[np.generic] | None] | None:
        """See `Device`."""
        if not self._capture.grab():
            return None
        captured = time.monotonic()
        decoded, array = self._capture.retrieve()
        return captured, array if decoded else None

    def close(self) -> None:
        """See `Device`."""
        self._capture.release()


def open_stream(address: str, opening: Opening) -> OpenCvDevice:
    """Open an HTTP or RTSP stream through FFmpeg."""
    os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", _ALL_FRAMES if opening.whole else _NEWEST_FRAME)
    wait_ms = int(opening.timeout_s * 1000)
    return OpenCvDevice(
        open_capture(
            address, cv2.CAP_FFMPEG, cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, wait_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, wait_ms,
            cv2.CAP_PROP_N_THREADS, _ONE_THREAD,
        )
    )  # fmt: skip


NUMBER = Kind(lambda number, _: OpenCvDevice(open_capture(int(number))))
STREAM = Kind(open_stream)
PATH = Kind(lambda path, _: OpenCvDevice(open_capture(path)))
