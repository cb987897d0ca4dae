"""What a kind of source is given, and what it returns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from signs_edge.edge.cameras.config import LiveConfig, Notice, Stopped
from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.pacing import paced

Frames = AbstractContextManager[Iterator[Frame]]
"""The frames of a source; leaving the context closes it."""

RATE = 30.0
"""Frames a second of a recording that states no rate."""


@dataclass(frozen=True)
class SourceRequest:
    """A source to open; the attributes are the arguments of `signs_edge.edge.sources.open.open_source`.

    Attributes:
        allowed: the sources that are allowed, for messages.
    """

    source: str
    stopped: Stopped
    realtime: bool | None
    live: LiveConfig
    notice: Notice
    allowed: str

    @property
    def path(self) -> Path:
        """The source as a path."""
        return Path(self.source)

    @property
    def mode(self) -> int | None:
        """The file mode of the source as a path (see `stat`); None where it cannot be read or is no path."""
        try:
            return os.stat(self.source).st_mode  # noqa: PTH116 (a Path drops a trailing slash)
        except (OSError, ValueError):
            return None

    @contextmanager
    def played(self, frames: Iterator[Frame], rate: float = RATE) -> Iterator[Iterator[Frame]]:
        """Give recorded frames, taken at `rate` a second: all of them at once, or in real time where that was asked for."""
        yield paced(frames, rate, self.stopped) if self.realtime else frames


@dataclass(frozen=True)
class SourceKind:
    """A kind of source, as an entry of the table `signs_edge.edge.sources.open.KINDS`.

    Attributes:
        hint: how to name one, for the message that lists what is allowed.
        open: returns the frames of a source of this kind, None for another one; SourceError where it cannot be read.
    """

    hint: str
    open: Callable[[SourceRequest], Frames | None]
