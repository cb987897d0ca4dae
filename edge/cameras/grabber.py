"""Live frames: the newest one of a camera that is watched, and opened again where it fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Any

from signs_edge.edge.cameras.config import Camera, LiveConfig, Notice, Stopped
from signs_edge.edge.cameras.link import START_S, CaptureLink
from signs_edge.edge.cameras.watchdog import Watchdog
from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.util.address import scrubbed
from signs_edge.edge.util.backoff import Backoff
from signs_edge.edge.util.child_process import ChildLost

_POLL_S = 0.05  # how soon a stop request is seen while a camera gives nothing
_BEAT_S = 0.5  # between two signs of life of a camera that is lost, which keep a window awake
_STEADY_S = 5.0  # a connection that lasted so long was a good one: the next try comes soon
_DARK_S = 60.0  # black or overexposed for so long, it is opened again once: rooms are dark, but drivers fail too


class Grabber:
    """Frames of one camera, which a process of its own reads."""

    def __init__(
        self,
        camera: Camera,
        stopped: Stopped,
        config: LiveConfig,
        notice: Notice,
        *,
        whole: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to read a camera.

        Args:
            camera: what to open.
            stopped: asked between frames, and while the camera gives none, whether to end.
            config: how the camera is kept alive.
            notice: gets a line of text where the camera is lost and where it is back.
            whole: give every frame to the end of the stream, without judging it or opening the camera again.
            clock: monotonic, in seconds, the one by which devices stamp frames.
        """
        self.camera, self._stopped, self.config, self._notice, self._whole = camera, stopped, config, notice, whole
        self._clock = clock
        self._watchdog = Watchdog(config.watch)
        self._backoff = Backoff(config.first_wait, config.longest_wait)
        self._recheck = Backoff(first=10.0, longest=300.0)
        self._reopen_at: float | None = None  # as its pictures show nothing
        self._link: CaptureLink | None = None
        self._asked = False  # to open, and has not answered
        self._openings = 0
        self._index = 0
        self._shown = FrameState.OK
        self._alive_at = self._beat_at = self._clock()  # a picture that was not frozen; any frame
        self._first_took: float | None = None  # from asking it to open to its first frame
        self._dropped = 0

    def warm(self) -> None:
        """Start the process, but do not open the camera yet."""
        with suppress(ChildLost):  # tried again by `start`
            self._link = CaptureLink()

    def start(self) -> None:
        """Begin to open the camera; `frames` takes it from there."""
        self._alive_at = self._clock()
        with suppress(ChildLost):  # said, and tried again, where frames are taken
            self._ask_to_open()

    def close(self, at_once: bool = False) -> None:
        """End the process."""
        self._asked = False
        if self._link is not None:
            self._link.close(at_once)
            self._link = None

    def frames(self) -> Iterator[Frame]:
        """Until it is stopped or given up; where `whole`, until its end.

        Raises:
            SourceError: it cannot be opened, gives no frame, or is given up.
        """
        while not self._stopped():
            began = self._clock()
            try:
                failure = yield from self._connection()
            except ChildLost as lost:
                self.close(at_once=True)
                failure = f"is lost, the process that reads it {lost}"
            if self._stopped() or (self._whole and self._index):
                return
            if not self._index and (self.config.give_up is None or self._whole):
                raise SourceError(f"{self.camera.name} {failure}")
            if self._clock() - began > _STEADY_S:
                self._backoff.reset()
            self._watchdog.reconnected()
            yield from self._lost(failure)

    def _ask_to_open(self) -> None:
        if self._link is None:
            self._link = CaptureLink()
        spec = self.camera.find() if self._openings and self.camera.find is not None else self.camera.spec
        question = {"open": spec, "opening": self._openings}
        self._link.ask({**question, "timeout": self._open_timeout, "whole": self._whole})
        self._asked = True
        self._openings += 1

    def _connection(self) -> Generator[Frame, None, str]:
        """One opening and all its frames; comes back with why it ended, a verb first."""
        if not self._asked:
            self._ask_to_open()
        assert self._link is not None
        link, asked_at, timeout = self._link, self._link.asked_at, self._open_timeout
        answer = yield from self._answer(link, timeout + (0 if link.heard else START_S))
        self._asked = False
        if answer is None:
            self.close(at_once=True)
            return f"did not open within {timeout:.3g} s"
        if "failed" in answer:
            detail = f" ({self._shown_text(answer['failed'])})" if answer["failed"] else ""
            hint = "check that it is there, readable and not in use"
            return f"cannot be opened{detail}: {hint}; allowed is {self.camera.allowed}"
        patience = timeout
        while not self._stopped():
            link.ask({"next": True})
            answer = yield from self._answer(link, patience)
            if answer is None:
                self.close(at_once=True)
                return f"gave no frame for {patience:.3g} s"
            if "ended" in answer:
                if not self._index:
                    return "opened but gave no frame: check that nothing else uses it and that it streams"
                return f"gives no more frames, {self._shown_text(answer['ended'])}"
            if self._first_took is None:
                self._first_took = self._clock() - asked_at
            frame = self._frame(link, answer)
            patience = float("inf") if self._whole else self._watchdog.patience
            if frame is not None:
                yield frame
                if self._shows_nothing(frame.state):
                    self.close(at_once=True)
                    return f"shows nothing, its picture is {frame.state.value}"
        return "was stopped"

    def _answer(self, link: CaptureLink, patience: float) -> Generator[Frame, None, dict[str, Any] | None]:
        """The answer to what was asked, or None where there is none for too long, or it was stopped."""
        until = self._clock() + patience
        while not self._stopped():
            answer = link.answer(min(_POLL_S, max(0.0, until - self._clock())))
            if answer is not None:
                return answer
            if self._clock() >= until:
                return None
            if self._shown is FrameState.LOST:
                yield from self._beat()
        return None

    def _frame(self, link: CaptureLink, answer: dict[str, Any]) -> Frame | None:
        """The frame that an answer announces, and its state; None where it has grown old."""
        self._dropped += answer["dropped"] + answer["damaged"]
        now = self._clock()
        if not self._whole and now - answer["captured"] > self._watchdog.patience:
            self._dropped += 1  # whoever takes the frames was away, and so is the camera
            return None
        image = link.image(answer)
        state = FrameState.OK if self._whole else self._watchdog.judge(image, answer["captured"])
        event = None
        if state is not self._shown:
            event = "back" if state is FrameState.OK else state.value
            if self._shown is FrameState.LOST:
                self._notice(f"{self.camera.name} is back after {now - self._alive_at:.1f} s")
        frame = Frame(
            self._index, image, self.camera.name, captured=answer["captured"], dropped=self._dropped, state=state,
            event=event,
        )  # fmt: skip
        self._shown, self._dropped = state, 0
        self._index += 1
        if state is not FrameState.FROZEN:
            self._alive_at = now
        return frame

    def _shows_nothing(self, state: FrameState) -> bool:
        """Whether it is to be opened again, as it has shown nothing for long."""
        if self._whole or state is FrameState.OK:
            self._reopen_at = None
            self._recheck.reset()
            return False
        now = self._clock()
        if self._reopen_at is None:
            self._reopen_at = now + (0.0 if state is FrameState.FROZEN else _DARK_S)
        if now < self._reopen_at:
            return False
        self._reopen_at = now + self._recheck.next()
        return True

    def _lost(self, failure: str) -> Iterator[Frame]:
        """Wait before the next try."""
        until = self._clock() + self._backoff.next()
        if self._shown is not FrameState.LOST:
            self._notice(f"{self.camera.name} {failure}: trying again until it is back")
            self._shown, self._beat_at = FrameState.LOST, self._clock()
            yield Frame(self._index, None, self.camera.name, state=FrameState.LOST, event=FrameState.LOST.value)
        while self._clock() < until and not self._stopped():
            time.sleep(_POLL_S)
            yield from self._beat()

    def _beat(self) -> Iterator[Frame]:
        """A sign of life of a camera that is lost, now and then; gives it up where that has been too long."""
        now = self._clock()
        if self.config.give_up and now - self._alive_at > self.config.give_up:
            raise SourceError(
                f"{self.camera.name} has given no picture for {now - self._alive_at:.0f} s and is given up: "
                "check it, or name another --give-up"
            )
        if now - self._beat_at >= _BEAT_S:
            self._beat_at = now
            yield Frame(self._index, None, self.camera.name, state=FrameState.LOST)

    def _shown_text(self, text: str) -> str:
        """What a library said, without the address and its secrets."""
        return scrubbed(text, self.camera.spec.partition(":")[2])

    @property
    def _open_timeout(self) -> float:
        """Seconds to open it and to get its first frame: ample, until it has shown how fast it is."""
        ample = self.config.open_timeout
        if self._first_took is None:
            return ample
        return min(ample, max(self.config.watch.stalled_after, 2 * self._first_took))
