"""What `signs-edge drift replay` shows while it runs: how far, how fast, and each change of the verdict."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TextIO

from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary

if TYPE_CHECKING:
    from signs_edge.edge.session.recording import Recording
    from signs_edge.edge.session.replay import RecordingReplay

_EVERY_S = 1.0  # on a terminal, in one line that is written over
_LINES_S = 30.0  # elsewhere, a line each


class ReplayProgress(Sink):
    """A sink that shows progress on stderr."""

    def __init__(
        self,
        recording: Recording,
        replay: RecordingReplay,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Of a replay that is about to begin; `clock` is the machine's, in seconds."""
        self._recording, self._replay, self._clock = recording, replay, clock
        self._out = sys.stderr if out is None else out
        self._terminal = self._out.isatty()
        self._began = self._told = clock()
        self._kind: object = replay.verdict.kind

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Tell of a new verdict at once, of the rest now and then."""
        verdict = self._replay.verdict
        if verdict.kind != self._kind:
            self._kind = verdict.kind
            print(f"{self._clear}{self.when} {verdict}", file=self._out, flush=True)
        now = self._clock()
        if now - self._told >= (_EVERY_S if self._terminal else _LINES_S):
            self._told = now
            line = f"{self._clear}{self.when}{self._whole}{self._speed(summary.frames)}, {verdict.status}"
            print(line, end="" if self._terminal else "\n", file=self._out, flush=True)

    def close(self) -> None:
        """The last word."""
        print(f"{self._clear}{self.when}{self._whole}{self._speed(self._replay.summary.frames)}", file=self._out)

    @property
    def when(self) -> str:
        """Time in the recording, as h:mm:ss."""
        return str(timedelta(seconds=int(self._replay.time.seconds)))

    @property
    def _whole(self) -> str:
        frames = self._recording.frames
        return "" if frames is None else f" of {timedelta(seconds=int(frames / self._recording.rate))}"

    def _speed(self, frames: int) -> str:
        seconds = max(self._clock() - self._began, 1e-9)
        rate = frames / seconds
        return f", {frames} frames, {rate:.0f} a second, {rate / self._recording.rate:.1f} times real time"

    @property
    def _clear(self) -> str:
        return "\r\x1b[K" if self._terminal else ""
