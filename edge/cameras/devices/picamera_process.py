"""The program that reads a Raspberry Pi's camera: `python3 picamera_process.py NUMBER`, or `list`.

It runs under the Python that apt installed picamera2 for. Compiled modules below picamera2, such as simplejpeg, are built
for Debian's numpy, and their import fails in an environment with another one (raspberrypi/picamera2#1088, #1170, #1211).
So it imports nothing but picamera2 and the standard library, and runs on Python 3.9 or later. On standard output:

    list      {"models": ["imx708"], "version": "0.3.31"}
    NUMBER    {"opened": true}, then for each frame {"shape": [H, W, 3], "captured": S} and its bytes, BGR, row by row
    either    {"failed": TEXT, ...} in place of any of these lines, and the program ends

With NUMBER it ends when its standard input ends.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO

SIZE = (640, 480)  # width, height
_CLOSE_S = 0.2  # for the camera to stop; one that blocks is not waited for


def list_cameras(module: Any) -> dict[str, Any]:
    """List the models of the cameras on the ribbon by number; USB cameras are left to V4L2."""
    found = module.Picamera2.global_camera_info()
    models = [str(camera.get("Model", "camera")) for camera in found if "/usb" not in str(camera.get("Id", ""))]
    return {"models": models, "version": _version("picamera2")}


def stream(module: Any, number: int, output: BinaryIO, ended: threading.Event) -> None:
    """Open a camera and write its frames until `ended` is set."""
    camera = module.Picamera2(number)
    try:
        # "RGB888" is libcamera's name for bytes that lie as B, G, R: OpenCV's order.
        camera.configure(camera.create_video_configuration(main={"size": SIZE, "format": "RGB888"}))
        camera.start()
        _write(output, {"opened": True})
        while not ended.is_set():
            array = camera.capture_array("main")
            _write(output, {"shape": array.shape, "captured": time.monotonic()}, array.tobytes())
    finally:
        camera.close()  # it stops a camera that runs


def explain_import_error(error: Exception) -> dict[str, Any]:
    """Describe why picamera2 does not import.

    Returns:
        "failed": the exception, in one line. "missing": whether picamera2 is not installed. "module": the top-level module
        whose import failed, "" where unknown, and "module_at", its folder. "numpy": the version that was imported, "" where
        none was, and "numpy_at", the folder it was imported from. "environment": the virtual environment, "" outside one.
    """
    module, module_at = _innermost_module(error)
    numpy = sys.modules.get("numpy")
    return {
        **_failure(error),
        "missing": isinstance(error, ModuleNotFoundError) and error.name == "picamera2",
        "module": module,
        "module_at": module_at,
        "numpy": str(getattr(numpy, "__version__", "")),
        "numpy_at": str(Path(numpy.__file__).parent.parent) if numpy is not None and numpy.__file__ else "",
        "environment": sys.prefix if sys.prefix != sys.base_prefix else "",
    }


def _innermost_module(error: Exception) -> tuple[str, str]:
    """The top-level module whose code raised, and the folder that holds it."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        for parent in path.parents:
            if str(parent) in sys.path and path.suffix == ".py":
                return path.relative_to(parent).parts[0].partition(".")[0], str(parent)
    return "", ""


def _failure(error: Exception) -> dict[str, Any]:
    return {"failed": " ".join(str(error).split()) or type(error).__name__}


def _version(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # built from source
        return ""


def _write(output: BinaryIO, line: dict[str, Any], frame: bytes = b"") -> None:
    output.write(json.dumps(line).encode() + b"\n" + frame)
    output.flush()


def _end_with_the_input(ended: threading.Event) -> None:
    """End this process after its standard input, also while the main thread waits for a camera."""
    while os.read(0, 1024):
        pass
    ended.set()
    time.sleep(_CLOSE_S)
    os._exit(0)


def main() -> None:
    """List the cameras or stream one."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever libraries print is no frame
    # This folder has modules with names that picamera2 may import, such as v4l2.
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [entry for entry in sys.path if str(Path(entry or ".").resolve()) != here]
    try:
        module = importlib.import_module("picamera2")
    except Exception as error:  # whatever the compiled modules below picamera2 raise
        _write(output, explain_import_error(error))
        return
    try:
        if sys.argv[1] == "list":
            _write(output, list_cameras(module))
            return
        ended = threading.Event()
        threading.Thread(target=_end_with_the_input, args=(ended,), daemon=True).start()
        stream(module, int(sys.argv[1]), output, ended)
    except BrokenPipeError:  # the reader has gone
        return
    except Exception as error:  # of libcamera, of whatever kind
        _write(output, _failure(error))


if __name__ == "__main__":
    main()
    os._exit(0)  # not waiting for the threads of libcamera
