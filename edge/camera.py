"""Frames from cameras, streams, videos, picture folders and the built-in synthetic hands."""

from __future__ import annotations

import os
import queue
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from signs_edge.edge.errors import SourceError
from signs_edge.edge.folder import PictureFile, is_picture, list_pictures, read_picture
from signs_edge.edge.images import Image
from signs_edge.edge.synthetic import synthetic_frames

OPEN_TIMEOUT_MS = 10_000
READ_TIMEOUT_MS = 10_000
_POLL_S = 0.1  # how soon a stop request is seen while a camera gives nothing
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_ALLOWED = "a camera number such as 0, a video or picture file, a folder, an http, https or rtsp URL, or synthetic"


@dataclass(frozen=True)
class Frame:
    """One frame.

    Attributes:
        index: its number in the source, from 0.
        image: (height, width, 3) uint8 BGR; None where the file could not be decoded.
        source: what it came from, for people and logs; carries no password.
        label: the true class where the source knows it, such as "3".
    """

    index: int
    image: Image | None
    source: str
    label: str | None = None


Stopped = Callable[[], bool]
"""Asked between frames, and while a camera gives none, whether to end."""

Frames = AbstractContextManager[Iterator[Frame]]


def open_source(source: str, *, stopped: Stopped = lambda: False) -> Frames:
    """Frames from what `source` names; leaving the context closes the camera.

    Raises:
        SourceError: on entering, where the source does not exist or gives no frames.
    """
    if source == "synthetic":
        return _opened(lambda: _synthetic_frames(stopped))
    if re.fullmatch(r"\d+", source):
        return _capture(int(source), f"camera {int(source)}", stopped)
    if _URL.match(source):
        scheme = source.split("://", 1)[0].lower()
        if scheme not in ("http", "https", "rtsp", "rtsps"):
            raise SourceError(f"source {without_password(source)!r} has scheme {scheme!r}: allowed is {_ALLOWED}")
        return _capture(source, without_password(source), stopped)
    path = Path(source)
    if path.is_dir():
        return _opened(lambda: _picture_frames(list_pictures(path), str(path), stopped))
    if not path.exists():
        raise SourceError(f"source {source!r} does not exist: give {_ALLOWED}")
    if is_picture(path):
        return _opened(lambda: _picture_frames(iter([PictureFile(path, None)]), str(path), stopped))
    return _video(path, stopped)


def without_password(url: str) -> str:
    """A URL whose user name and password, if any, are masked, and whose query is left out: either may be a secret."""
    masked = re.sub(r"://[^/?#]*@", "://***@", url)
    return re.sub(r"\?.*", "?***", masked)


@contextmanager
def _opened(frames: Callable[[], Iterator[Frame]]) -> Iterator[Iterator[Frame]]:
    """A source that has nothing to close."""
    yield frames()


def _synthetic_frames(stopped: Stopped) -> Iterator[Frame]:
    for index, (picture, count) in enumerate(synthetic_frames()):
        if stopped():
            return
        yield Frame(
            index, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False), "synthetic", str(count)
        )


def _picture_frames(files: Iterator[PictureFile], name: str, stopped: Stopped) -> Iterator[Frame]:
    index = -1
    for index, file in enumerate(files):
        if stopped():
            return
        yield Frame(index, read_picture(file.path), str(file.path), file.label)
    if index < 0:
        raise SourceError(
            f"folder {name!r} holds no pictures: allowed are .jpg, .png and the like, in it or in subfolders"
        )


@contextmanager
def _video(path: Path, stopped: Stopped) -> Iterator[Iterator[Frame]]:
    """A video file, frame by frame, none dropped."""
    capture = _open_capture(str(path), str(path), cv2.CAP_ANY, [])

    def frames() -> Iterator[Frame]:
        index = 0
        while not stopped():
            received, image = capture.read()
            if not received:
                break
            yield Frame(index, np.asarray(image, np.uint8), str(path))
            index += 1
        if index == 0 and not stopped():
            raise SourceError(
                f"video {str(path)!r} has no frame that can be decoded: convert it to MP4 (H.264) or MJPEG"
            )

    try:
        yield frames()
    finally:
        capture.release()


@contextmanager
def _capture(address: int | str, name: str, stopped: Stopped) -> Iterator[Iterator[Frame]]:
    """A camera or stream, read in a thread, since a read can block for seconds and must not keep a stop waiting."""
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS]
    live = threading.Event()
    live.set()
    handover: queue.Queue[Any] = queue.Queue(maxsize=1)  # an image, None at the end of the stream, or an error

    def hand_over(item: Any) -> None:
        while live.is_set():
            try:
                return handover.put(item, timeout=_POLL_S)
            except queue.Full:
                continue

    def read_on() -> None:
        try:
            if isinstance(address, int):
                capture = _open_capture(address, name, cv2.CAP_ANY, [])
            else:
                capture = _open_capture(address, name, cv2.CAP_FFMPEG, timeouts)
        except SourceError as error:
            return hand_over(error)
        try:
            while live.is_set():
                received, image = capture.read()
                hand_over(image if received else None)
                if not received:
                    return None
        finally:
            capture.release()

    def frames() -> Iterator[Frame]:
        index = 0
        while not stopped():
            try:
                item = handover.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(item, SourceError):
                raise item
            if item is None:
                if index == 0:
                    raise SourceError(
                        f"{name} opened but gave no frame: check that nothing else uses it and that it streams"
                    )
                return
            yield Frame(index, item, name)
            index += 1

    # A daemon: where a driver never returns from its read, the program still ends.
    threading.Thread(target=read_on, name="camera", daemon=True).start()
    try:
        yield frames()
    finally:
        live.clear()


def _open_capture(address: int | str, name: str, backend: int, parameters: list[int]) -> cv2.VideoCapture:
    """An open VideoCapture; SourceError where OpenCV cannot open it. FFmpeg's and OpenCV's own complaints are kept still."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        capture = cv2.VideoCapture(address, backend, parameters)
    except cv2.error as error:
        raise SourceError(f"{name} cannot be opened ({error.err}): give {_ALLOWED}") from None
    if not capture.isOpened():
        raise SourceError(
            f"{name} cannot be opened: check that it is there, readable and not in use; allowed is {_ALLOWED}"
        )
    return capture
