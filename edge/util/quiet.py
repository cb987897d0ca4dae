"""C++ notes kept off the screen."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import cv2


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back what is written to stderr, by C++ too, which Python cannot filter; show it if the block fails."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            notes.seek(0)
            os.write(saved, notes.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)


def quiet_opencv() -> None:
    """From now on keep OpenCV's and FFmpeg's notes still: what cannot be opened or decoded is said in our own words."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    if hasattr(cv2.utils, "logging"):
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    else:  # OpenCV 4, which tflite-runtime's numpy 1 needs
        cv2.setLogLevel(0)  # type: ignore[attr-defined]
