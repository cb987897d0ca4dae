"""The Pi's camera: a fake picamera2 with the calls that its manual documents, read in the process that reads it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from signs_edge.edge.cameras import auto
from signs_edge.edge.cameras.config import LiveConfig
from signs_edge.edge.cameras.devices.picamera_python import INSTALL, PYTHON_VARIABLE
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
        if self.number == STATE.get("fails_at"):
            raise RuntimeError("Camera frontend has timed out!")
        if self.number == STATE.get("dies_at"):
            os._exit(139)
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
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which this Python, and no other, looks for picamera2."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv(PYTHON_VARIABLE, sys.executable)
    return tmp_path


@pytest.fixture
def picamera2(python: Path) -> Path:
    """The folder of the fake; `state.json` in it says what is connected."""
    (python / "picamera2.py").write_text(FAKE)
    (python / "loose").touch()  # no cable is loose, unless a test takes this away
    connect(python)
    return python


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
    assert refusal("picamera:1").startswith("Pi camera 1 cannot be opened (picamera2: list index out of range)")
    connect(picamera2, busy=True)
    assert "(picamera2: Camera __init__ sequence did not complete.)" in refusal("picamera")


def refusal(source: str = "picamera") -> str:
    with open_source(source) as frames, pytest.raises(SourceError) as caught:
        next(frames)
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_a_camera_that_fails_later_says_why(picamera2: Path, watch) -> None:
    connect(picamera2, fails_at=4)

    seen = watch("picamera:0", lambda seen: "back" in seen.events)

    assert any("picamera2: Camera frontend has timed out!" in notice for notice in seen.notices)


def test_a_process_that_dies_is_started_again(picamera2: Path, watch) -> None:
    connect(picamera2, dies_at=4)

    seen = watch("picamera:0", lambda seen: seen.events.count("back") == 2)

    assert seen.events == ["lost", "back"] * 2


def test_what_libraries_print_is_no_frame(picamera2: Path) -> None:
    with (picamera2 / "picamera2.py").open("a") as file:
        file.write("print('[0:01] INFO Camera')\nos.write(1, b'libcamera')\n")

    with open_source("picamera") as frames:
        assert next(frames).image.shape == (480, 640, 3)


def test_modules_beside_the_program_do_not_hide_what_picamera2_imports(picamera2: Path) -> None:
    (picamera2 / "v4l2.py").write_text("import_me = 1")  # python3-v4l2's name, and that of a module of this room
    with (picamera2 / "picamera2.py").open("a") as file:
        file.write("from v4l2 import import_me\n")

    with open_source("picamera") as frames:
        next(frames)


def test_without_picamera2_it_says_how_to_install_it(python: Path) -> None:
    assert f"(picamera2 is not installed: {INSTALL})" in refusal()


def test_a_picamera2_without_libcamera(python: Path) -> None:
    (python / "picamera2.py").write_text("import libcamera_of_the_pi")

    said = refusal()

    assert f"does not import under {sys.executable} (No module named 'libcamera_of_the_pi'): {INSTALL}" in said


def test_a_program_that_dies_at_the_start_is_named_with_the_signal(python: Path) -> None:
    (python / "picamera2.py").write_text("import os\nos.abort()")

    assert f"picamera2 died under {sys.executable} (SIGABRT)" in refusal()


def test_a_python_that_is_not_there(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PYTHON_VARIABLE, str(python / "none"))

    said = refusal()

    assert "none cannot be started (No such file or directory)" in said
    assert f"set ${PYTHON_VARIABLE}" in said


NUMPY_MISMATCHES = [
    # simplejpeg of Bookworm under numpy 2: raspberrypi/picamera2#1211
    "ValueError('numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88')",
    # compiled modules that use numpy's C interface through its import function
    "ImportError('numpy.core.multiarray failed to import')",
    "AttributeError('_ARRAY_API not found')",
]


@pytest.fixture(params=NUMPY_MISMATCHES)
def mismatch(request: pytest.FixtureRequest, python: Path) -> Path:
    """A picamera2 whose simplejpeg was built for another numpy than the one that is imported."""
    (python / "picamera2").mkdir()
    (python / "picamera2/__init__.py").write_text("import simplejpeg")
    (python / "simplejpeg.py").write_text(f"import numpy\nraise {request.param}")
    return python


def test_a_numpy_that_debians_modules_were_not_built_for_is_named_with_the_remedy(mismatch: Path) -> None:
    said = refusal()

    assert (
        f"simplejpeg was built for another numpy than {np.__version__} in {Path(np.__file__).parent.parent} (" in said
    )
    assert f"{sys.executable} -m pip install --upgrade --force-reinstall simplejpeg" in said
    assert "apt install" not in said


def test_auto_says_why_the_pis_cameras_are_left_out(mismatch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "list_cameras", list)
    notices: list[str] = []

    assert auto.candidates("", notices.append) == []
    assert notices[0].startswith("the Pi's own cameras are left out: picamera2 does not import under ")
    assert notices[0].endswith("pip install --upgrade --force-reinstall simplejpeg")
    assert len(notices) == 1


def test_auto_takes_it_and_says_so(picamera2: Path, watch) -> None:
    seen = watch("auto", lambda seen: len(seen.frames) >= 3)

    assert seen.notices == ["--source auto took Pi camera 0 (imx708)"]
    assert {frame.source for frame in seen.frames} == {"Pi camera 0 (imx708)"}
