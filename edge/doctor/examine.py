"""Everything that `signs-edge doctor` checks, in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signs_edge.edge.doctor.checks import Check


def examine(model: Path | None) -> Iterator[Check]:
    """Each check as it is done. What needs OpenCV or a runtime is not tried where that is missing."""
    from signs_edge.edge.device.board import read_board, read_heat
    from signs_edge.edge.doctor import checks as health
    from signs_edge.edge.doctor import facts as health_facts
    from signs_edge.edge.doctor.checks import Check, Level
    from signs_edge.edge.doctor.extras import EXTRAS, found_versions, judge_extra

    board = read_board()
    yield Check("machine", Level.OK, str(board))
    yield health.judge_processor(board.machine, health_facts.processor_features(board.machine))
    yield health.judge_heat(read_heat())
    numpy = health.judge_import("numpy", "numpy", health_facts.try_import("numpy"))
    opencv = health.judge_import("opencv", "opencv-python-headless", health_facts.try_import("cv2"))
    yield from (numpy, opencv)
    runtime = health.judge_runtime(
        health_facts.try_runtime("litert"),
        health_facts.try_runtime("tflite-runtime"),
        health_facts.is_installed("tensorflow"),
    )
    yield runtime
    yield from (judge_extra(extra, found_versions(extra)) for extra in EXTRAS)
    if Level.FAIL in (numpy.level, opencv.level):
        yield Check("the rest", Level.WARN, "models, cameras and display were not looked at",
                    "mend the above, then ask again")  # fmt: skip
        return
    if runtime.level is Level.OK:  # else it is missing, or would be TensorFlow
        yield from _models(model)
    yield from _cameras()
    yield from _display()


def _models(given: Path | None) -> Iterator[Check]:
    from signs_edge.edge.bundle.store import FLOAT32_NAME, find_finder, find_model
    from signs_edge.edge.doctor.checks import Check, Level
    from signs_edge.edge.doctor.facts import check_finder, check_model
    from signs_edge.edge.errors import ModelError

    try:
        path = find_model(given)
    except ModelError as error:
        found, _, fix = str(error).partition("; ")
        yield Check("model", Level.FAIL, found, fix)
    else:
        yield check_model("model", path)
        twin = path.with_name(FLOAT32_NAME)
        if twin != path and twin.is_file():
            yield check_model("float model", twin)
    yield check_finder(find_finder(None))


def _cameras() -> Iterator[Check]:
    from signs_edge.edge.cameras.auto import candidates
    from signs_edge.edge.cameras.devices.picamera import find_pi_cameras
    from signs_edge.edge.cameras.devices.v4l2 import NO_CAMERAS
    from signs_edge.edge.doctor import checks as health
    from signs_edge.edge.doctor import facts as health_facts
    from signs_edge.edge.doctor.picamera2 import judge_picamera2

    nodes, user = health_facts.video_nodes(NO_CAMERAS), health_facts.user_name()
    yield health.judge_nodes(nodes, user, health_facts.groups_now(), health_facts.groups_entitled(user))
    pi, is_pi = find_pi_cameras(), health_facts.is_raspberry_pi()
    picamera2 = judge_picamera2(pi, is_pi)
    if picamera2 is not None:
        yield picamera2
    names = [camera.name for camera in candidates("", pi=pi)]
    yield health.judge_cameras(names, nodes, is_pi, bool(pi.python))


def _display() -> Iterator[Check]:
    from signs_edge.edge.display.tk_window import has_display
    from signs_edge.edge.doctor import checks as health
    from signs_edge.edge.doctor import facts as health_facts

    yield health.judge_display(has_display(), health_facts.has_tk())
