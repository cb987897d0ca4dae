"""The Raspberry Pi's own camera, through picamera2, since OpenCV cannot open it.

picamera2 runs in a process of the system's Python, see `signs_edge.edge.cameras.devices.picamera_process`; so the
environment of signs-edge need not see Debian's packages, and may have another numpy and another Python.

API: https://datasheets.raspberrypi.com/camera/picamera2-manual.pdf, sections 4 (configuration) and 6 (capture).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from signs_edge.edge.cameras.devices.device import DeviceError, Kind
from signs_edge.edge.cameras.devices.picamera_python import (
    INSTALL,
    PiCameraError,
    first_answer,
    not_started,
    understand,
)
from signs_edge.edge.errors import SourceError
from signs_edge.edge.util.environment import without_secrets

_PROGRAM = Path(__file__).with_name("picamera_process.py")
_ASK_S = 30.0  # libcamera looks for cameras in this time, or there is none
_GO_S = 0.3  # for the process to stop its camera and end; then it is killed


@dataclass(frozen=True)
class PiCameras:
    """What picamera2 answered when it was asked for the cameras.

    Attributes:
        python: the Python that has picamera2; empty: none has.
        version: of picamera2; empty where it is not known.
        models: of the cameras on the ribbon, such as "imx708", by number.
        failed: why picamera2 cannot be used, in one line; empty where it can, or is not installed.
        fix: what to do about it.
    """

    python: str = ""
    version: str = ""
    models: tuple[str, ...] = ()
    failed: str = ""
    fix: str = ""


def find_pi_cameras() -> PiCameras:
    """Ask picamera2 for the cameras, in a process that ends before this returns."""
    try:
        return first_answer(_list) or PiCameras()
    except PiCameraError as error:
        return PiCameras(error.python, failed=error.failed, fix=error.fix)


def _list(command: list[str]) -> PiCameras | None:
    """The cameras of one Python; None where it has no picamera2."""
    try:
        done = subprocess.run(
            [*command, str(_PROGRAM), "list"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=without_secrets(os.environ), timeout=_ASK_S, start_new_session=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise PiCameraError(f"picamera2 gave no answer within {_ASK_S:g} s", "reboot", command[0]) from None
    except OSError as error:
        raise not_started(command, error) from None
    answer = understand(command, done.stdout, done.returncode)
    if answer is None:
        return None
    return PiCameras(command[0], str(answer["version"]), tuple(map(str, answer["models"])))


def _open(command: list[str], number: int) -> subprocess.Popen[bytes] | None:
    """A process that streams a camera; None where this Python has no picamera2."""
    try:
        process = subprocess.Popen(
            [*command, str(_PROGRAM), str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=without_secrets(os.environ),
        )  # fmt: skip
    except OSError as error:
        raise not_started(command, error) from None
    line = cast(BinaryIO, process.stdout).readline()
    try:
        answer = understand(command, line, None if line else process.wait())
    except PiCameraError:
        _end(process)
        raise
    if answer is None:
        _end(process)
        return None
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process: its camera is closed, unless that blocks."""
    for pipe in (process.stdout, process.stdin):  # it may wait for the first to take a frame
        with suppress(OSError):
            cast(BinaryIO, pipe).close()
    try:
        process.wait(_GO_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class PiCamera:
    """See `signs_edge.edge.cameras.devices.device.Device`."""

    def __init__(self, number: int = 0) -> None:
        process = first_answer(lambda command: _open(command, number))
        if process is None:
            raise DeviceError(f"picamera2 is not installed: {INSTALL}")
        self._process = process

    def read(self) -> tuple[float, npt.NDArray[np.generic] | None] | None:
        """See `Device`; waits for ever where the ribbon has come loose. DeviceError where picamera2 fails."""
        output = cast(BufferedReader, self._process.stdout)
        line = output.readline()
        if not line:  # it has died
            return None
        answer = json.loads(line)
        if "failed" in answer:
            raise DeviceError(f"picamera2: {answer['failed']}")
        image = np.empty(answer["shape"], np.uint8)
        if output.readinto(image.data.cast("B")) != image.nbytes:
            return None
        return float(answer["captured"]), image

    def close(self) -> None:
        """See `Device`."""
        _end(self._process)


def camera_name(number: str) -> str:
    """Name camera `number`, "0" to "9", for people; SourceError for other text."""
    if not re.fullmatch("[0-9]", number):
        raise SourceError(
            f"source picamera:{number} is not allowed: give picamera, or picamera:1 for the second camera"
        )
    return f"Pi camera {number}"


KIND = Kind(lambda number, _: PiCamera(int(number)), camera_name, default="0", hint="picamera")
