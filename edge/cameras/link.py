"""The parent's end of the capture process: ask it for frames, and end it whatever it is doing."""

from __future__ import annotations

import json
import time
from typing import Any

from signs_edge.edge.arrays import Image
from signs_edge.edge.cameras.shared_frame import FrameReader
from signs_edge.edge.util.child_process import ChildLost, ChildProcess, json_line

MODULE = "signs_edge.edge.cameras.process"
"""The module that the process runs."""
START_S = 30.0
"""Seconds for Python and OpenCV to be loaded, from a slow card, beside other work."""
_RELEASE_S = 0.6  # for the process to close its camera; then it is killed


class CaptureLink:
    """A capture process. One question at a time: `ask`, then `answer` until there is one."""

    def __init__(self) -> None:
        """Start the process; ChildLost where the machine has no memory or processes left, which may pass."""
        self._reader = FrameReader()
        try:
            self._child = ChildProcess(MODULE, on_descriptor=self._reader.attach)
        except OSError:
            raise ChildLost("could not be started") from None
        self.asked_at = time.monotonic()

    @property
    def heard(self) -> bool:
        """Whether the process has answered once, and so has started."""
        return self._child.heard_at is not None

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._child.pid

    def ask(self, question: dict[str, Any]) -> None:
        """Send a question; ChildLost where the process does not take it."""
        self.asked_at = time.monotonic()
        self._child.send(json_line(question))  # not on the command line, where others would see a password

    def answer(self, timeout_s: float) -> dict[str, Any] | None:
        """Receive the answer; None where there is none within so many seconds; ChildLost where there will be none."""
        line = self._child.receive(timeout_s)
        if line is None:
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def image(self, answer: dict[str, Any]) -> Image:
        """Copy the frame that an answer announces."""
        return self._reader.take(tuple(answer["shape"]))

    def close(self, at_once: bool = False) -> None:
        """End the process: let it close its camera first, unless it blocks or `at_once`."""
        self._child.close(0.0 if at_once else _RELEASE_S)
