"""Cameras of Linux: which are there, what they can do, and MJPG where it is faster.

Structures and numbers: https://docs.kernel.org/userspace-api/media/v4l/ and linux/videodev2.h.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2

from signs_edge.edge.cameras.devices.device import DeviceError, Kind
from signs_edge.edge.cameras.devices.opencv import OpenCvDevice, open_capture

SIZE = (640, 480)  # width, height: what the model sees of it is 64 × 64
_DEVICES = Path("/dev")
# Of a Pi: its codecs, and the raw side of its own camera, which libcamera drives.
NO_CAMERAS = ("bcm2835-codec", "bcm2835-isp", "rpi-hevc-dec", "rpivid", "unicam", "rp1-cfe", "pispbe")

_QUERYCAP, _CAPABILITY = 0x80685600, struct.Struct("<16s32s32sIII12x")
_ENUM_FMT, _FORMAT = 0xC0405602, struct.Struct("<III32sI16x")
_ENUM_INTERVALS, _INTERVAL = 0xC034564B, struct.Struct("<IIIIIII24x")
_CAN_CAPTURE, _HAS_DEVICE_CAPS, _CAPTURE_TYPE, _DISCRETE = 0x1, 0x80000000, 1, 1

Ioctl = Callable[[int, bytearray], None]
"""Number and structure, changed in place; OSError where the device refuses."""


@dataclass(frozen=True)
class V4L2Camera:
    """A device that gives pictures: where it is, what it calls itself, and the port it is plugged into."""

    path: str
    card: str
    bus: str


def device_path(number: int) -> Path:
    """Where camera `number` is, if it is."""
    return _DEVICES / f"video{number}"


def list_cameras() -> list[V4L2Camera]:
    """The cameras that can be opened, by number; those of which the driver says that they give pictures."""
    numbered = [(int(match[1]), path) for path in _DEVICES.glob("video*") if (match := re.search(r"(\d+)$", path.name))]
    found = []
    for _number, path in sorted(numbered):
        camera = identify(str(path))
        found += [camera] if camera else []
    return found


def identify(path: str) -> V4L2Camera | None:
    """The camera at a path; None where there is none, or it does not say."""
    try:
        with _ioctls(Path(path)) as ioctl:
            return query(path, ioctl)
    except (OSError, ImportError):
        return None


def find_again(camera: V4L2Camera) -> str:
    """Where a camera is now: plugged in again, it may have got another number. Its old path, where it is not there."""
    there = identify(camera.path)
    if there is not None and (there.card, there.bus) == (camera.card, camera.bus):
        return camera.path
    alike = [other for other in list_cameras() if other.card == camera.card]
    alike.sort(key=lambda other: other.bus != camera.bus)  # in the same port, rather
    return alike[0].path if alike else camera.path


def query(path: str, ioctl: Ioctl) -> V4L2Camera | None:
    """What a device is; None where it is no camera."""
    data = bytearray(_CAPABILITY.size)
    ioctl(_QUERYCAP, data)
    driver, card, bus, _version, capabilities, of_device = _CAPABILITY.unpack(data)
    if capabilities & _HAS_DEVICE_CAPS:  # else what is said holds for all devices of the driver
        capabilities = of_device
    if not capabilities & _CAN_CAPTURE or _text(driver).startswith(NO_CAMERAS):
        return None
    return V4L2Camera(path, _text(card), _text(bus))


def rates(ioctl: Ioctl, size: tuple[int, int] = SIZE) -> dict[str, float]:
    """The most frames a second that each pixel format gives at a size, such as {"YUYV": 15.0, "MJPG": 30.0}."""
    best: dict[str, float] = {}
    for _index, _type, _flags, _name, pixels in _enumerated(ioctl, _ENUM_FMT, _FORMAT, (_CAPTURE_TYPE,)):
        for *_given, kind, numerator, denominator in _enumerated(ioctl, _ENUM_INTERVALS, _INTERVAL, (pixels, *size)):
            if numerator:  # of a range this is the shortest interval
                code = pixels.to_bytes(4, "little").decode("ascii", "replace")
                best[code] = max(best.get(code, 0.0), denominator / numerator)
            if kind != _DISCRETE:
                break
    return best


def faster_format(best: dict[str, float]) -> str | None:
    """ "MJPG" where it gives more frames than any other; else None: decoding it costs time and its pictures detail."""
    others = [rate for code, rate in best.items() if code != "MJPG"]
    return "MJPG" if best.get("MJPG", 0.0) > max(others, default=0.0) + 0.5 else None


def open_v4l2(path: str) -> cv2.VideoCapture:
    """An open camera at 640×480 where it has that, in the format that gives the most frames."""
    if not Path(path).exists():
        raise DeviceError("it is not plugged in")
    if not os.access(path, os.R_OK | os.W_OK):
        raise DeviceError("not permitted; sudo usermod -aG video $USER, and log in again")
    best: dict[str, float] = {}
    with suppress(OSError), _ioctls(Path(path)) as ioctl:
        best = rates(ioctl)
    capture = open_capture(path, cv2.CAP_V4L2)
    code = faster_format(best)
    if code:
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*code))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, SIZE[0])
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, SIZE[1])
    if best:
        capture.set(cv2.CAP_PROP_FPS, min(30.0, max(best.values())))
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)  # what waits in more of them grows old
    return capture


class _ioctls:  # noqa: N801 (a context manager that reads as a function)
    """The ioctl of an open device."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Ioctl:
        import fcntl  # not on Windows

        descriptor = self._descriptor = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)

        def ioctl(number: int, data: bytearray) -> None:
            fcntl.ioctl(descriptor, number, data)

        return ioctl

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _enumerated(ioctl: Ioctl, number: int, layout: struct.Struct, asked: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """What a device answers to index 0, 1, …, until it knows no more."""
    for index in range(64):
        data = bytearray(layout.size)
        struct.pack_into(f"<{1 + len(asked)}I", data, 0, index, *asked)
        try:
            ioctl(number, data)
        except OSError:
            return
        yield layout.unpack(data)


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


KIND = Kind(lambda path, _: OpenCvDevice(open_v4l2(path)))
