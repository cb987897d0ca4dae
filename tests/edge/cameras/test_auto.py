"""The first camera that gives a frame."""

from __future__ import annotations

import pytest

from signs_edge.edge.cameras import auto
from signs_edge.edge.cameras.auto import AutoGrabber
from signs_edge.edge.cameras.config import Camera, LiveConfig
from signs_edge.edge.cameras.devices.picamera import PiCameras
from signs_edge.edge.cameras.devices.v4l2 import V4L2Camera
from signs_edge.edge.errors import SourceError
from signs_edge.edge.sources.open import open_source


def camera(script: str, name: str) -> Camera:
    return Camera(f"chaos:{script}", name, "this or that")


def test_the_first_that_gives_a_frame_is_taken_and_kept() -> None:
    said: list[str] = []
    cameras = [camera("refuse", "first"), camera("disconnect", "second"), camera("ok*5,disconnect|ok*99", "third")]
    grabber = AutoGrabber(cameras, lambda: False, LiveConfig(), said.append)
    try:
        grabber.start()
        frames = grabber.frames()
        seen = [next(frames) for _ in range(12)]
    finally:
        grabber.close()

    assert {frame.source for frame in seen} == {"third"}
    assert [frame.event for frame in seen if frame.event] == ["lost", "back"]
    assert said[0] == "--source auto took third"


def test_none_gives_a_frame() -> None:
    grabber = AutoGrabber([camera("refuse", "a"), camera("refuse", "b")], lambda: False, LiveConfig(give_up=0), print)
    try:
        grabber.start()
        with pytest.raises(SourceError, match=r"none of the cameras here gives a frame: a cannot .*; b cannot"):
            list(grabber.frames())
    finally:
        grabber.close()


def test_no_camera_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signs_edge.edge.sources.live.candidates", lambda *_: [])

    with pytest.raises(SourceError, match="no camera was found here: connect one"):
        open_source("auto")


def test_cameras_of_v4l2_come_after_the_pis_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pi = PiCameras("/usr/bin/python3", models=("imx219",))
    monkeypatch.setattr(auto, "list_cameras", lambda: [V4L2Camera("/dev/video4", "Some Cam", "usb-1")])

    monkeypatch.setattr(auto, "identify", lambda _: None)

    assert [(camera.spec, camera.name) for camera in auto.candidates("", pi=pi)] == [
        ("picamera:0", "Pi camera 0 (imx219)"),
        ("v4l2:/dev/video4", "/dev/video4 (Some Cam)"),
    ]
