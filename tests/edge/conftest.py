"""What tests of live sources and of the window share."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from signs_edge.edge.cameras.config import AS_USUAL, LiveConfig
from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.open import open_source


@dataclass
class Watched:
    """What a live source gave until the test had seen enough."""

    frames: list[Frame] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [frame.event for frame in self.frames if frame.event]

    @property
    def pictures(self) -> list[Frame]:
        return [frame for frame in self.frames if frame.image is not None]


Enough = Callable[[Watched], bool]


@pytest.fixture
def watch() -> Callable[..., Watched]:
    """A function that takes frames of a source until a condition holds; it fails after two minutes without it."""

    def watch(source: str, enough: Enough, live: LiveConfig = AS_USUAL, **options) -> Watched:
        seen, late = Watched(), threading.Event()
        limit = threading.Timer(120, late.set)
        limit.start()
        try:
            with open_source(source, stopped=late.is_set, live=live, notice=seen.notices.append, **options) as frames:
                for frame in frames:
                    seen.frames.append(frame)
                    if enough(seen):
                        break
        finally:
            limit.cancel()
        assert not late.is_set(), (seen.events, seen.notices, len(seen.frames))
        return seen

    return watch


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of a fresh display, empty but for what a test shows. One for all: Tk hangs where its first one has gone."""
    if not shutil.which("Xvfb"):
        pytest.skip("Xvfb is not installed")
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        number = server.stdout.readline().strip()  # written once it takes connections
        try:
            yield f":{number}"
        finally:
            server.terminate()
