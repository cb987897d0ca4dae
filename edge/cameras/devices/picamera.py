"""The Raspberry Pi's own camera, through picamera2, since OpenCV cannot open it.

API: https://datasheets.raspberrypi.com/camera/picamera2-manual.pdf, sections 4 (configuration) and 6 (capture).
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.cameras.devices.device import DeviceError, Kind
from signs_edge.edge.errors import SourceError

SIZE = (640, 480)  # width, height
INSTALL = "sudo apt install python3-picamera2, and make the environment with python3 -m venv --system-site-packages"
"""What to do where picamera2 is not installed, or not visible from this environment."""
REBUILD = "pip install --upgrade simplejpeg in this environment"
"""What to do where Debian's compiled modules were built for another numpy than the environment's."""


def load_picamera2() -> Any:
    """Import picamera2.

    Debian's simplejpeg, which picamera2 imports, was compiled for Debian's numpy. In an environment with a numpy of another
    binary interface its import raises ValueError (raspberrypi/picamera2#1088, #1170, #1211).

    Raises:
        DeviceError: the module does not import; the message is one line with the cause and the remedy.
    """
    try:
        return importlib.import_module("picamera2")
    except Exception as error:  # whatever the compiled modules below picamera2 raise
        reason = " ".join(str(error).split()) or type(error).__name__
        if not isinstance(error, ModuleNotFoundError) and re.search("numpy|_ARRAY_API", reason):
            raise DeviceError(
                f"picamera2 does not import: a module of Debian's was built for another numpy than {np.__version__} in this "
                f"environment ({reason}); {REBUILD}"
            ) from None
        raise DeviceError(f"picamera2 does not import, {reason}: {INSTALL}") from None


def list_pi_cameras() -> list[str]:
    """List the models of the cameras on the ribbon, such as "imx708", by number; USB cameras are left to V4L2.

    Raises:
        DeviceError: picamera2 does not import, or libcamera fails.
    """
    module = load_picamera2()
    try:
        found = module.Picamera2.global_camera_info()
    except (RuntimeError, OSError) as error:
        raise DeviceError(f"picamera2: {error}") from None
    return [str(camera.get("Model", "camera")) for camera in found if "/usb" not in str(camera.get("Id", ""))]


class PiCamera:
    """See `signs_edge.edge.cameras.devices.device.Device`."""

    def __init__(self, number: int = 0) -> None:
        module = load_picamera2()
        try:
            self._camera = module.Picamera2(number)
        except (RuntimeError, IndexError, OSError) as error:  # busy, or no such number
            raise DeviceError(f"picamera2: {error}") from None
        try:
            # "RGB888" is libcamera's name for bytes that lie as B, G, R: OpenCV's order.
            main = {"size": SIZE, "format": "RGB888"}
            self._camera.configure(self._camera.create_video_configuration(main=main))
            self._camera.start()
        except (RuntimeError, OSError) as error:
            self._camera.close()
            raise DeviceError(f"picamera2: {error}") from None

    def read(self) -> tuple[float, npt.NDArray[np.generic] | None] | None:
        """See `Device`; waits for ever where the ribbon has come loose."""
        try:
            array = self._camera.capture_array("main")
        except (RuntimeError, OSError):
            return None
        return time.monotonic(), np.asarray(array)

    def close(self) -> None:
        """See `Device`."""
        self._camera.stop()
        self._camera.close()


def camera_name(number: str) -> str:
    """Name camera `number`, "0" to "9", for people; SourceError for other text."""
    if not re.fullmatch("[0-9]", number):
        raise SourceError(
            f"source picamera:{number} is not allowed: give picamera, or picamera:1 for the second camera"
        )
    return f"Pi camera {number}"


KIND = Kind(lambda number, _: PiCamera(int(number)), camera_name, default="0", hint="picamera")


def main() -> None:
    """Print the models of the connected cameras as a JSON list, or {"failed": TEXT}."""
    try:
        found: list[str] | dict[str, str] = list_pi_cameras()
    except DeviceError as error:
        found = {"failed": str(error)}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
