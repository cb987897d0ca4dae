"""Cameras and streams, whose frames come at their own pace: a number, a device, a URL, or a kind with its address."""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager

from signs_edge.edge.cameras.auto import AutoGrabber, candidates, v4l2_camera
from signs_edge.edge.cameras.config import Camera
from signs_edge.edge.cameras.devices.open_device import KINDS
from signs_edge.edge.cameras.devices.v4l2 import device_path
from signs_edge.edge.cameras.grabber import Grabber
from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.request import Frames, SourceRequest
from signs_edge.edge.util.address import is_url, without_password

_SCHEMES = ("http", "https", "rtsp", "rtsps")
HINT = ", ".join(
    [
        "a camera number such as 0",
        *dict.fromkeys(kind.hint for kind in KINDS.values() if kind.hint),
        "an http, https or rtsp URL",
    ]
)
"""How to name a camera or stream."""


def open_auto(request: SourceRequest) -> Frames | None:
    """Open the first camera of this machine that gives a frame, for the source `auto`."""
    if request.source != "auto":
        return None
    cameras = candidates(request.allowed, request.notice)
    return LiveFrames(AutoGrabber(cameras, request.stopped, request.live, request.notice))


def open_live(request: SourceRequest) -> Frames | None:
    """Open a camera or stream."""
    camera = _camera(request)
    if camera is None:
        return None
    whole = request.realtime is False
    return LiveFrames(Grabber(camera, request.stopped, request.live, request.notice, whole=whole))


def _camera(request: SourceRequest) -> Camera | None:
    """Find the camera that a source names; None for a source of another kind."""
    source, allowed = request.source, request.allowed
    if re.fullmatch(r"\d{1,9}", source):
        return _numbered(int(source), allowed)
    if is_url(source):
        scheme = source.split("://", 1)[0].lower()
        if scheme not in _SCHEMES:
            raise SourceError(f"source {without_password(source)!r} has scheme {scheme!r}: allowed is {allowed}")
        return Camera(f"url:{source}", without_password(source), allowed)
    if source.startswith("/dev/video"):  # also one that is not plugged in yet
        return v4l2_camera(source, source, allowed)
    named = _named(source, allowed)
    if named is not None:
        return named
    mode = request.mode
    if mode is None or stat.S_ISDIR(mode) or stat.S_ISREG(mode):
        return None
    return Camera(
        f"path:{source}", source, allowed
    )  # a pipe or another device, which may block its reader as a camera may


def _numbered(number: int, allowed: str) -> Camera:
    path, name = device_path(number), f"camera {number}"
    if sys.platform == "linux" and path.exists():
        return v4l2_camera(str(path), name, allowed)
    return Camera(f"camera:{number}", name, allowed)


def _named(source: str, allowed: str) -> Camera | None:
    """Find the camera of a source `KIND:ADDRESS`, or `KIND` where the kind has a default address."""
    name, colon, address = source.partition(":")
    kind = KINDS.get(name)
    if kind is None or kind.name is None:
        return None
    if not colon:
        if kind.default is None:
            return None
        address = kind.default
    return Camera(f"{name}:{address}", kind.name(address), allowed)


class LiveFrames(AbstractContextManager[Iterator[Frame]]):
    """The frames of a camera: entering the context opens it, leaving closes it."""

    def __init__(self, grabber: Grabber | AutoGrabber) -> None:
        self._grabber = grabber

    def warm(self) -> None:
        """Start the process that reads the camera, but do not open it yet: OpenCV takes a while to load."""
        self._grabber.warm()

    def close(self) -> None:
        """End the process, entered or not."""
        self._grabber.close()

    def __enter__(self) -> Iterator[Frame]:
        try:
            self._grabber.start()
        except BaseException:
            self.close()
            raise
        return self._grabber.frames()

    def __exit__(self, *_: object) -> None:
        self.close()
