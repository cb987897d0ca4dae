"""Labels that a person gives to frames while they run: the only truth that a camera's frames ever get."""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Iterator

from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import FrameState
from signs_edge.edge.prediction import NO_HAND
from signs_edge.edge.run.result import LABELLED, FrameResult

REMEMBERED = 1000
"""Frames whose labels are remembered: far more than can still be shown, so none is counted twice."""


class LabelQueue:
    """Labelled frames that wait for the loop, which takes them between two frames.

    A person labels what catches the eye, which is no random sample: such a frame enters the accuracies of labelled
    frames, and never the agreement of int8 and float.
    """

    def __init__(self, labels: tuple[str, ...]) -> None:
        """Start empty; `labels` are the model's classes."""
        self.labels = (*(label for label in labels if label != NO_HAND), NO_HAND)
        """What may be given, in this order: the model's classes and "none"."""
        self._waiting: OrderedDict[tuple[str, int], FrameResult] = OrderedDict()
        self._given: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._guard = threading.Lock()

    def give(self, result: FrameResult, label: str) -> None:
        """Say what a frame shows; any thread may. Until the loop takes it, another label replaces the first.

        Raises:
            UsageError: the label is no class; or the frame was not classified, or has a label that cannot change: it
                came with one, or the loop has taken one.
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
        # A frame that got an answer was OK, also where it is shown while counting is paused.
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

    def take(self) -> Iterator[FrameResult]:
        """Take the labelled frames that wait, the oldest first; those that come meanwhile too."""
        while (waiting := self._next()) is not None:
            yield waiting

    def _next(self) -> FrameResult | None:
        with self._guard:
            return self._waiting.popitem(last=False)[1] if self._waiting else None
