"""The Pi's camera: a fake picamera2 with the calls that its manual documents, read in the process that reads it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from signs_edge.edge.cameras import auto
from signs_edge.edge.cameras.config import LiveConfig
from signs_edge.edge.cameras.devices.picamera import REBUILD
from signs_edge.edge.cameras.watchdog import WatchConfig
from signs_edge.edge.errors import SourceError
from signs_edge.edge.sources.open import open_source

FAKE = """
import json, os, pathlib, threading
import numpy as np

HERE = pathlib.Path(__file__).parent
STATE = json.loads((HERE / "state.json").read_text())


class Picamera2:
    def __init__(self, camera_num=0):
        if STATE.get("busy"):
            raise RuntimeError("Camera __init__ sequence did not complete.")
        if camera_num >= len(STATE["cameras"]):
            raise IndexError("list index out of range")
        self.calls, self.number = [], 0

    @staticmethod
    def global_camera_info():
        return STATE["cameras"]

    def create_video_configuration(self, main=None, **_):
        return {"main": main}

    def configure(self, configuration):
        assert configuration["main"]["format"] == "RGB888"
        self.size = configuration["main"]["size"]

    def start(self):
        self.started = True

    def capture_array(self, name="main"):
        assert self.started and name == "main"
        self.number += 1
        marker = HERE / "loose"
        if self.number > 5 and not marker.exists():
            marker.touch()
            threading.Event().wait()
        threading.Event().wait(0.02)
        array = np.random.default_rng(self.number).integers(0, 90, (self.size[1], self.size[0], 3), dtype=np.uint8)
        array[..., 0] += 150  # "RGB888" lies as B, G, R
        return array

    def stop(self):
        self.started = False

    def close(self):
        (HERE / "closed").touch()
"""


@pytest.fixture
def picamera2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the fake; `state.json` in it says what is connected."""
    (tmp_path / "picamera2.py").write_text(FAKE)
    (tmp_path / "loose").touch()  # no cable is loose, unless a test takes this away
    connect(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def connect(folder: Path, **state: object) -> None:
    cameras = [{"Model": "usb", "Id": "/base/pcie/usb@1"}, {"Model": "imx708", "Id": "/base/soc/i2c0mux/imx708@1a"}]
    (folder / "state.json").write_text(json.dumps({"cameras": cameras[1:], **state}))


def test_its_frames_are_bgr_of_640_by_480(picamera2: Path) -> None:
    with open_source("picamera") as frames:
        first, second = next(frames), next(frames)

    assert first.source == "Pi camera 0"
    assert first.image.shape == (480, 640, 3)
    assert first.image[..., 0].mean() > first.image[..., 2].mean() + 100
    assert not np.array_equal(first.image, second.image)
    assert (picamera2 / "closed").exists()


def test_a_cable_that_has_come_loose_and_is_fixed(picamera2: Path, watch) -> None:
    (picamera2 / "loose").unlink()
    live = LiveConfig(WatchConfig(stalled_after=1.0))

    seen = watch("picamera:0", lambda seen: "back" in seen.events, live)

    assert seen.events == ["lost", "back"]


def test_one_that_is_busy_or_not_there(picamera2: Path) -> None:
    def refusal(source: str) -> str:
        with open_source(source) as frames, pytest.raises(SourceError) as caught:
            next(frames)
        return str(caught.value)

    assert refusal("picamera:1").startswith("Pi camera 1 cannot be opened (picamera2: list index out of range)")
    connect(picamera2, busy=True)
    assert "(picamera2: Camera __init__ sequence did not complete.)" in refusal("picamera")


def test_without_picamera2_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "picamera2.py").write_text("raise ImportError('no libcamera')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with open_source("picamera") as frames, pytest.raises(SourceError, match="sudo apt install python3-picamera2"):
        next(frames)


NUMPY_MISMATCHES = [
    # simplejpeg of Bookworm under numpy 2: raspberrypi/picamera2#1211
    "ValueError('numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88')",
    # compiled modules that use numpy's C interface through its import function
    "ImportError('numpy.core.multiarray failed to import')",
    "AttributeError('_ARRAY_API not found')",
]


@pytest.mark.parametrize("raised", NUMPY_MISMATCHES)
def test_a_numpy_that_debians_modules_were_not_built_for_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: str
) -> None:
    (tmp_path / "picamera2.py").write_text(f"raise {raised}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with open_source("picamera") as frames, pytest.raises(SourceError) as caught:
        next(frames)

    said = str(caught.value)
    assert f"built for another numpy than {np.__version__}" in said
    assert REBUILD in said
    assert "apt install" not in said
    assert "\n" not in said


def test_any_other_failure_of_the_import_is_one_line_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "picamera2.py").write_text("raise RuntimeError('no pipeline\\nhandler')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with open_source("picamera") as frames, pytest.raises(SourceError, match="does not import, no pipeline handler: "):
        next(frames)


def test_auto_says_why_the_pis_cameras_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "picamera2.py").write_text(f"raise {NUMPY_MISMATCHES[0]}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(auto, "list_cameras", list)
    notices: list[str] = []

    assert auto.candidates("", notices.append) == []
    assert notices[0].startswith("the Pi's own cameras are left out: picamera2 does not import: ")
    assert len(notices) == 1


def test_auto_takes_it_and_says_so(picamera2: Path, watch) -> None:
    seen = watch("auto", lambda seen: len(seen.frames) >= 3)

    assert seen.notices == ["--source auto took Pi camera 0 (imx708)"]
    assert {frame.source for frame in seen.frames} == {"Pi camera 0 (imx708)"}
