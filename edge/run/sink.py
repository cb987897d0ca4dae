"""What receives the results of a run."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary


class Sink:
    """Receives the results of a run: the base class of JSONL, kept pictures, commands, the journal, window and page.

    A sink overrides what it needs; the methods here do nothing. The loop calls `frame` and `label` in its own thread, so
    neither may wait: slow work belongs in a thread of the sink. A sink is a context manager that closes itself.

    To add a kind of sink: write a module in `signs_edge/edge/sinks/`, and list it in `edge/session/outputs.py`.

    >>> class Counts(Sink):
    ...     def __init__(self):
    ...         self.seen = []
    ...     def frame(self, result, summary):
    ...         self.seen.append(result.count)
    """

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Take the result of a frame; the summary counts it already."""

    def label(self, result: FrameResult, summary: RunSummary) -> None:
        """Take a frame that a person labelled after it was counted: `result.frame.event` is `LABELLED`."""

    def close(self) -> None:
        """Finish: flush, and release files, threads and windows. A second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Callback(Sink):
    """Calls a function with each frame's result and the summary.

    >>> import signs_edge
    >>> counts = []
    >>> look = signs_edge.Callback(lambda result, summary: counts.append(result.count))
    >>> signs_edge.run("synthetic", signs_edge.load(), [look], max_frames=2).frames == len(counts)
    True
    """

    def __init__(self, on_frame: Callable[[FrameResult, RunSummary], None]) -> None:
        """`on_frame` gets the result of a frame, and the summary of all frames up to it."""
        self._on_frame = on_frame

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Call the function."""
        self._on_frame(result, summary)
