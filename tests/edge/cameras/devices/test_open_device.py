"""The table of kinds: one entry makes a kind of camera open, and its source known."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.cameras.devices.device import DeviceError, Kind, Opening
from signs_edge.edge.cameras.devices.open_device import KINDS, open_device
from signs_edge.edge.errors import SourceError
from signs_edge.edge.sources import live
from signs_edge.edge.sources.open import ALLOWED, open_source
from signs_edge.edge.sources.request import SourceRequest


class Thermal:
    """A device as someone else would write it."""

    def __init__(self, address: str, opening: Opening) -> None:
        self.address, self.opening = address, opening

    def read(self) -> tuple[float, np.ndarray] | None:
        return 1.0, np.zeros((4, 4, 3), np.uint8)

    def close(self) -> None: ...


def thermal_name(address: str) -> str:
    if not address.isdigit():
        raise SourceError(f"thermal camera {address!r} is not allowed: give its number")
    return f"thermal camera {address}"


@pytest.fixture
def thermal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "thermal", Kind(Thermal, thermal_name, default="7"))


def named(source: str) -> tuple[str, str] | None:
    """Spec and shown name of the camera that a source stands for."""
    camera = live._camera(SourceRequest(source, lambda: False, None, None, print, ALLOWED))
    return None if camera is None else (camera.spec, camera.name)


def test_an_entry_opens_its_device_with_what_is_known_of_the_opening(thermal: None) -> None:
    device = open_device("thermal:a:b", Opening(2, 3.0, True))

    assert isinstance(device, Thermal)
    assert (device.address, device.opening) == ("a:b", Opening(2, 3.0, True))


def test_an_entry_makes_its_sources_known(thermal: None) -> None:
    assert named("thermal:3") == ("thermal:3", "thermal camera 3")
    assert named("thermal") == ("thermal:7", "thermal camera 7")
    with pytest.raises(SourceError, match="thermal camera 'x' is not allowed: give its number"):
        open_source("thermal:x")


def test_kinds_without_a_name_are_no_sources_by_themselves() -> None:
    assert [named(f"{kind}:0") for kind in ("v4l2", "camera", "url", "path")] == [None] * 4
    assert named("chaos") is None  # needs a script


@pytest.mark.parametrize(
    ("source", "camera"),
    [
        ("picamera", ("picamera:0", "Pi camera 0")),
        ("picamera:1", ("picamera:1", "Pi camera 1")),
        ("picamera2:1", ("picamera2:1", "Pi camera 1")),
        ("chaos:ok*3", ("chaos:ok*3", "chaos")),
        ("rtsp://me:secret@cam/a", ("url:rtsp://me:secret@cam/a", "rtsp://***@cam/a")),
    ],
)
def test_what_a_source_stands_for(source: str, camera: tuple[str, str]) -> None:
    assert named(source) == camera


def test_a_number_that_no_pi_camera_has() -> None:
    with pytest.raises(SourceError, match="picamera:x is not allowed: give picamera, or picamera:1"):
        open_source("picamera:x")


def test_a_kind_that_is_not_in_the_table() -> None:
    with pytest.raises(DeviceError, match="radar is no kind of camera: allowed are v4l2, "):
        open_device("radar:1", Opening())


def test_a_file_is_no_camera(tmp_path) -> None:
    (tmp_path / "clip.mp4").touch()
    for source in (tmp_path, tmp_path / "clip.mp4", tmp_path / "none.mp4"):
        assert live.open_live(SourceRequest(str(source), lambda: False, None, None, print, ALLOWED)) is None
