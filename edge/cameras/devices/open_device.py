"""Open the device that a spec names: the place where a new kind of camera is added."""

from __future__ import annotations

import os

import cv2

from signs_edge.edge.cameras.devices.device import Device, OpenCvDevice, open_capture

# TCP, for lost packets of UDP are torn pictures; no buffer, for what is in it grows old, though its first frame is lost.
_ALL_FRAMES = "rtsp_transport;tcp"


_NEWEST_FRAME = "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay"


_ONE_THREAD = 1  # more of FFmpeg's hold back as many frames, waiting for the next


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
        from signs_edge.edge.cameras.devices.scripted import ScriptedDevice

        return ScriptedDevice(rest, opening)
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
