"""A command that is run when the count changes: a sink of the loop, which never waits for it."""

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
"""Variables of the command: the new count and the one of the last call; empty where there is none."""


class CountCommand(Sink):
    """Runs a shell command for each new (smoothed) count, one at a time.

    While one runs, the newest count waits and older ones are forgotten; where the count is back at what the command was
    last told, nothing runs. Frames that are not looked at (lost, frozen, black) leave the count as it was. A command
    that takes longer than `patience` seconds is ended, with all that it started. What it prints goes to the standard
    error, for the standard output may be JSONL.

    >>> import signs_edge
    >>> say = CountCommand("echo $SIGNS_EDGE_COUNT", print)
    >>> _ = signs_edge.run("synthetic", signs_edge.load(), [say], max_frames=2)
    """

    def __init__(self, command: str, notice: Callable[[str], None], patience: float = PATIENCE_S) -> None:
        """UsageError where the command is empty. `notice` gets a line, in another thread, where a command goes wrong."""
        self._command, self._notice, self._patience = checked_command(command), notice, patience
        self._newest: int | None = None
        self._told: int | None = None
        self._until: float | None = None  # time.monotonic() when all must have ended; None: not yet closing
        self._changed = threading.Condition()
        self._complaint = ""
        self._worker = threading.Thread(target=self._work, name="on-count", daemon=True)
        self._worker.start()

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Note the count of a frame; returns at once."""
        if result.prediction is None or result.count == self._newest:
            return
        with self._changed:
            self._newest = result.count
            self._changed.notify()

    def close(self) -> None:
        """Let the last change be told, and end the command where that takes longer than its patience from now."""
        with self._changed:
            self._until = time.monotonic() + self._patience
            self._changed.notify()
        self._worker.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._newest != self._told or self._until is not None)
                if self._newest == self._told or (self._until is not None and time.monotonic() >= self._until):
                    return
                previous, self._told = self._told, self._newest
                count = self._told
            complaint = self._run(count, previous)
            if complaint and complaint != self._complaint:  # once, not at each change for weeks
                self._notice(f"--on-count {complaint}")
            self._complaint = complaint

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
