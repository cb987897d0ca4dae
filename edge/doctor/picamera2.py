"""Whether picamera2 works, through which a Raspberry Pi's own cameras are read: judged from what it answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signs_edge.edge.cameras.devices.picamera_python import INSTALL
from signs_edge.edge.doctor.checks import Check, Level

if TYPE_CHECKING:  # its module needs numpy
    from signs_edge.edge.cameras.devices.picamera import PiCameras


def judge_picamera2(found: PiCameras, is_pi: bool) -> Check | None:
    """Whether picamera2 works, which the Pi's own cameras need; None where it is neither installed nor of use."""
    if found.failed:
        return Check("picamera2", Level.WARN, found.failed, found.fix or "rpicam-hello --list-cameras says more")
    if found.python:
        return Check("picamera2", Level.OK, " ".join(filter(None, (found.version, "under", found.python))))
    if is_pi:
        return Check("picamera2", Level.NOTE, "not installed, for the Pi's own camera", INSTALL)
    return None
