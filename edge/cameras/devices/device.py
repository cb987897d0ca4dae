"""Devices that give frames, each behind the same three calls. They are read in the capture process, never here.

A spec says which: `v4l2:PATH`, `camera:NUMBER`, `url:ADDRESS`, `path:PIPE`, `picamera:NUMBER` or `chaos:SCRIPT`.
"""

from __future__ import annotations

import time
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.util.quiet import quiet_opencv


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
