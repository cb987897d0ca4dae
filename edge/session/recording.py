"""A recording and its time: that of its frames, not that of the machine that plays it."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import cv2

from signs_edge.edge.cameras.config import Notice, Stopped
from signs_edge.edge.errors import SourceError, UsageError
from signs_edge.edge.frame import Frame
from signs_edge.edge.journal.writer import Clocks
from signs_edge.edge.sources.open import open_source
from signs_edge.edge.sources.pictures import is_picture, list_test_pictures

RATE = 30.0  # frames a second of pictures, and of a video that names no rate
_ALLOWED = "a video file, a folder of frames, or a pattern of files such as 'clips/*.mp4'"


@dataclass(frozen=True)
class Recording:
    """Files that hold the frames of one camera, in their order.

    Attributes:
        source: the file, folder or pattern.
        rate: frames a second.
        frames: how many there are, as the files say; None where they do not.
        began: when its first frame was taken, seconds since 1970.
    """

    source: str
    rate: float
    frames: int | None
    began: float

    @classmethod
    def of(cls, source: str, rate: float | None = None, began: float | None = None) -> Recording:
        """Look at a recording before it is played.

        Args:
            source: a video, a folder of frames or a pattern of several.
            rate: frames a second; None: what the video says.
            began: seconds since 1970; None: the time at which the first picture was last changed, or the first video
                less its length, for it is closed after its last frame.

        Raises:
            SourceError: nothing is there, it cannot be opened, or its videos differ in their rates.
            UsageError: a rate that is none.
        """
        if rate is not None and not 0 < rate <= 1000:
            raise UsageError(f"fps {rate:g} is not allowed: give frames a second above 0, 1000 at most")
        files = _files(source)
        if is_picture(files[0]):
            return cls(source, rate or RATE, len(files), files[0].stat().st_mtime if began is None else began)
        found = [_video(path) for path in files]
        rates = sorted({own for own, _ in found})
        if rate is None and len(rates) > 1:
            raise SourceError(
                f"the videos of {source!r} differ in their rates ({rates[0]:g} to {rates[-1]:g} a second): give --fps"
            )
        rate = rate or rates[0]
        counts = [frames for _, frames in found]
        if began is None:
            began = files[0].stat().st_mtime - counts[0] / rate
        return cls(source, rate, sum(counts) if all(counts) else None, began)

    @contextmanager
    def open(
        self, stopped: Stopped = lambda: False, separate: bool = False, notice: Notice = lambda _text: None
    ) -> Iterator[Iterator[Frame]]:
        """Its frames; SourceError and `notice` as of `open_source`.

        All are of one source, so that a hand is followed from one to the next; `separate` ones each of their own.
        """
        with open_source(self.source, stopped=stopped, realtime=False, notice=notice) as frames:
            yield (
                replace(frame, source=f"{self.source} {frame.index}" if separate else self.source) for frame in frames
            )


class RecordedTime:
    """The clocks of a recording: they stand still while a frame is looked at, and are 1/rate s further at the next."""

    def __init__(self, rate: float, began: float = 0.0) -> None:
        """As of `Recording`: frames a second, and seconds since 1970."""
        self._rate, self._began, self._frame = rate, began, 0

    def passing(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames; each sets the clocks."""
        for number, frame in enumerate(frames):
            self._frame = number
            yield frame

    @property
    def seconds(self) -> float:
        """From the first frame to this one."""
        return self._frame / self._rate

    @property
    def clocks(self) -> Clocks:
        """For a journal."""
        return Clocks(lambda: self._began + self.seconds, lambda: self.seconds)


def _files(source: str) -> list[Path]:
    """Of a recording, in their order; pictures where there is one, else videos."""
    path = Path(source)
    if path.is_dir():
        files = [file.path for file in list_test_pictures(path)]
        if not files:
            raise SourceError(f"folder {source!r} holds no pictures: give {_ALLOWED}")
        return files
    if path.is_file():
        return [path]
    found = sorted(glob.glob(source, recursive=True)) if glob.has_magic(source) else []  # noqa: PTH207 (absolute ones too)
    files = [Path(match) for match in found if Path(match).is_file()]
    if not files:
        raise SourceError(f"{source!r} is no recording: give {_ALLOWED}")
    return [file for file in files if is_picture(file)] or files


def _video(path: Path) -> tuple[float, int]:
    """Its frames a second and their number, as it says itself; 0 frames where it does not."""
    with open_source(str(path)):  # says in one line why it cannot be opened
        capture = cv2.VideoCapture(str(path))
        rate, frames = capture.get(cv2.CAP_PROP_FPS), int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        capture.release()
    return (rate if 1 <= rate <= 1000 else RATE), max(0, frames)
