"""A sink that writes JSON lines: one object for each frame that was classified, and for each event."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import FrameState
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary

STDOUT = "-"  # in place of a file


class JsonLines(Sink):
    """A sink that writes a JSON line for each frame, flushed at once.

    Lines are appended to a file that exists, so a service that starts again loses none. When the reader of the standard
    output goes away, as `| head` does, `enough` is called once, as after Ctrl-C.

    >>> import signs_edge
    >>> with JsonLines("counts.jsonl") as sink:
    ...     _ = signs_edge.run("synthetic", signs_edge.load(), [sink], max_frames=2)
    >>> with open("counts.jsonl") as lines:
    ...     len(lines.readlines())
    2
    """

    def __init__(self, target: str | Path, enough: Callable[[], None] = lambda: None) -> None:
        """Write to `target`, a file that is made or added to, or "-" for the standard output; `enough`: see the class."""
        self._target, self._enough = str(target), enough
        self._file: TextIO | None = sys.stdout if target == STDOUT else None

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Write a line; none for a frame that stays frozen, black or lost."""
        if result.frame.state is FrameState.OK or result.frame.event is not None:
            self._write(result)

    def label(self, result: FrameResult, summary: RunSummary) -> None:
        """Write the line of a labelled frame; it has no count, which stands in an earlier line."""
        self._write(result)

    def _write(self, result: FrameResult) -> None:
        try:
            if self._file is None:
                self._file = Path(self._target).open("a", encoding="utf-8")  # noqa: SIM115 (it outlives this call)
            self._file.write(json.dumps(result.to_json()) + "\n")
            self._file.flush()
        except BrokenPipeError:
            self._enough()
            if self._target == STDOUT:  # what is still in its buffer must go somewhere, or Python complains at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            raise UsageError(
                f"--jsonl {self._target} cannot be written ({error.strerror}): give another path, or -"
            ) from None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None and self._target != STDOUT:
            with suppress(OSError):  # every line was flushed; what could not be has been said
                self._file.close()
