"""The page of a run from the loop's side: a sink that never makes it wait, and two threads that talk to the page's process."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from signs_edge.edge.display.freeze_frame import FreezeFrame
from signs_edge.edge.display.history import History
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.run.controls import Controls
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.util.backoff import Backoff
from signs_edge.edge.util.child_process import ChildLost
from signs_edge.edge.web.access import Access
from signs_edge.edge.web.commands import ShownFrames, obey
from signs_edge.edge.web.server_process import ServerProcess
from signs_edge.edge.web.view import View

RATE = 12.0
"""Frames a second that are shown, at most."""
PATIENCE_S = 10.0
_SHARE = 0.25  # of one core's time, at most, for a frame to be made ready and sent
_STEADY_S = 60.0  # a process that has lived so long starts again at once, and its end gets a notice again
_RATE_S = 2.0  # over which the loop's own rate is measured
_NAP_S = 0.5


class WebLink(Sink):
    """A sink that notes the newest frame; it is encoded and sent only while a viewer looks, and in another thread.

    Where the page's process ends or is stuck, counting goes on, and it is started again.
    """

    def __init__(
        self,
        listening: socket.socket,
        access: Access,
        controls: Controls,
        verdict: Callable[[], Verdict | None] = lambda: None,
        notice: Callable[[str], None] = lambda _text: None,
        mirrored: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Start serving.

        Args:
            listening: takes the viewers' connections; closed with this.
            access: who may look.
            controls: of the run.
            verdict: of the drift monitor, after the newest frame.
            notice: told, in another thread, where the process ended.
            mirrored: whether the page begins with the view as in a mirror.
            patience_s: seconds for a viewer to send a request, and to take an answer.
        """
        self._listening, self._notice = listening, notice
        self._hello: dict[str, Any] = {"hello": access.to_json(), "patience_s": patience_s}
        self._controls, self._verdict = controls, verdict
        self._mirrored = mirrored
        self._history, self._still, self.shown = History(), FreezeFrame(), ShownFrames()
        self._newest: View | None = None
        self._came = threading.Event()  # a frame, since the last that was sent
        self._wanted = threading.Event()  # by a viewer
        self._closed = threading.Event()
        self._guard = threading.Lock()
        self._child: ServerProcess | None = None
        self._number = (
            secrets.randbits(31) * 1000
        )  # pages left open over another run must not take its frames for theirs
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for work, name in ((self._listen, "web-commands"), (self._show, "web-frames"))
        ]
        for thread in self._threads:
            thread.start()

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Note a frame; returns at once."""
        self._history.add(result)
        result = self._still.shown(result)
        if self._wanted.is_set():
            self._newest = View(
                result, tuple(self._history.counts), summary.agreement, self._verdict(), summary.frames,
                summary.min_confidence,
            )  # fmt: skip
            self._came.set()

    @property
    def pid(self) -> int | None:
        """Of the page's process; None while there is none."""
        child = self._child
        return child.pid if child is not None else None

    def close(self) -> None:
        """End the page."""
        self._closed.set()
        self._came.set()
        self._wanted.set()
        with self._guard:
            child = self._child
        if child is not None:
            child.close()
        for thread in self._threads:
            thread.join(_NAP_S)
        self._listening.close()

    def _listen(self) -> None:
        """Keep a process, and do what it asks."""
        backoff = Backoff(0.25, 30.0)
        told = False
        while not self._closed.is_set():
            began = time.monotonic()
            reason = self._listen_to_one()
            self._wanted.clear()
            if self._closed.is_set():
                return
            if time.monotonic() - began > _STEADY_S:
                backoff.reset()
                told = False
            if not told:  # once, not at each try for weeks
                self._notice(f"the page's process {reason}; it is started again, and counting goes on")
                told = True
            self._closed.wait(backoff.next())

    def _listen_to_one(self) -> str:
        """Start a process and obey it until it ends; how it did."""
        try:
            with self._guard:
                if self._closed.is_set():
                    return "was not started"
                child = self._child = ServerProcess(self._listening, self._hello)
        except OSError as error:
            return f"cannot be started ({error.strerror})"
        try:
            while not self._closed.is_set():
                asked = child.hear(_NAP_S)
                self.shown.forget_unseen()
                if asked is None:
                    continue
                if asked.get("next") is True:
                    self._wanted.set()
                elif isinstance(asked.get("ask"), int):
                    child.send({"answer": asked["ask"], **self._obeyed(asked)})
        except ChildLost as lost:
            return str(lost)
        finally:
            with self._guard:
                self._child = None
            child.close()
        return "was closed"

    def _obeyed(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to a command; a failure does not end the thread that listens."""
        try:
            return obey(asked, self._controls, self.shown)
        except Exception as error:
            self._notice(f"what the page asked for failed ({error!r}); counting goes on")
            return {"refused": "that failed: the run's standard error says why"}

    def _show(self) -> None:
        """Send the newest frame each time that one is wanted, whatever befalls one of them."""
        seen: deque[tuple[float, int]] = deque()
        told: set[type[Exception]] = set()
        while not self._closed.is_set():
            try:
                self._show_one(seen)
            except Exception as error:  # the next frame may be fine
                if type(error) not in told:  # once, not for each frame
                    self._notice(f"the page could not show a frame ({error!r}); counting goes on")
                    told.add(type(error))
                self._closed.wait(_NAP_S)
                self._wanted.set()  # still

    def _show_one(self, seen: deque[tuple[float, int]]) -> None:
        """Wait until a frame is wanted, and send one that comes then."""
        self._wanted.wait()
        self._came.clear()  # what came before it was wanted is old
        # Asked after that, for `close` sets the event too, once it has said that it closes.
        while not self._closed.is_set() and self._wanted.is_set() and not self._came.wait(_NAP_S):
            pass
        view, child, began = self._newest, self._child, time.monotonic()
        if self._closed.is_set() or view is None or child is None or not self._wanted.is_set():
            return
        self._wanted.clear()
        self._number += 1
        self.shown.keep(self._number, view.result)
        state = {"number": self._number, **view.state(), "rate_fps": _rate(seen, view.frames)}
        state |= {
            "paused": self._controls.pause.paused,
            "roi": self._controls.region.roi,
            "labels": self._controls.labels.labels,
        }
        child.send(state | {"mirror": self._mirrored}, view.jpeg())
        self._newest = view = None  # a frame that nobody looks at is not kept
        took = time.monotonic() - began
        self._closed.wait(max(1 / RATE, took / _SHARE) - took)


def _rate(seen: deque[tuple[float, int]], frames: int) -> float | None:
    """Frames a second that were counted lately; None where too little is known."""
    now = time.monotonic()
    while len(seen) > 1 and now - seen[0][0] > _RATE_S:
        seen.popleft()
    if seen and now - seen[-1][0] > _RATE_S:  # nobody looked for a while
        seen.clear()
    seen.append((now, frames))
    gone = now - seen[0][0]
    return round((frames - seen[0][1]) / gone, 1) if gone > 0.3 else None
