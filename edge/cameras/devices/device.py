"""Devices that give frames, each behind the same three calls. They are read in the capture process, never here.

A spec says which: `v4l2:PATH`, `camera:NUMBER`, `url:ADDRESS`, `path:PIPE`, `picamera:NUMBER` or `chaos:SCRIPT`.
"""

from __future__ import annotations

import os
import time
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.util.quiet import quiet_opencv

# TCP, for lost packets of UDP are torn pictures; no buffer, for what is in it grows old, though its first frame is lost.
_ALL_FRAMES = "rtsp_transport;tcp"
_NEWEST_FRAME = "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay"
_ONE_THREAD = 1  # more of FFmpeg's hold back as many frames, waiting for the next


class DeviceError(Exception):
    """A device that cannot be opened: one line, which may hold the address and is masked by who shows it."""


class Device(Protocol):
    """An open camera."""

    def read(self) -> tuple[float, npt.NDArray[np.generic] | None] | None:
        """Wait for the next frame, maybe for ever.

        Returns:
            When it came, `time.monotonic()` in seconds, and the array as the camera gave it, in its place None where
            it was damaged; or None at the end of the stream.
        """

    def close(self) -> None:
        """Let the camera go."""


def open_device(spec: str, opening: int, timeout_s: float, whole: bool = False) -> Device:
    """Open what a spec names.

    Args:
        spec: see the module.
        opening: how many times it was opened before.
        timeout_s: how long a server may keep it waiting.
        whole: whether each frame counts, rather than how old it is.

    Raises:
        DeviceError: it cannot be opened.
    """
    kind, _, rest = spec.partition(":")
    if kind == "chaos":
        from signs_edge.edge.cameras.devices.scripted import ChaosDevice

        return ChaosDevice(rest, opening)
    if kind == "picamera":
        from signs_edge.edge.cameras.devices.picamera import PiCamera

        return PiCamera(int(rest))
    if kind == "v4l2":
        from signs_edge.edge.cameras.devices.v4l2 import open_v4l2

        return OpenCvDevice(open_v4l2(rest))
    if kind == "url":
        os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", _ALL_FRAMES if whole else _NEWEST_FRAME)
        wait_ms = int(timeout_s * 1000)
        return OpenCvDevice(
            open_capture(
                rest, cv2.CAP_FFMPEG, cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, wait_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, wait_ms,
                cv2.CAP_PROP_N_THREADS, _ONE_THREAD,
            )
        )  # fmt: skip
    return OpenCvDevice(open_capture(int(rest) if kind == "camera" else rest, cv2.CAP_ANY))


def open_capture(address: int | str, backend: int = cv2.CAP_ANY, *parameters: int) -> cv2.VideoCapture:
    """An open VideoCapture; DeviceError, of what OpenCV says or empty, where it cannot be opened."""
    quiet_opencv()
    try:
        capture = cv2.VideoCapture(address, backend, list(parameters))
    except cv2.error as error:
        raise DeviceError(" ".join(error.err.split())) from None
    if not capture.isOpened():
        raise DeviceError("")
    return capture


class OpenCvDevice:
    """A VideoCapture, its frames stamped before they are decoded."""

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
