"""Labels that a person gives to frames while they run: the only truth that a camera's frames ever get."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterable

from signs_edge.edge.classifier import NO_HAND, NO_HAND_FOUND, Classifier, Prediction, decide, mean_probabilities
from signs_edge.edge.contract import Contract
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame_result import FrameResult
from signs_edge.edge.region import picture_of
from signs_edge.edge.run_summary import RunSummary

LABELLED = "labelled"
"""The event of a frame that is handed on with its label, some time after it was counted."""

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
        self._waiting: deque[FrameResult] = deque()
        self._last: tuple[str, int] | None = None

    def give(self, result: FrameResult, label: str) -> None:
        """Say what a frame shows; any thread may. A second label for the newest labelled frame says nothing.

        Raises:
            UsageError: it is no class, or the frame was not looked at, or came with a label.
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
        if (frame.source, frame.index) == self._last:
            return
        self._last = frame.source, frame.index
        labelled = dataclasses.replace(frame, label=label, event=LABELLED, dropped=0)
        self._waiting.append(dataclasses.replace(result, frame=labelled))

    def __call__(self, _result: FrameResult, summary: RunSummary) -> None:
        """Hand on what waits."""
        while self._waiting:
            result = self._checked(self._waiting.popleft())
            summary.add_label(result, self._known)
            for taker in self._takers:
                taker(result, summary)

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
