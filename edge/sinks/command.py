"""A sink that runs a shell command when the count changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from signs_edge.edge.errors import UsageError
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.util.shell import PATIENCE_S, run_command

COUNT, PREVIOUS = "SIGNS_EDGE_COUNT", "SIGNS_EDGE_PREVIOUS"
"""Environment variables of the command: the new count and that of the last call; empty where there is none."""


class CountCommand(Sink):
    """Runs a shell command for each new (smoothed) count, one at a time.

    The loop never waits for it. While a command runs, only the newest count waits; if it equals the count of the last
    call, nothing runs. Frames that are not classified (lost, frozen, black) leave the count as it was. A command that
    takes longer than `patience` seconds is ended with all that it started. Its output goes to the standard error, since
    the standard output may be JSONL.

    >>> import signs_edge
    >>> say = CountCommand("echo $SIGNS_EDGE_COUNT", print)
    >>> _ = signs_edge.run("synthetic", signs_edge.load(), [say], max_frames=2)
    """

    def __init__(self, command: str, notice: Callable[[str], None], patience: float = PATIENCE_S) -> None:
        """Start waiting for changes.

        Args:
            command: for the shell.
            notice: gets a line, in another thread, when a command fails.
            patience: seconds that a command may take.

        Raises:
            UsageError: the command is empty.
        """
        self._command, self._notice, self._patience = checked_command(command), notice, patience
        self._newest: int | None = None
        self._last: int | None = None
        self._until: float | None = None  # time.monotonic() when all must have ended; None: not yet closing
        self._changed = threading.Condition()
        self._failure = ""
        self._worker = threading.Thread(target=self._work, name="on-count", daemon=True)
        self._worker.start()

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Note the count of a frame, and return at once."""
        if result.prediction is None or result.count == self._newest:
            return
        with self._changed:
            self._newest = result.count
            self._changed.notify()

    def close(self) -> None:
        """Run the command for the last change, and end it if that takes longer than its patience from now."""
        with self._changed:
            self._until = time.monotonic() + self._patience
            self._changed.notify()
        self._worker.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._newest != self._last or self._until is not None)
                if self._newest == self._last or (self._until is not None and time.monotonic() >= self._until):
                    return
                previous, self._last = self._last, self._newest
                count = self._last
            failure = self._run(count, previous)
            if failure and failure != self._failure:  # once, not at each change for weeks
                self._notice(f"--on-count {failure}")
            self._failure = failure

    def _run(self, count: int | None, previous: int | None) -> str:
        """Run the command to its end; what went wrong, or nothing."""
        variables = {COUNT: _text(count), PREVIOUS: _text(previous)}
        return run_command(self._command, variables, self._patience, lambda: self._until)


def _text(count: int | None) -> str:
    return "" if count is None else str(count)


def checked_command(command: str) -> str:
    """The command; UsageError where it is empty."""
    if not command.strip():
        raise UsageError("--on-count '' is not allowed: give a shell command, such as 'echo $SIGNS_EDGE_COUNT'")
    return command
