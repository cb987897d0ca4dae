"""The table of the kinds of sources, and the function that opens one: add a new kind of source here."""

from __future__ import annotations

import os

from signs_edge.edge.cameras.config import AS_USUAL, LiveConfig, Notice, Stopped
from signs_edge.edge.errors import SourceError
from signs_edge.edge.sources import live as cameras
from signs_edge.edge.sources.pattern import open_pattern
from signs_edge.edge.sources.pictures import open_folder, open_picture
from signs_edge.edge.sources.request import Frames, SourceKind, SourceRequest
from signs_edge.edge.sources.synthetic import open_synthetic
from signs_edge.edge.sources.video import open_video_file
from signs_edge.edge.util.address import without_password

KINDS: tuple[SourceKind, ...] = (
    SourceKind(cameras.HINT, cameras.open_live),
    SourceKind("auto", cameras.open_auto),
    SourceKind("a folder", open_folder),
    SourceKind("a picture", open_picture),
    SourceKind("a video file", open_video_file),
    SourceKind("a pattern such as 'clips/*.mp4'", open_pattern),
    SourceKind("synthetic", open_synthetic),
)
"""Each is asked in this order; the first that returns frames opens the source."""
ALLOWED = f"{', '.join(kind.hint for kind in KINDS[:-1])} or {KINDS[-1].hint}"
"""The sources that are allowed, for messages."""


def open_source(
    source: str,
    *,
    stopped: Stopped = lambda: False,
    realtime: bool | None = None,
    live: LiveConfig = AS_USUAL,
    notice: Notice = lambda _text: None,
) -> Frames:
    """Open what `source` names; leaving the returned context closes it.

    A folder gives its pictures, labelled by class folder or name; one with a `train` and a `test` part gives the pictures
    of its test part. Cameras and streams are read in a separate process, which starts on entering the context.

    Args:
        source: a camera number, /dev/videoN, auto, picamera, picamera:1, a URL, a file, a folder, a pattern of files
            such as `clips/*.mp4`, synthetic, or chaos:SCRIPT (see `signs_edge.edge.cameras.devices.scripted`).
        stopped: asked between frames, and while a camera gives none, whether to end.
        realtime: True: only the newest frame, as a camera gives it; of a file, at its own speed. False: every frame, to
            the end of the stream, without watching for faults. None: True for cameras and streams, False for files.
        live: how cameras and streams are kept alive.
        notice: gets a line of text where a camera is lost and where it is back, and where a video ends too soon.

    Raises:
        SourceError: the source does not exist; from the iterator, it cannot be opened or gives no frame.

    >>> with open_source("synthetic") as frames:
    ...     next(frames).image.shape
    (480, 640, 3)
    """
    if not source:
        raise SourceError(f"no source was named: give {ALLOWED}")
    request = SourceRequest(source, stopped, realtime, live, notice, ALLOWED)
    for kind in KINDS:
        frames = kind.open(request)
        if frames is not None:
            return frames
    raise SourceError(f"source {without_password(source)!r} cannot be read ({_reason(source)}): give {ALLOWED}")


def _reason(source: str) -> str:
    """Say why a path cannot be read."""
    try:
        os.stat(source)  # noqa: PTH116 (as `SourceRequest.mode` does)
    except OSError as error:
        return str(error.strerror)
    except ValueError as error:  # a null character
        return str(error)
    return "it is of no known kind"
