"""The float twin of a run: which frames it sees, what it answers, and what the drift monitor makes of that."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from signs_edge.edge.arrays import Image, Probabilities
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.drift.answer import Answer
from signs_edge.edge.drift.monitor import DriftMonitor
from signs_edge.edge.drift.report import DriftReport
from signs_edge.edge.drift.sampler import Draw, ShadowSampler
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.errors import ModelError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.inference.classifier import Classifier, mean_probabilities
from signs_edge.edge.prediction import NO_HAND_FOUND, decide
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.region.square import picture_of
from signs_edge.edge.run.lag import LagWatch
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.shadow_options import ShadowClocks, ShadowOptions, StateStore

SAVE_S = 30.0  # seconds from one kept state to the next: it is some 20 kB
_MONITOR, _SAMPLER = "drift monitor", "shadow sampler"


class Shadow:
    """Owns the float twin of the model on duty, and judges the drift between the two.

    The loop calls it once for each frame, after the answer that counts. No other part of a run asks the twin.
    """

    def __init__(
        self,
        twin: Classifier | None,
        labels: tuple[str, ...],
        expectation: Expectation | None = None,
        config: ShadowOptions | None = None,
        store: StateStore | None = None,
        throttled: Callable[[], bool] = lambda: False,
        clocks: ShadowClocks | None = None,
    ) -> None:
        """Start with nothing seen, or continue where `store` has a state of the same model and camera.

        Args:
            twin: the float model; None: only the input is judged.
            labels: of both models.
            expectation: comes with the model; None: agreement is judged, the input is not.
            config: how the twin is used.
            store: keeps verdicts that change, and states.
            throttled: asked before each draw whether the device is hot or throttled.
            clocks: the machine's where None.
        """
        self.config = config or ShadowOptions()
        self._twin, self._labels, self._store, self._device_throttled = twin, labels, store, throttled
        self._clocks = clocks or ShadowClocks()
        self._expected = expectation or Expectation.unknown()
        self._start()
        self._lag = LagWatch()
        self._frames = 0
        self._noted: float | None = None  # the last frame, and what the watch took for it added; None: there was a gap
        self._saved, self._keeps = self._clocks.monotonic(), True
        if store is not None:
            self._continue(store)
            store.ask(self.report)

    @property
    def verdict(self) -> Verdict:
        """The verdict after the newest frame."""
        return self.monitor.verdict

    def report(self) -> DriftReport:
        """Everything that is known now."""
        return self.monitor.report()

    def note(self, frame: Frame) -> None:
        """Note when a frame came, and how late, before it is looked at, whether or not a hand is found in it.

        Time in which frames are not OK, such as a pause, is no time of the loop, and buys the twin no looks.
        """
        if frame.image is None or frame.state is not FrameState.OK:
            self._noted = None
            return
        self._lag.see(frame, self._clocks.monotonic())
        now = self._clocks.elapsed()
        if self._noted is not None:
            self.sampler.frame_took(now - self._noted)
        self._noted = now

    def no_hand(self) -> None:
        """Take a frame in which the finder saw no hand."""
        before, verdict = self.monitor.verdict, self.monitor.no_hand()
        if self._store is not None and verdict is not before:
            self._store.record_verdict(verdict)

    @property
    def throttled(self) -> bool:
        """Whether the twin looks as seldom as possible now: the device is hot, throttled or behind its camera."""
        return self._lag.behind or self._device_throttled()

    def look(
        self, pictures: Sequence[Image], scores: Probabilities, least: float, truth: str | None = None
    ) -> Probabilities | None:
        """Take a frame on which the model on duty answered; where it is drawn, the twin answers too.

        Args:
            pictures: (height, width, 3) uint8 RGB each, what the model got of one hand.
            scores: (classes,) the model's probabilities.
            least: the confidence, 0..1, below which an answer is withheld.
            truth: the right label, where it is known.

        Returns:
            The twin's (classes,) probabilities; None where it did not look.
        """
        began = self._clocks.elapsed()
        draw = self._draw(scores)
        answer, asked_s = None, 0.0
        if draw.taken and self._twin is not None:
            started, worked = self._clocks.elapsed(), self._clocks.worked()
            answer = mean_probabilities(self._twin, pictures)
            asked_s = self._clocks.elapsed() - started
            # Of all threads, since the interpreter's cost too; where the processor is shared, waiting is what delays.
            self.sampler.float_took(max(asked_s, self._clocks.worked() - worked))
        known = self._labels.index(truth) if truth in self._labels else None
        float32 = None if answer is None else _answer(answer, least)
        verdict = self.monitor.update(pictures[0], _answer(scores, least), draw, float32, known)
        self._frames += 1
        if self._store is not None:
            self._store.record_verdict(verdict)
            if self._clocks.monotonic() - self._saved >= SAVE_S:
                self.save()
        took_s = self._clocks.elapsed() - began
        self.sampler.watch_took(took_s - asked_s)
        if self._noted is not None:
            self._noted += took_s
        return answer

    def label(self, result: FrameResult, contract: Contract) -> FrameResult:
        """Take a frame that a person labelled after it was counted (see `signs_edge.edge.run.labelling`).

        Args:
            result: of the frame, with its label.
            contract: of both models.

        Returns:
            The result with the twin's answer, so that both models are judged on the same frames.
        """
        result = self._with_twin(result, contract)
        truth = result.frame.label
        if truth is not None and result.prediction is not None and result.twin is not None:
            self.monitor.label(result.prediction.right(truth), result.twin.right(truth))
        return result

    def restart(self, reason: str) -> None:
        """Start with nothing seen, from the loop's thread, as where the camera's frames are others from now on.

        What was seen before is kept for the next run, and nothing after: that run looks where this one began.
        """
        self.save()
        self._keeps = False
        self._start()
        if self._store is not None:
            self._store.record_event("drift", f"statistics restarted ({reason})")

    def save(self) -> None:
        """Keep the state for the next run with the same model and camera."""
        self._saved = self._clocks.monotonic()
        if self._store is not None and self._keeps:
            self._store.record_state(_MONITOR, self.monitor.to_json())
            self._store.record_state(_SAMPLER, self.sampler.to_json())

    def _start(self) -> None:
        self.monitor = DriftMonitor(self.config.drift, self._labels, self._expected)
        self.sampler = ShadowSampler(self.config.shadow, self.config.seed)

    def _continue(self, store: StateStore) -> None:
        kept = store.last_state(_MONITOR)
        if kept is None:
            return
        try:
            self.monitor = DriftMonitor.from_json(kept, self.config.drift, self._labels, self._expected)
            self.sampler = ShadowSampler.from_json(store.last_state(_SAMPLER), self.config.shadow)
        except (ModelError, KeyError, TypeError, ValueError) as error:  # a state of an older version
            self._start()
            store.record_event("drift", f"statistics restarted ({error})")

    def _with_twin(self, result: FrameResult, contract: Contract) -> FrameResult:
        image = result.frame.image
        if self._twin is None or result.twin is not None or image is None:
            return result
        if result.scores is None:  # no hand was found, so there is nothing to show to either model
            return dataclasses.replace(result, twin=NO_HAND_FOUND)
        scores = mean_probabilities(self._twin, [picture_of(image, square, contract) for square in result.squares])
        return dataclasses.replace(result, twin=decide(scores, self._labels, result.least), twin_scores=scores)

    def _draw(self, scores: Probabilities) -> Draw:
        every = self.config.every
        if every is not None:
            # As if drawn at random: right where what the frames show has no period of its own.
            taken = self._frames % every == 0
            return Draw(1 / every, 1 / every, taken, taken)
        second, first = np.sort(scores)[-2:] if len(scores) > 1 else (0.0, scores[0])
        return self.sampler.draw(float(first - second), self.throttled)


def _answer(scores: Probabilities, least: float) -> Answer:
    """An answer for the monitor; one that is NaN, or below the least confidence, is withheld."""
    return Answer(scores, abstained=not float(scores.max()) >= least)
