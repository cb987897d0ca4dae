"""Every finding of the doctor, from made-up facts: how bad it is, and that the fix is the right one."""

from __future__ import annotations

import pytest

from signs_edge.edge.cameras.devices.picamera import PiCameras
from signs_edge.edge.device.board import Heat
from signs_edge.edge.doctor.checks import (
    Check,
    Import,
    Level,
    VideoNode,
    judge_cameras,
    judge_display,
    judge_heat,
    judge_import,
    judge_nodes,
    judge_processor,
    judge_runtime,
)
from signs_edge.edge.doctor.picamera2 import judge_picamera2

HERE, MISSING = Import("litert 2.1"), Import(None, "No module named 'ai_edge_litert'")


def seen(check: Check) -> tuple[str, str, str]:
    return check.level.value, check.found, check.fix


def test_a_complaint_without_a_remedy_is_not_allowed() -> None:
    for level, fix in ((Level.FAIL, ""), (Level.WARN, ""), (Level.OK, "do this")):
        with pytest.raises(ValueError, match="check x"):
            Check("x", level, "y", fix)


def test_a_line_and_an_object() -> None:
    check = Check("cameras", Level.WARN, "none found", "plug one in")

    assert str(check) == "warn  cameras      none found: plug one in"
    assert check.to_json() == {"name": "cameras", "level": "warn", "found": "none found", "fix": "plug one in"}
    assert Check("cameras", Level.OK, "one").to_json()["fix"] is None


@pytest.mark.parametrize(
    ("error", "found", "fix"),
    [
        ("libGL.so.1: cannot open shared object file: No such file or directory", "libGL.so.1 is missing",
         "opencv-python-headless, or sudo apt install libgl1"),
        ("libglib-2.0.so.0: cannot open shared object file", "libglib-2.0.so.0 is missing",
         "sudo apt install libglib2.0-0"),
        ("libopenblas.so.0: cannot open shared object file", "libopenblas.so.0 is missing",
         "sudo apt install libopenblas0"),
        ("libstrange.so.3: cannot open shared object file", "libstrange.so.3 is missing", "apt-file search libstrange.so.3"),
        ("/lib/aarch64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found", "GLIBC_2.38", "Debian 12 or later"),
        ("No module named 'cv2'", "No module named 'cv2'", "pip install opencv-python-headless"),
        ("", "cannot be imported", "pip install opencv-python-headless"),
    ],
)  # fmt: skip
def test_what_keeps_opencv_from_being_imported(error: str, found: str, fix: str) -> None:
    check = judge_import("opencv", "opencv-python-headless", Import(None, error))

    assert check.level is Level.FAIL
    assert found in check.found
    assert fix in check.fix
    assert "\n" not in str(check)


def test_a_library_that_kills_the_process() -> None:
    assert "instruction that this processor does not have" in judge_import("numpy", "numpy", Import(None, "", 4)).found
    crashed = judge_import("numpy", "numpy", Import(None, "", 11))
    assert seen(crashed) == (
        "fail", "importing numpy dies of signal 11", "pip install --force-reinstall --no-cache-dir numpy"
    )  # fmt: skip


def test_one_runtime_of_three_is_needed() -> None:
    assert seen(judge_runtime(HERE, MISSING, True)) == ("ok", "litert 2.1", "")
    assert seen(judge_runtime(MISSING, Import("tflite-runtime 2.14"), False)) == ("ok", "tflite-runtime 2.14", "")
    assert judge_runtime(MISSING, MISSING, True).level is Level.WARN
    deadly = judge_runtime(Import(None, "", 4), Import("tflite-runtime 2.14"), True)  # the first one that `run` tries
    assert deadly.level is Level.FAIL
    assert "pip uninstall ai-edge-litert" in deadly.fix
    none = judge_runtime(MISSING, MISSING, False)
    assert none.level is Level.FAIL
    assert none.fix.startswith("pip install ai-edge-litert, or ")
    assert "signs-edge[tflite-runtime]" in none.fix
    broken = judge_runtime(Import(None, "libatomic.so.1: cannot open shared object file"), MISSING, False)
    assert seen(broken) == ("fail", "the system library libatomic.so.1 is missing", "sudo apt install libatomic1")


OPEN, CLOSED = VideoNode("/dev/video0", "video", True), VideoNode("/dev/video2", "video", False)


@pytest.mark.parametrize(
    ("nodes", "groups", "entitled", "level", "fix"),
    [
        ([], (), (), "ok", ""),
        ([OPEN], (), (), "ok", ""),
        ([OPEN, CLOSED], (), (), "fail", "sudo usermod -aG video pi, and log in again"),
        ([CLOSED], (), ("video",), "fail", "log out and in again"),
        ([CLOSED], ("video",), ("video",), "fail", "sudo chmod g+rw /dev/video2"),
        ([VideoNode("/dev/video2", "root", False)], (), (), "fail", "sudo chgrp video /dev/video2"),
        ([VideoNode("/dev/video2", "camera", False)], (), (), "fail", "usermod -aG camera pi"),
    ],
)
def test_permissions(nodes: list[VideoNode], groups: tuple[str], entitled: tuple[str], level: str, fix: str) -> None:
    check = judge_nodes(nodes, "pi", groups, entitled)

    assert check.level.value == level
    assert fix in check.fix
    assert ("/dev/video2 may not be opened by pi" in check.found) == (level == "fail")


def test_no_camera_is_a_warning_and_the_fix_fits_the_board() -> None:
    assert seen(judge_cameras(["/dev/video0 (Cam)"], [OPEN], False, False)) == ("ok", "/dev/video0 (Cam)", "")
    cases = {
        "see permissions": judge_cameras([], [CLOSED], True, False),
        "python3-picamera2": judge_cameras([], [], True, False),
        "ribbon cable": judge_cameras([], [], True, True),
        "plug one in": judge_cameras([], [], False, False),
    }
    for fix, check in cases.items():
        assert check.level is Level.WARN
        assert fix in check.fix


def test_display() -> None:
    assert judge_display(True, True).level is Level.OK
    assert judge_display(True, False).level is Level.FAIL  # `run` ends with an error there
    assert "python3-tk" in judge_display(True, False).fix
    assert judge_display(False, False).level is Level.WARN
    assert "--headless" in judge_display(False, True).fix
    assert "Tk" not in judge_display(False, True).found
    assert "no Tk" in judge_display(False, False).found
    assert "python3-tk" in judge_display(False, False).fix


@pytest.mark.parametrize(
    ("machine", "features", "level", "found"),
    [
        ("aarch64", "fp asimd asimddp", "ok", "asimd and dotprod"),
        ("aarch64", "fp asimd", "ok", "without dotprod"),
        ("aarch64", "fp", "warn", "without asimd"),
        ("armv7l", "half neon", "ok", "neon, without dotprod"),
        ("armv6l", "half vfp", "warn", "without asimd"),
        ("x86_64", "avx2 avx512_vnni", "ok", "avx2 and avx512_vnni"),
        ("x86_64", "avx2 avx_vnni", "ok", "avx2 and avx_vnni"),
        ("x86_64", "avx avx2", "ok", "without avx512_vnni"),
        ("x86_64", "sse2 avx", "warn", "without avx2"),
        ("x86_64", "", "ok", "does not say"),
        ("riscv64", "i m a", "ok", "does not say"),
    ],
)
def test_processors(machine: str, features: str, level: str, found: str) -> None:
    check = judge_processor(machine, features.split())

    assert check.level.value == level
    assert found in check.found
    assert ("signs-edge bench" in check.fix) == (level == "warn")


def test_heat() -> None:
    assert seen(judge_heat(Heat(None, None, None))) == ("ok", "this machine does not say", "")
    assert seen(judge_heat(Heat(51.2, (), ()))) == ("ok", "51 °C, not slowed down", "")
    assert seen(judge_heat(Heat(83.0, None, None))) == ("warn", "83 °C, hot", "give it a heat sink or fan")
    weak = judge_heat(Heat(50.0, ("under-voltage", "throttled"), ("under-voltage",)))
    assert weak.found == "under-voltage, throttled now, 50 °C"
    assert "power supply" in weak.fix
    assert "fan" not in weak.fix  # it is the voltage that throttles a cool board
    both = judge_heat(Heat(84.0, ("under-voltage", "throttled"), ()))
    assert "power supply" in both.fix
    assert "fan" in both.fix
    before = judge_heat(Heat(50.0, (), ("soft temperature limit",)))
    assert seen(before) == ("warn", "soft temperature limit since it started, 50 °C", "give it a heat sink or fan")


def test_picamera2() -> None:
    broken = PiCameras("/usr/bin/python3", failed="simplejpeg was built for another numpy", fix="sudo apt full-upgrade")

    assert judge_picamera2(PiCameras(), is_pi=False) is None
    assert seen(judge_picamera2(PiCameras(), is_pi=True))[::2] == ("note", "sudo apt install python3-picamera2")
    assert seen(judge_picamera2(broken, is_pi=True)) == ("warn", broken.failed, broken.fix)
    works = PiCameras("/usr/bin/python3", "0.3.31", ("imx708",))
    assert seen(judge_picamera2(works, is_pi=True)) == ("ok", "0.3.31 under /usr/bin/python3", "")
    silent = judge_picamera2(PiCameras("/usr/bin/python3", failed="picamera2: no /dev/media0"), is_pi=True)
    assert seen(silent)[0] == "warn"
