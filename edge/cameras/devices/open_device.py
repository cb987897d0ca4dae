"""The table of the kinds of cameras, and the function that opens one: add a new kind of camera here."""

from __future__ import annotations

from signs_edge.edge.cameras.devices import opencv, picamera, scripted, v4l2
from signs_edge.edge.cameras.devices.device import Device, DeviceError, Kind, Opening

KINDS: dict[str, Kind] = {
    "v4l2": v4l2.KIND,  # a path such as /dev/video0
    "camera": opencv.NUMBER,  # a number, where there is no V4L2
    "url": opencv.STREAM,
    "path": opencv.PATH,  # a pipe or another device file
    "picamera": picamera.KIND,
    "picamera2": picamera.KIND,
    "chaos": scripted.KIND,
}
"""By the name before the colon of a spec; see `signs_edge.edge.cameras.devices.device.Kind`."""


def open_device(spec: str, opening: Opening) -> Device:
    """Open the camera that a spec, `KIND:ADDRESS`, names.

    Raises:
        DeviceError: it cannot be opened.
    """
    name, _, address = spec.partition(":")
    kind = KINDS.get(name)
    if kind is None:
        raise DeviceError(f"{name} is no kind of camera: allowed are {', '.join(KINDS)}")
    return kind.open(address, opening)
