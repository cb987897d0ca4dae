"""Frames from cameras, streams, videos, picture folders and the built-in synthetic hands."""

from __future__ import annotations

import queue
import re
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from signs_edge.edge.errors import SourceError
from signs_edge.edge.folder import PictureFile, is_picture, list_test_pictures, read_picture
from signs_edge.edge.images import Image
from signs_edge.edge.quiet import quiet, quiet_opencv
from signs_edge.edge.synthetic import synthetic_frames

OPEN_TIMEOUT_MS = 10_000
READ_TIMEOUT_MS = 10_000
_TIMEOUTS = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS)
_TEXT = cv2.VideoWriter.fourcc(*"ansi")  # FFmpeg paints .txt files as a terminal would
_AS_IT_IS: AbstractContextManager[None] = nullcontext()
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

    A folder gives its pictures, labelled by class folder or name; one that holds a `train` and a `test` part, the
    pictures of its test part.

    Raises:
        SourceError: on entering, where the source does not exist; from the iterator, where it cannot be opened or
            gives no frame.
    """
    if not source:
        raise SourceError(f"no source was named: give {_ALLOWED}")
    if source == "synthetic":
        return _opened(lambda: _synthetic_frames(stopped))
    if re.fullmatch(r"\d{1,9}", source):
        return _capture(int(source), f"camera {int(source)}", stopped)
    if _URL.match(source):
        scheme = source.split("://", 1)[0].lower()
        if scheme not in ("http", "https", "rtsp", "rtsps"):
            raise SourceError(f"source {without_password(source)!r} has scheme {scheme!r}: allowed is {_ALLOWED}")
        return _capture(source, without_password(source), stopped, cv2.CAP_FFMPEG, _TIMEOUTS)
    path = Path(source)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SourceError(
            f"source {without_password(source)!r} cannot be read ({error.strerror}): give {_ALLOWED}"
        ) from None
    if stat.S_ISDIR(mode):
        return _opened(lambda: _picture_frames(list_test_pictures(path), str(path), stopped))
    if not stat.S_ISREG(mode):  # /dev/video0 or a pipe: it may keep its reader waiting, as a camera's number may
        return _capture(source, source, stopped)
    if is_picture(path):
        return _opened(lambda: _picture_frames(iter([PictureFile(path, None)]), str(path), stopped))
    return _video(path, stopped)


def without_password(address: str) -> str:
    """An address as it may be shown and logged: without user name, password and query, each of which may be a secret.

    Masks too much rather than too little: passwords come with an `@`, `/` or `?` that should have been encoded, and
    some cameras want theirs in the path.
    """
    scheme, separator, rest = address.partition("://") if _URL.match(address) else ("", "", address)
    rest, asked, query = rest.partition("?")
    if "@" in query:
        return f"{scheme}{separator}***"
    _, user, rest = rest.rpartition("@")
    rest = re.sub(r"(?i)((?:pass|pwd|token|key)[a-z]*=)[^&/]*", r"\1***", rest)
    return scheme + separator + ("***@" if user else "") + rest + ("?***" if asked else "")


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
    try:
        for index, file in enumerate(files):
            if stopped():
                return
            yield Frame(index, read_picture(file.path), str(file.path), file.label)
    except OSError as error:
        raise SourceError(f"folder {name!r} cannot be read ({error.strerror}): check its permissions") from None
    if index < 0:
        raise SourceError(
            f"folder {name!r} holds no pictures: allowed are .jpg, .png and the like, in it or in subfolders"
        )


@contextmanager
def _video(path: Path, stopped: Stopped) -> Iterator[Iterator[Frame]]:
    """A video file, frame by frame, none dropped."""
    capture = _open_capture(str(path), str(path), still=quiet())  # OpenCV's own AVI reader writes to the terminal

    if int(capture.get(cv2.CAP_PROP_FOURCC)) == _TEXT:
        capture.release()
        raise SourceError(f"{path} is a text, not a video: give {_ALLOWED}")

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
def _capture(
    address: int | str, name: str, stopped: Stopped, backend: int = cv2.CAP_ANY, parameters: Sequence[int] = ()
) -> Iterator[Iterator[Frame]]:
    """A camera or stream, read in a thread, since a read can block for seconds and must not keep a stop waiting."""
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
            capture = _open_capture(address, name, backend, parameters)
            try:
                received = True
                while received and live.is_set():
                    received, image = capture.read()
                    hand_over(image if received else None)
            finally:
                capture.release()
        except Exception as error:  # left in this thread, it would keep the loop waiting for ever
            hand_over(error)

    def frames() -> Iterator[Frame]:
        index = 0
        while not stopped():
            try:
                item = handover.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(item, Exception):
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


def _open_capture(
    address: int | str,
    name: str,
    backend: int = cv2.CAP_ANY,
    parameters: Sequence[int] = (),
    still: AbstractContextManager[None] = _AS_IT_IS,
) -> cv2.VideoCapture:
    """An open VideoCapture; SourceError where OpenCV cannot open it."""
    quiet_opencv()
    try:
        with still:
            capture = cv2.VideoCapture(address, backend, list(parameters))
    except cv2.error as error:
        raise SourceError(f"{name} cannot be opened ({' '.join(error.err.split())}): give {_ALLOWED}") from None
    if not capture.isOpened():
        raise SourceError(
            f"{name} cannot be opened: check that it is there, readable and not in use; allowed is {_ALLOWED}"
        )
    return capture
