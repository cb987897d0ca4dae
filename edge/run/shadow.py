"""The drift monitor beside the runner: which frames the float twin sees, and what became of that."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from signs_edge.edge.arrays import Image, Probabilities
from signs_edge.edge.drift.answer import Answer
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.monitor import DriftMonitor
from signs_edge.edge.drift.report import DriftReport
from signs_edge.edge.drift.sampler import Draw, ShadowConfig, ShadowSampler
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.run.lag import LagWatch
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary

SAVE_S = 30.0  # seconds from one kept state to the next: it is some 20 kB
_MONITOR, _SAMPLER = "drift monitor", "shadow sampler"


class StateStore(Protocol):
    """What remembers verdicts and states: `signs_edge.edge.journal.writer.Journal`, or a test's list."""

    def record_verdict(self, verdict: Verdict) -> bool:
        """Write a verdict down where it is another than the last."""

    def record_event(self, kind: str, text: str) -> None:
        """Write down what happened."""

    def record_state(self, name: str, state: dict[str, Any]) -> None:
        """Keep a state for the next run."""

    def ask(self, report: Callable[[], DriftReport]) -> None:
        """Ask this now and then for all that is known, and keep it."""

    def last_state(self, name: str) -> Any:
        """What the last run kept; None where there is none."""


@dataclass(frozen=True)
class ShadowOptions:
    """How the twin is used.

    Attributes:
        drift: what drift is.
        shadow: how frames are drawn at random, within a budget of processor time.
        every: in its place, the twin sees every k-th frame, as suits a folder of pictures; None: drawn at random.
        seed: of the draws.
    """

    drift: DriftConfig = field(default_factory=DriftConfig)
    shadow: ShadowConfig = field(default_factory=ShadowConfig)
    every: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a step that is none, and a seed that draws nothing."""
        if self.every is not None and self.every < 1:
            raise UsageError(f"float-every {self.every} is not allowed: give 1 for every frame, 10 for every tenth")
        if self.seed < 0:
            raise UsageError(f"seed {self.seed} is not allowed: give 0 or more")


class Shadow:
    """Is asked by the runner once a frame, after the answer that counts is there."""

    def __init__(
        self,
        labels: tuple[str, ...],
        expectation: Expectation | None = None,
        config: ShadowOptions | None = None,
        memory: StateStore | None = None,
        throttled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Begin, or go on where `memory` kept a state of the same model and camera.

        Args:
            labels: of both models.
            expectation: that came with the model; None: agreement is judged all the same, the input is not.
            config: how.
            memory: gets verdicts that change, and states.
            throttled: asked before each draw whether the device is hot or throttled. That it is behind is seen here.
        """
        self.config = config or ShadowOptions()
        self._labels, self._memory, self._give_way = labels, memory, throttled
        self._expected = expectation or Expectation.unknown()
        self._begin()
        self._lag = LagWatch()
        self._frames = 0
        self._noted: float | None = None  # the last frame, and what the watch took for it added; None: there was a gap
        self._saved, self._keeps = time.monotonic(), True
        kept = memory.last_state(_MONITOR) if memory is not None else None
        if memory is not None and kept is not None:
            try:
                self.monitor = DriftMonitor.from_json(kept, self.config.drift, labels, self._expected)
                self.sampler = ShadowSampler.from_json(memory.last_state(_SAMPLER), self.config.shadow)
            except (
                ModelError,
                KeyError,
                TypeError,
                ValueError,
            ) as error:  # of an older version: begin anew, and say so
                self._begin()
                memory.record_event("drift", f"statistics begin anew ({error})")
        if memory is not None:
            memory.ask(self.report)

    @property
    def verdict(self) -> Verdict:
        """After the newest frame."""
        return self.monitor.verdict

    def report(self) -> DriftReport:
        """Everything that is known now."""
        return self.monitor.report()

    def note(self, frame: Frame) -> None:
        """Take note of each frame before it is looked at, whether or not a hand is found in it: of when it came, and how late.

        Time in which frames are not OK, such as a pause, is none that the loop takes, and buys the twin no looks.
        """
        if frame.image is None or frame.state is not FrameState.OK:
            self._noted = None
            return
        self._lag.see(frame, time.monotonic())
        now = time.perf_counter()
        if self._noted is not None:
            self.sampler.frame_took(now - self._noted)
        self._noted = now

    def no_hand(self) -> None:
        """Take a frame in which the finder saw no hand."""
        before, verdict = self.monitor.verdict, self.monitor.no_hand()
        if self._memory is not None and verdict is not before:
            self._memory.record_verdict(verdict)

    @property
    def throttled(self) -> bool:
        """Whether the twin is asked as seldom as can be now: the device is hot, throttled or behind."""
        return self._lag.behind or self._give_way()

    def look(
        self,
        picture: Image,
        scores: Probabilities,
        abstained: bool,
        ask_twin: Callable[[], Probabilities] | None,
        float_abstains: Callable[[Probabilities], bool],
        truth: str | None = None,
    ) -> Probabilities | None:
        """Take a frame on which the model on duty answered.

        Args:
            picture: (height, width, 3) uint8 RGB, what the model got; the first where it got several of one hand.
            scores: (classes,) its probabilities.
            abstained: whether it was not sure enough.
            ask_twin: gives the float twin's (classes,) probabilities of the same; called where the frame is drawn; None:
                there is no twin.
            float_abstains: whether it is not sure enough with these.
            truth: the right label, where it is known.

        Returns:
            The twin's probabilities; None where it did not look.
        """
        began = time.perf_counter()
        draw = self._draw(scores)
        twin, asked_s = None, 0.0
        if draw.taken and ask_twin is not None:
            started, worked = time.perf_counter(), time.process_time()
            twin = ask_twin()
            asked_s = time.perf_counter() - started
            # of all threads, for those of the interpreter cost too; but where the processor is shared, waiting is what delays
            self.sampler.float_took(max(asked_s, time.process_time() - worked))
        known = self._labels.index(truth) if truth in self._labels else None
        float32 = None if twin is None else Answer(twin, float_abstains(twin))
        verdict = self.monitor.update(picture, Answer(scores, abstained), draw, float32, known)
        self._frames += 1
        if self._memory is not None:
            self._memory.record_verdict(verdict)
            if time.monotonic() - self._saved >= SAVE_S:
                self.save()
        took_s = time.perf_counter() - began
        self.sampler.watch_took(took_s - asked_s)
        if self._noted is not None:
            self._noted += took_s
        return twin

    def label(self, result: FrameResult, _summary: RunSummary) -> None:
        """Take a frame that a person labelled after it was looked at (see `signs_edge.edge.run.labelling`)."""
        truth = result.frame.label
        if truth is not None and result.prediction is not None and result.twin is not None:
            self.monitor.label(result.prediction.right(truth), result.twin.right(truth))

    def restart(self, reason: str) -> None:
        """Begin with nothing seen, from the loop's thread, as where the camera's frames are others from now on.

        What was seen before is kept for the next run, and nothing after: that run looks where this one began.
        """
        self.save()
        self._keeps = False
        self._begin()
        if self._memory is not None:
            self._memory.record_event("drift", f"statistics begin anew ({reason})")

    def save(self) -> None:
        """Keep the state for the next run with the same model and camera."""
        self._saved = time.monotonic()
        if self._memory is not None and self._keeps:
            self._memory.record_state(_MONITOR, self.monitor.to_json())
            self._memory.record_state(_SAMPLER, self.sampler.to_json())

    def _begin(self) -> None:
        self.monitor = DriftMonitor(self.config.drift, self._labels, self._expected)
        self.sampler = ShadowSampler(self.config.shadow, self.config.seed)

    def _draw(self, scores: Probabilities) -> Draw:
        every = self.config.every
        if every is not None:
            # As if drawn at random: right where what the frames show has no period of its own.
            taken = self._frames % every == 0
            return Draw(1 / every, 1 / every, taken, taken)
        second, first = np.sort(scores)[-2:] if len(scores) > 1 else (0.0, scores[0])
        return self.sampler.draw(float(first - second), self.throttled)
