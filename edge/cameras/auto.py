"""`--source auto`: the first camera here that gives a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from signs_edge.edge.cameras.config import Camera, LiveConfig, Notice, Stopped
from signs_edge.edge.cameras.devices.picamera import PiCameras, find_pi_cameras
from signs_edge.edge.cameras.devices.v4l2 import find_again, identify, list_cameras
from signs_edge.edge.cameras.grabber import Grabber
from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame


def candidates(allowed: str, notice: Notice = lambda _text: None, pi: PiCameras | None = None) -> list[Camera]:
    """List the cameras of this machine: the Pi's own, then those of V4L2.

    Args:
        allowed: other sources to name where a camera cannot be opened.
        notice: gets a line where picamera2 is installed but cannot be used.
        pi: what picamera2 answered; None: it is asked.
    """
    pi = find_pi_cameras() if pi is None else pi
    if pi.failed:
        notice(f"the Pi's own cameras are left out: {pi.failed}" + (f": {pi.fix}" if pi.fix else ""))
    found = [
        Camera(f"picamera:{number}", f"Pi camera {number} ({model})", allowed) for number, model in enumerate(pi.models)
    ]
    return found + [v4l2_camera(camera.path, f"{camera.path} ({camera.card})", allowed) for camera in list_cameras()]


def v4l2_camera(path: str, name: str, allowed: str) -> Camera:
    """Describe a V4L2 camera that is found again after it was plugged in again under another number."""
    camera = identify(path)
    return Camera(f"v4l2:{path}", name, allowed, (lambda: f"v4l2:{find_again(camera)}") if camera else None)


class AutoGrabber:
    """Frames of the first of some cameras that gives one; behaves as a `Grabber`."""

    def __init__(self, cameras: Sequence[Camera], stopped: Stopped, config: LiveConfig, notice: Notice) -> None:
        if not cameras:
            raise SourceError(
                "no camera was found here: connect one (a Pi's own needs python3-picamera2), or name another source, "
                "such as --source synthetic"
            )
        self._cameras, self._stopped, self._config, self._notice = list(cameras), stopped, config, notice
        self._grabber: Grabber | None = None

    def warm(self) -> None:
        """Start the process that reads the first of them, but do not open it yet."""
        self._grabber = self._grabber_of(self._cameras[0])
        self._grabber.warm()

    def start(self) -> None:
        """Begin to open the first of them."""
        self._grabber = self._grabber or self._grabber_of(self._cameras[0])
        self._grabber.start()

    def close(self) -> None:
        """Let the camera go."""
        if self._grabber is not None:
            self._grabber.close()

    def frames(self) -> Iterator[Frame]:
        """See `Grabber.frames`; SourceError where none of the cameras gives a frame."""
        refused: list[str] = []
        for camera in self._cameras:
            grabber = self._grabber if self._grabber is not None and not refused else self._try(camera)
            self._grabber = grabber
            frames = grabber.frames()
            try:
                first = next(frames)
            except StopIteration:
                return
            except SourceError as error:
                grabber.close()
                refused.append(str(error).partition(";")[0])
                continue
            self._notice(f"--source auto took {camera.name}")
            grabber.config = self._config  # from now on it is kept
            yield first
            yield from frames
            return
        raise SourceError("none of the cameras here gives a frame: " + "; ".join(refused))

    def _try(self, camera: Camera) -> Grabber:
        grabber = self._grabber_of(camera)
        grabber.start()
        return grabber

    def _grabber_of(self, camera: Camera) -> Grabber:
        return Grabber(camera, self._stopped, replace(self._config, give_up=None), self._notice)
