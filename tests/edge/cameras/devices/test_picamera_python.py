"""Which Python reads the Pi's camera: the system's before this one, and what is wrong with it."""

from __future__ import annotations

import os
import sys
import venv
from pathlib import Path

import pytest

from signs_edge.edge.cameras.devices import picamera_python
from signs_edge.edge.cameras.devices.picamera import PiCameras, find_pi_cameras
from signs_edge.edge.cameras.devices.picamera_python import (
    INSTALL,
    PYTHON_VARIABLE,
    PiCameraError,
    explain_import,
    interpreters,
    understand,
)

WORKS = """
class Picamera2:
    @staticmethod
    def global_camera_info():
        return [{"Model": "usb", "Id": "/base/pcie/usb@1"}, {"Model": "MODEL", "Id": "/base/soc/i2c0mux/imx708@1a"}]
"""
MISMATCH = "import numpy.core\nraise ValueError('numpy.dtype size changed, may indicate binary incompatibility')"


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the packages of another Python than this one, which stands for /usr/bin/python3."""
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    venv.create(tmp_path / "system", symlinks=True)
    python = tmp_path / "system/bin/python3"
    monkeypatch.setattr(picamera_python, "SYSTEM_PYTHON", python)
    (packages,) = (tmp_path / "system").glob("lib/python*/site-packages")
    return packages


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that this Python finds, and the system's does not."""
    venv.create(tmp_path / "ours", symlinks=True)
    (packages,) = (tmp_path / "ours").glob("lib/python*/site-packages")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "ours/bin/python3"))
    monkeypatch.syspath_prepend(str(packages))
    return packages


def package(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(text)


def test_the_systems_picamera2_is_asked_without_the_environments_packages(system: Path, ours: Path) -> None:
    package(system, "picamera2", WORKS.replace("MODEL", "imx708"))
    package(ours, "picamera2", "raise SystemExit('the environment was asked')")

    found = find_pi_cameras()

    assert (found.python, found.models, found.failed) == (str(picamera_python.SYSTEM_PYTHON), ("imx708",), "")


def test_where_only_this_python_has_picamera2_it_is_asked(system: Path, ours: Path) -> None:
    package(ours, "picamera2", WORKS.replace("MODEL", "imx219"))

    found = find_pi_cameras()

    assert (found.python, found.models) == (sys.executable, ("imx219",))


def test_where_the_systems_does_not_import_this_python_is_asked(system: Path, ours: Path) -> None:
    package(system, "picamera2", "raise ValueError('numpy.dtype size changed')")
    package(ours, "picamera2", WORKS.replace("MODEL", "imx219"))

    assert find_pi_cameras().models == ("imx219",)


def test_none_has_it(system: Path) -> None:
    assert find_pi_cameras() == PiCameras()


def test_a_mismatch_is_told_with_the_packages_that_do_not_fit(system: Path) -> None:
    package(system, "picamera2", "import simplejpeg")
    package(system, "simplejpeg", MISMATCH)
    package(system, "numpy", "__version__ = '2.4.1'")
    (system / "numpy/core.py").touch()

    found = find_pi_cameras()

    python = str(picamera_python.SYSTEM_PYTHON)
    assert found.python == python
    assert (
        f"under {python}: simplejpeg was built for another numpy than 2.4.1 in {system} (numpy.dtype " in found.failed
    )
    assert found.fix == f"{python} -m pip install --upgrade --force-reinstall simplejpeg"


def test_a_camera_that_libcamera_cannot_list(system: Path) -> None:
    package(system, "picamera2", WORKS.replace("return", "raise RuntimeError('no /dev/media0')  #"))

    found = find_pi_cameras()

    assert (found.failed, found.fix, found.models) == ("picamera2: no /dev/media0", "", ())


DEBIAN, LOCAL = "/usr/lib/python3/dist-packages", "/usr/local/lib/python3.11/dist-packages"
REASON = (
    "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject"
)


@pytest.mark.parametrize(
    ("told", "fix"),
    [
        ({"numpy_at": LOCAL}, "sudo /usr/bin/python3 -m pip uninstall --break-system-packages numpy"),
        ({"module_at": LOCAL}, "sudo /usr/bin/python3 -m pip uninstall --break-system-packages simplejpeg"),
        ({}, "sudo apt full-upgrade"),
        ({"module": "", "module_at": ""}, "sudo apt full-upgrade"),
        (
            {"environment": "/home/pi/signs", "numpy_at": "/home/pi/signs/lib/python3.11/site-packages"},
            "/usr/bin/python3 -m pip install --upgrade --force-reinstall simplejpeg",
        ),
        ({"failed": "No module named 'libcamera'"}, INSTALL),
        ({"failed": "No module named 'numpy'", "numpy": "", "numpy_at": ""}, INSTALL),
    ],
)
def test_the_remedy_follows_from_where_the_packages_lie(told: dict[str, str], fix: str) -> None:
    answer = {"failed": REASON, "missing": False, "module": "simplejpeg", "module_at": DEBIAN, "numpy": "1.24.2",
              "numpy_at": DEBIAN, "environment": ""}  # fmt: skip

    assert explain_import({**answer, **told}, "/usr/bin/python3")[1] == fix


def test_a_program_that_died(tmp_path: Path) -> None:
    with pytest.raises(PiCameraError, match=r"picamera2 died under python3 \(SIGILL\): sudo apt full-upgrade"):
        understand(["python3"], b"", -4)


def test_a_python_of_the_environment_variable_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PYTHON_VARIABLE, "/opt/python3")

    assert interpreters() == [["/opt/python3"]]


def test_the_systems_is_asked_without_the_users_own_packages(system: Path) -> None:
    assert interpreters()[0] == [str(picamera_python.SYSTEM_PYTHON), "-s"]
    assert os.access(picamera_python.SYSTEM_PYTHON, os.X_OK)
