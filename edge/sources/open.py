"""Frames from cameras, streams, videos, picture folders and the built-in synthetic hands."""

from __future__ import annotations

import glob
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.cameras.auto import AutoGrabber, candidates, v4l2_camera
from signs_edge.edge.cameras.config import AS_USUAL, Camera, LiveConfig, Notice, Stopped
from signs_edge.edge.cameras.devices.scripted import parse
from signs_edge.edge.cameras.devices.v4l2 import device_path
from signs_edge.edge.cameras.grabber import Grabber
from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.pacing import paced
from signs_edge.edge.sources.pictures import PictureFile, is_picture, labelled_picture, list_test_pictures, read_picture
from signs_edge.edge.sources.video import RATE, open_video
from signs_edge.edge.util.address import is_url, without_password

_ALLOWED = (
    "a camera number such as 0, auto, picamera, a video or picture file, a folder or pattern, "
    "an http, https or rtsp URL, or synthetic"
)

Frames = AbstractContextManager[Iterator[Frame]]
Recording = AbstractContextManager[tuple[Iterator[Frame], float]]
"""Frames, and how many of them a second were taken."""


def open_source(
    source: str,
    *,
    stopped: Stopped = lambda: False,
    realtime: bool | None = None,
    live: LiveConfig = AS_USUAL,
    notice: Notice = lambda _text: None,
) -> Frames:
    """Frames from what `source` names; leaving the context closes the camera.

    A folder gives its pictures, labelled by class folder or name; one that holds a `train` and a `test` part, the
    pictures of its test part. Cameras and streams are read in a process of their own, which starts on entering.

    Args:
        source: a camera number, /dev/videoN, auto, picamera, picamera:1, a URL, a file, a folder, a pattern of files
            such as "clips/*.mp4", synthetic, or chaos:SCRIPT (see `signs_edge.edge.cameras.devices.scripted`).
        stopped: asked between frames, and while a camera gives none, whether to end.
        realtime: only the newest frame, as a camera gives it; of a file, at its own speed. False: each frame, to the
            end of the stream, and none is judged. None: True for cameras and streams, False for files.
        live: how cameras and streams are kept alive.
        notice: gets a line of text where a camera is lost and where it is back, and where a video ends too soon.

    Raises:
        SourceError: where the source does not exist; from the iterator, where it cannot be opened or gives no frame.
    """
    if not source:
        raise SourceError(f"no source was named: give {_ALLOWED}")
    if source == "auto":
        return _running(AutoGrabber(candidates(_ALLOWED, notice), stopped, live, notice))
    camera = _camera(source)
    if camera is not None:
        return _running(Grabber(camera, stopped, live, notice, whole=realtime is False))
    return _played(_recorded(source, stopped, notice), bool(realtime), stopped)


def _camera(source: str) -> Camera | None:
    """What gives frames as they happen, or None: it is recorded."""

    def camera(spec: str, name: str) -> Camera:
        return Camera(spec, name, _ALLOWED)

    if re.fullmatch(r"\d{1,9}", source):
        path = device_path(int(source))
        there = sys.platform == "linux" and path.exists()
        name = f"camera {int(source)}"
        return v4l2_camera(str(path), name, _ALLOWED) if there else camera(f"camera:{int(source)}", name)
    if match := re.fullmatch(r"picamera(?:2?:(\d))?", source):
        return camera(f"picamera:{match[1] or 0}", f"Pi camera {match[1] or 0}")
    if source.startswith("chaos:"):
        parse(source.removeprefix("chaos:"))
        return camera(source, "chaos")
    if is_url(source):
        scheme = source.split("://", 1)[0].lower()
        if scheme not in ("http", "https", "rtsp", "rtsps"):
            raise SourceError(f"source {without_password(source)!r} has scheme {scheme!r}: allowed is {_ALLOWED}")
        return camera(f"url:{source}", without_password(source))
    if source.startswith("/dev/video"):  # also one that is not plugged in yet
        return v4l2_camera(source, source, _ALLOWED)
    try:
        mode = Path(source).stat().st_mode
    except OSError:
        return None
    # A pipe or another device may keep its reader waiting, as a camera may.
    return None if stat.S_ISDIR(mode) or stat.S_ISREG(mode) else camera(f"path:{source}", source)


@contextmanager
def _running(grabber: Grabber | AutoGrabber) -> Iterator[Iterator[Frame]]:
    """A camera that begins to open at once, and is closed however its reader leaves."""
    try:
        grabber.start()
        yield grabber.frames()
    finally:
        grabber.close()


def _recorded(source: str, stopped: Stopped, notice: Notice) -> Recording:
    """Files, or drawn hands."""
    if source == "synthetic":
        return nullcontext((_synthetic_frames(stopped), RATE))
    path = Path(source)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        matches = sorted(glob.glob(source, recursive=True)) if glob.has_magic(source) else []  # noqa: PTH207 (absolute ones too)
        if matches:
            return _matching(source, [Path(match) for match in matches], stopped, notice)
        raise SourceError(
            f"source {without_password(source)!r} cannot be read ({error.strerror}): give {_ALLOWED}"
        ) from None
    if stat.S_ISDIR(mode):
        return nullcontext((_picture_frames(list_test_pictures(path), f"folder {str(path)!r}", stopped), RATE))
    if is_picture(path):
        return nullcontext((_picture_frames(iter([PictureFile(path, None)]), f"file {str(path)!r}", stopped), RATE))
    return open_video(path, stopped, notice, _ALLOWED)


@contextmanager
def _played(recording: Recording, realtime: bool, stopped: Stopped) -> Iterator[Iterator[Frame]]:
    with recording as (frames, rate):
        yield paced(frames, rate, stopped) if realtime else frames


def _synthetic_frames(stopped: Stopped) -> Iterator[Frame]:
    from signs_edge.edge.synthetic.hands import synthetic_frames  # the drawing's modules are no camera's

    for index, (picture, count) in enumerate(synthetic_frames()):
        if stopped():
            return
        image = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)
        yield Frame(index, image, "synthetic", str(count))


def _picture_frames(files: Iterator[PictureFile], name: str, stopped: Stopped) -> Iterator[Frame]:
    index = -1
    try:
        for index, file in enumerate(files):
            if stopped():
                return
            yield Frame(index, read_picture(file.path), str(file.path), file.label)
    except OSError as error:
        raise SourceError(f"{name} cannot be read ({error.strerror}): check its permissions") from None
    if index < 0:
        raise SourceError(f"{name} holds no pictures: allowed are .jpg, .png and the like, in it or in subfolders")


def _matching(pattern: str, paths: list[Path], stopped: Stopped, notice: Notice) -> Recording:
    """The files of a pattern: pictures, or videos one after the other."""
    pictures = [path for path in paths if path.is_file() and is_picture(path)]
    if pictures:
        files = (labelled_picture(path) for path in pictures)
        return nullcontext((_picture_frames(files, f"pattern {pattern!r}", stopped), RATE))
    videos = [path for path in paths if path.is_file()]
    if not videos:
        raise SourceError(f"pattern {pattern!r} matches folders alone: give one for files, such as 'clips/*.mp4'")

    def frames() -> Iterator[Frame]:
        index = 0
        for path in videos:
            with open_video(path, stopped, notice, _ALLOWED) as (clip, _rate):
                for frame in clip:
                    yield replace(frame, index=index)
                    index += 1

    with open_video(videos[0], stopped, notice, _ALLOWED) as (
        _clip,
        rate,
    ):  # the others are taken for ones of the same camera
        pass
    return nullcontext((frames(), rate))
