"""The Raspberry Pi's own camera, through picamera2: it does not open through OpenCV.

API: https://datasheets.raspberrypi.com/camera/picamera2-manual.pdf, sections 4 (configuration) and 6 (capture).
"""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.cameras.devices.device import DeviceError

SIZE = (640, 480)  # width, height
_INSTALL = "sudo apt install python3-picamera2, and make the environment with python3 -m venv --system-site-packages"


def load_picamera2() -> Any:
    """The module; DeviceError, with what to do, where it does not import."""
    try:
        return importlib.import_module("picamera2")
    except ImportError as error:
        raise DeviceError(f"picamera2 does not import, {error}: {_INSTALL}") from None


def list_pi_cameras() -> list[str]:
    """The models of the cameras on the ribbon, such as "imx708", by number; USB cameras are left to V4L2.

    Empty where picamera2 is not installed.
    """
    try:
        found = load_picamera2().Picamera2.global_camera_info()
    except (DeviceError, RuntimeError, OSError):
        return []
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


if __name__ == "__main__":
    import json
    import sys

    sys.stdout.write(json.dumps(list_pi_cameras()) + "\n")
