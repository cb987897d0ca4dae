"""A sink that keeps pictures to learn from: a bounded number, in class folders that training and calibration read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import FrameState
from signs_edge.edge.prediction import NO_HAND, NO_HAND_FOUND
from signs_edge.edge.region.square import centre_of, cut
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary

UNSURE = ".unsure"
"""The folder of doubtful pictures without a label: with its dot, no reader takes it for a class."""


@dataclass(frozen=True)
class KeepConfig:
    """How much is kept.

    Attributes:
        most: pictures in each class folder, those of earlier runs included.
        pause: frames of one source from one kept picture of a folder to the next, for neighbours look the same.
    """

    most: int = 200
    pause: int = 15

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if self.most < 1 or self.pause < 1:
            raise UsageError(f"keeping {self.most} pictures, every {self.pause}th, is not allowed: give at least 1")


class KeptFrames(Sink):
    """A sink that stores squares of frames as PNG, only for the user's own eyes.

    Kept are frames with a label, in `FOLDER/<label>/`, and frames without one that the model did not want to answer or
    that its float twin answers otherwise, in `FOLDER/.unsure/`, for a person to label. A picture is what the model
    looked at, at the frame's resolution: brought to size as a frame is, it is the network's input again.

    A disk that is full ends the keeping with a notice, not the run.

    >>> import signs_edge
    >>> from pathlib import Path
    >>> counter = signs_edge.load()
    >>> kept = KeptFrames(Path("kept"), counter.labels, print)
    >>> _ = signs_edge.run("synthetic", counter, [kept], max_frames=1)
    >>> len(list(Path("kept").glob("*/*.png")))
    1
    """

    def __init__(
        self,
        folder: Path,
        labels: tuple[str, ...],
        notice: Callable[[str], None],
        config: KeepConfig | None = None,
    ) -> None:
        """Make the folder, and count what it holds.

        Args:
            folder: need not exist.
            labels: the model's; other labels are not kept, but for "none".
            notice: told when keeping ends.
            config: how much; None: as usual.

        Raises:
            UsageError: the folder cannot be made or read.
        """
        self._folder, self._notice, self._config = folder, notice, config or KeepConfig()
        self._ended = False
        self._last: dict[str, tuple[str, int]] = {}
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(0, "no right to write")
            self._held = {name: len(list((folder / name).glob("*.png"))) for name in {*labels, NO_HAND, UNSURE}}
        except OSError as error:
            raise UsageError(
                f"--keep-frames {folder} cannot be written ({error.strerror}): give a folder of your own"
            ) from None

    def label(self, result: FrameResult, summary: RunSummary) -> None:
        """Store a frame that a person labelled, even if a frame just before it was stored."""
        self._store(result)

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Store a frame that is worth it, unless one of its folder was stored just before."""
        frame, name = result.frame, self._class_of(result)
        source, index = self._last.get(name or "", ("", 0))
        if source == frame.source and frame.index - index < self._config.pause:
            return
        if self._store(result) and name is not None:
            self._last[name] = (frame.source, frame.index)

    def _store(self, result: FrameResult) -> bool:
        """Store a frame; False where it is not worth it, or there is no room."""
        frame, name = result.frame, self._class_of(result)
        if self._ended or name is None or frame.image is None:
            return False
        if self._held[name] >= self._config.most:
            return False
        square = result.squares[0] if result.squares else centre_of(frame.image)
        try:
            self._write(name, frame.index, cut(frame.image, square))
        except OSError as error:
            self._ended = True
            self._notice(f"--keep-frames {self._folder} cannot be written ({error.strerror}): no more is kept")
            return False
        self._held[name] += 1
        return True

    def _class_of(self, result: FrameResult) -> str | None:
        """The folder that a frame belongs in; None: it is not kept."""
        answer, twin, label = result.prediction, result.twin, result.frame.label
        if result.frame.state is not FrameState.OK or answer is None:
            return None
        if label is not None:
            return label if label in self._held and label != UNSURE else None
        doubtful = answer != NO_HAND_FOUND and (answer.abstained or (twin is not None and twin.label != answer.label))
        return UNSURE if doubtful else None

    def _write(self, name: str, index: int, picture: Image) -> None:
        """Under a temporary name first; the class folder comes with its first picture, for readers refuse empty ones."""
        done, encoded = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if not done:
            return
        file = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{index}.png"
        temporary = self._folder / f".{file}.tmp"
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                target.write(encoded.tobytes())
            (self._folder / name).mkdir(mode=0o700, exist_ok=True)
            temporary.replace(self._folder / name / file)
        finally:
            temporary.unlink(missing_ok=True)


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be made or written, and make none: UsageError."""
    there = folder.absolute()
    try:
        while not there.exists():
            there = there.parent
        if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
            return
        reason = "no right to write" if there.is_dir() else "Not a directory"
    except OSError as error:
        reason = error.strerror or "no path"
    raise UsageError(f"--keep-frames {folder} cannot be written ({reason}): give a folder of your own")
