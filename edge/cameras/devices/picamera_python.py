"""The Python that has picamera2: where it is looked for, and why picamera2 cannot be used there.

apt installs picamera2 for the system's Python, together with the numpy that its compiled modules were built for.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from signs_edge.edge.cameras.devices.device import DeviceError

PYTHON_VARIABLE = "SIGNS_EDGE_PICAMERA_PYTHON"
"""The environment variable that names another Python with picamera2 than the system's."""
SYSTEM_PYTHON = Path("/usr/bin/python3")
INSTALL = "sudo apt install python3-picamera2"
_DEBIAN = "/usr/lib/python3/dist-packages"  # where apt puts Python's packages

Answer = TypeVar("Answer")


class PiCameraError(DeviceError):
    """picamera2 is installed and cannot be used.

    Attributes:
        failed: why, in one line.
        fix: what to do; empty where only the camera knows.
        python: the Python that has picamera2.
    """

    def __init__(self, failed: str, fix: str, python: str) -> None:
        super().__init__(f"{failed}: {fix}" if fix else failed)
        self.failed, self.fix, self.python = failed, fix, python


class PiCameraImportError(PiCameraError):
    """picamera2 is installed and does not import."""


def interpreters() -> list[list[str]]:
    """List the commands that start a Python which may have picamera2, best first.

    Returns:
        The one of $SIGNS_EDGE_PICAMERA_PYTHON where that is set; else the system's, without the user's own packages
        (a newer numpy among them hides Debian's), and the one that runs this where it has picamera2.
    """
    named = os.environ.get(PYTHON_VARIABLE)
    if named:
        return [[named]]
    commands = [[sys.executable]] if importlib.util.find_spec("picamera2") else []
    if sys.platform == "linux" and os.access(SYSTEM_PYTHON, os.X_OK):
        commands.insert(0, [str(SYSTEM_PYTHON), "-s"])
    return commands


def first_answer(use: Callable[[list[str]], Answer | None]) -> Answer | None:
    """The answer of the first Python in which picamera2 imports; None where no Python has it.

    Raises:
        PiCameraError: it does not import in any, or fails afterwards.
    """
    refused: PiCameraImportError | None = None
    for command in interpreters():
        try:
            answer = use(command)
        except PiCameraImportError as error:
            refused = refused or error
            continue
        if answer is not None:
            return answer
    if refused is not None:
        raise refused
    return None


def understand(command: list[str], said: bytes, returncode: int | None) -> dict[str, Any] | None:
    """Decode what `signs_edge.edge.cameras.devices.picamera_process` said first.

    Args:
        command: that started it.
        said: its last line is decoded; empty where it died.
        returncode: of the process; None while it runs.

    Returns:
        The line; None where this Python has no picamera2.

    Raises:
        PiCameraError: the line says why picamera2 failed, or there is none.
    """
    try:
        answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    except (ValueError, IndexError):
        died = signal.Signals(-returncode).name if returncode and returncode < 0 else f"exit code {returncode}"
        raise PiCameraError(
            f"picamera2 died under {command[0]} ({died})", "sudo apt full-upgrade", command[0]
        ) from None
    if answer.get("missing"):
        return None
    if "missing" in answer:
        raise PiCameraImportError(*explain_import(answer, command[0]), command[0])
    if "failed" in answer:
        raise PiCameraError(f"picamera2: {answer['failed']}", "", command[0])
    return answer


def explain_import(answer: dict[str, Any], python: str) -> tuple[str, str]:
    """Explain why picamera2 does not import.

    Args:
        answer: of `signs_edge.edge.cameras.devices.picamera_process.explain_import_error`.
        python: the Python in which it does not.

    Returns:
        The cause, and what to do.
    """
    reason = answer["failed"]
    if not re.search("numpy|_ARRAY_API", reason) or not answer["numpy"]:
        return f"picamera2 does not import under {python} ({reason})", INSTALL
    module, at = answer["module"] or "a module", answer["numpy_at"]
    found = f"picamera2 does not import under {python}: {module} was built for another numpy than {answer['numpy']} in {at} ({reason})"
    if answer["environment"] and at.startswith(answer["environment"]):
        return found, f"{python} -m pip install --upgrade --force-reinstall {answer['module'] or 'simplejpeg'}"
    for name, folder in (("numpy", at), (answer["module"], answer["module_at"])):
        if name and folder and folder != _DEBIAN:  # it hides Debian's, which fit together
            return found, f"sudo {python} -m pip uninstall --break-system-packages {name}"
    return found, "sudo apt full-upgrade"


def not_started(command: list[str], error: OSError) -> PiCameraError:
    """Describe a Python that cannot be started."""
    fix = f"set ${PYTHON_VARIABLE} to a Python that has picamera2, or unset it"
    return PiCameraError(f"{command[0]} cannot be started ({error.strerror})", fix, command[0])
