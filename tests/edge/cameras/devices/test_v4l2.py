"""What V4L2 drivers say, from a fake that answers as linux/videodev2.h has it."""

from __future__ import annotations

import errno
import struct
from pathlib import Path

import cv2
import pytest

from signs_edge.edge.cameras.config import Camera, LiveConfig
from signs_edge.edge.cameras.devices import v4l2
from signs_edge.edge.cameras.devices.device import DeviceError
from signs_edge.edge.cameras.devices.v4l2 import V4L2Camera, faster_format, query, rates
from signs_edge.edge.cameras.grabber import Grabber
from signs_edge.edge.errors import SourceError
from signs_edge.edge.sources.open import open_source

FORMATS = {"YUYV": [(1, 15), (1, 5)], "MJPG": [(1, 30), (2, 15)]}


def fourcc(code: str) -> int:
    return int.from_bytes(code.encode(), "little")


def ioctl(number: int, data: bytearray) -> None:
    """A USB camera, 640×480 alone."""
    kind, size = number & 0xFF, number >> 16 & 0x3FFF
    assert number >> 8 & 0xFF == ord("V")
    assert size == len(data)
    (index,) = struct.unpack_from("<I", data)
    if kind == 0:  # VIDIOC_QUERYCAP
        struct.pack_into("<16s32s32sIII", data, 0, b"uvcvideo", b"Some Cam", b"usb-1.2", 0x60100, 0x84A00001, 0x4200001)
    elif kind == 2 and index < len(FORMATS):  # VIDIOC_ENUM_FMT
        assert struct.unpack_from("<I", data, 4) == (1,)
        struct.pack_into("<I", data, 44, fourcc(list(FORMATS)[index]))
    elif kind == 75:  # VIDIOC_ENUM_FRAMEINTERVALS
        _, code, width, height = struct.unpack_from("<IIII", data)
        intervals = next(value for name, value in FORMATS.items() if fourcc(name) == code)
        if (width, height) != (640, 480) or index >= len(intervals):
            raise OSError(errno.EINVAL, "Invalid argument")
        struct.pack_into("<III", data, 16, 1, *intervals[index])
    else:
        raise OSError(errno.EINVAL, "Invalid argument")


def test_a_camera_says_what_it_is() -> None:
    assert query("/dev/video0", ioctl) == V4L2Camera("/dev/video0", "Some Cam", "usb-1.2")


@pytest.mark.parametrize(
    ("driver", "capabilities", "of_device"),
    [
        (b"uvcvideo", 0x84A00001, 0x4A00000),  # a camera's second device gives metadata
        (b"bcm2835-codec-decode", 0x84A00001, 0x4200001),
        (b"loopback", 0x2, 0),
    ],
)
def test_what_is_no_camera(driver: bytes, capabilities: int, of_device: int) -> None:
    def other(_number: int, data: bytearray) -> None:
        struct.pack_into("<16s32s32sIII", data, 0, driver, b"x", b"y", 0, capabilities, of_device)

    assert query("/dev/video1", other) is None


def test_the_most_frames_a_second_of_each_format() -> None:
    assert rates(ioctl) == {"YUYV": 15.0, "MJPG": 30.0}
    assert rates(ioctl, (1920, 1080)) == {}


@pytest.mark.parametrize(
    ("best", "code"),
    [
        ({"YUYV": 15.0, "MJPG": 30.0}, "MJPG"),
        ({"YUYV": 30.0, "MJPG": 30.0}, None),
        ({"YUYV": 30.0}, None),
        ({"MJPG": 30.0}, "MJPG"),
        ({}, None),
    ],
)
def test_mjpg_where_it_is_faster(best: dict[str, float], code: str | None) -> None:
    assert faster_format(best) == code


class FakeCapture:
    def __init__(self) -> None:
        self.asked: dict[int, float] = {}

    def set(self, prop: int, value: float) -> bool:
        self.asked[prop] = value
        return True


def test_it_is_opened_in_that_format_at_640_by_480(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeCapture()
    (tmp_path / "video0").touch()
    monkeypatch.setattr(v4l2, "open_capture", lambda *_: fake)
    monkeypatch.setattr(v4l2._ioctls, "__enter__", lambda _: ioctl)
    monkeypatch.setattr(v4l2._ioctls, "__exit__", lambda *_: None)

    assert v4l2.open_v4l2(str(tmp_path / "video0")) is fake

    assert fake.asked[cv2.CAP_PROP_FOURCC] == fourcc("MJPG")
    assert (fake.asked[cv2.CAP_PROP_FRAME_WIDTH], fake.asked[cv2.CAP_PROP_FRAME_HEIGHT]) == (640, 480)
    assert fake.asked[cv2.CAP_PROP_FPS] == 30


def test_devices_are_listed_by_number_and_those_that_refuse_left_out(tmp_path: Path, monkeypatch) -> None:
    for name in ("video10", "video2", "video3", "videoX", "null"):
        (tmp_path / name).touch()
    monkeypatch.setattr(v4l2, "_DEVICES", tmp_path)

    class Fake:
        def __init__(self, path: Path) -> None:
            self.path = path

        def __enter__(self):
            if self.path.name == "video3":
                raise PermissionError(errno.EACCES, "Permission denied")
            return ioctl

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(v4l2, "_ioctls", Fake)

    assert [Path(camera.path).name for camera in v4l2.list_cameras()] == ["video2", "video10"]


def test_what_is_not_plugged_in_or_not_permitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeviceError, match="not plugged in"):
        v4l2.open_v4l2(str(tmp_path / "video0"))
    (tmp_path / "video0").touch()
    monkeypatch.setattr(v4l2.os, "access", lambda *_: False)
    with pytest.raises(DeviceError, match=r"usermod -aG video"):
        v4l2.open_v4l2(str(tmp_path / "video0"))


def test_a_device_by_its_path_that_is_not_there() -> None:
    with open_source("/dev/video97") as frames, pytest.raises(SourceError, match="not plugged in") as caught:
        next(frames)

    assert str(caught.value).startswith("/dev/video97 cannot be opened")


def test_a_camera_that_was_plugged_in_again_is_found_under_its_new_number(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, other, twin = (V4L2Camera(f"/dev/video{n}", card, bus) for n, card, bus in
                         [(0, "Cam", "usb-1"), (1, "Other", "usb-2"), (2, "Cam", "usb-3")])  # fmt: skip
    plugged: dict[str, V4L2Camera] = {}
    monkeypatch.setattr(v4l2, "identify", plugged.get)
    monkeypatch.setattr(v4l2, "list_cameras", lambda: list(plugged.values()))

    def found(*cameras: V4L2Camera) -> str:
        plugged.clear()
        plugged.update({camera.path: camera for camera in cameras})
        return v4l2.find_again(ours)

    moved = V4L2Camera("/dev/video3", "Cam", "usb-1")
    assert found(ours, other) == "/dev/video0"
    assert found() == "/dev/video0"  # not yet back
    assert found(other, moved) == "/dev/video3"
    assert found(other, twin, moved) == "/dev/video3"  # in the same port
    assert found(other, twin) == "/dev/video2"  # in another
    assert found(V4L2Camera("/dev/video0", "Other", "usb-2"), moved) == "/dev/video3"  # its number is taken


def test_a_later_opening_asks_where_the_camera_is() -> None:
    places = iter(["chaos:ok*5,size*99"])
    live = Camera("chaos:ok*3,disconnect", "cam", "", lambda: next(places))
    grabber = Grabber(live, lambda: False, LiveConfig(), lambda _: None)
    try:
        frames = (frame for frame in grabber.frames() if frame.image is not None)
        shapes = {next(frames).image.shape for _ in range(15)}
    finally:
        grabber.close()

    assert shapes == {(120, 160, 3), (60, 80, 3)}
