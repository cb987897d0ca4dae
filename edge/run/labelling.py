"""Labels that a person gives to frames while they run: the only truth that a camera's frames ever get."""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import FrameState
from signs_edge.edge.inference.classifier import Classifier, mean_probabilities
from signs_edge.edge.prediction import NO_HAND, NO_HAND_FOUND, Prediction, decide
from signs_edge.edge.region.square import picture_of
from signs_edge.edge.run.result import LABELLED, FrameResult
from signs_edge.edge.run.summary import RunSummary

REMEMBERED = 1000
"""Frames whose labels are remembered: far more than can still be shown, so none is counted twice."""

Taker = Callable[[FrameResult, RunSummary], None]
"""Gets a frame's result with its label, `frame.event` being `LABELLED`; the summary counts it already."""


class Labeller:
    """A sink: between two frames it hands on what was labelled since the last one.

    The float twin is asked about each labelled frame, so that both models are judged on the same frames. A person labels
    what catches the eye, which is no random sample: such a frame enters the accuracies of labelled frames, and never the
    agreement.
    """

    def __init__(
        self,
        classifier: Classifier,
        contract: Contract,
        twin: Classifier | None = None,
        takers: Iterable[Taker] = (),
    ) -> None:
        """Begin without labels.

        Args:
            classifier: the model on duty; its labels may be given, and "none".
            contract: of both models.
            twin: the float model; None: there is none.
            takers: get the labelled frames, in the loop's thread.
        """
        self.labels = (*(label for label in classifier.labels if label != NO_HAND), NO_HAND)
        """What may be given, in this order: the model's classes and "none"."""
        self._known, self._contract, self._twin = classifier.labels, contract, twin
        self._takers = tuple(takers)
        self._waiting: OrderedDict[tuple[str, int], FrameResult] = OrderedDict()
        self._given: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._guard = threading.Lock()

    def give(self, result: FrameResult, label: str) -> None:
        """Say what a frame shows; any thread may. Until it is handed on, another label takes the place of the first.

        Raises:
            UsageError: it is no class, or the frame was not looked at, or has a label for good: it came with one, or
                another was handed on.
        """
        if label not in self.labels:
            raise UsageError(f"label {label!r} is not allowed: give one of {', '.join(self.labels)}")
        frame = result.frame
        if result.prediction is None:
            raise UsageError(f"frame {frame.index} was not looked at: label one that got an answer")
        if frame.label is not None:
            raise UsageError(
                f"frame {frame.index} came with the label {frame.label}: only frames without one take yours"
            )
        # One that got an answer was OK, also where it is shown while counting is stopped.
        labelled = dataclasses.replace(frame, label=label, event=LABELLED, dropped=0, state=FrameState.OK)
        with self._guard:
            key = frame.source, frame.index
            given = self._given.get(key)
            if given == label:
                return
            if given is not None and key not in self._waiting:
                raise UsageError(f"frame {frame.index} has the label {given} already: it is counted, label another one")
            self._given[key] = label
            self._waiting[key] = dataclasses.replace(result, frame=labelled)
            if len(self._given) > REMEMBERED:
                self._given.popitem(last=False)

    def __call__(self, _result: FrameResult, summary: RunSummary) -> None:
        """Hand on what waits."""
        while (waiting := self._next()) is not None:
            result = self._checked(waiting)
            summary.add_label(result, self._known)
            for taker in self._takers:
                taker(result, summary)

    def _next(self) -> FrameResult | None:
        """The labelled frame that has waited longest; None where none waits."""
        with self._guard:
            return self._waiting.popitem(last=False)[1] if self._waiting else None

    def _checked(self, result: FrameResult) -> FrameResult:
        """With the twin's answer, where there is a twin."""
        image = result.frame.image
        if self._twin is None or result.twin is not None or image is None:
            return result
        if result.scores is None:  # no hand was found, and nothing to show to either model
            return dataclasses.replace(result, twin=NO_HAND_FOUND)
        scores = mean_probabilities(
            self._twin, [picture_of(image, square, self._contract) for square in result.squares]
        )
        answer: Prediction = decide(scores, self._twin.labels, result.least)
        return dataclasses.replace(result, twin=answer, twin_scores=scores)
