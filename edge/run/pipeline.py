"""One frame's way: squares, pictures, the int8 answer, the float answer, the smoothed count."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from signs_edge.edge.arrays import Image, Probabilities
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.inference.classifier import Classifier, mean_probabilities
from signs_edge.edge.prediction import NO_HAND_FOUND, Prediction, count_of, decide
from signs_edge.edge.region.region import CentreRegion, Region
from signs_edge.edge.region.square import picture_of
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.pause import RESUMED
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.smoothing import Smoother
from signs_edge.edge.run.summary import RunSummary

_NEW_SCENE = ("back", RESUMED)
"""Events after which the frames before say nothing of the next one."""


@dataclass(frozen=True)
class Pipeline:
    """What turns frames into results.

    Attributes:
        classifier: the model on duty, usually int8.
        config: how frames are counted.
        region: where in the frame the model looks.
        shadow: the float twin and the drift monitor; None: there is none.
    """

    classifier: Classifier
    config: RunConfig
    region: Region = field(default_factory=CentreRegion)
    shadow: Shadow | None = None

    def results(self, frames: Iterable[Frame], summary: RunSummary) -> Iterator[FrameResult]:
        """Count fingers on every frame, until the frames end or `config.max_frames` is reached.

        Args:
            frames: in their order; see `signs_edge.edge.sources.open.open_source`.
            summary: counts each result before it is given.

        Raises:
            UsageError: no part of the region lies in the first frame.
        """
        summary.min_confidence = self.config.min_confidence
        smoother = Smoother(len(self.classifier.labels), self.config.min_confidence, self.config.smoothing)
        source, sized = None, False
        started = time.perf_counter()
        for frame in frames:
            if frame.image is not None and not sized:
                sized = True  # a camera that becomes another one later ends no run
                self.region.check(frame.image.shape[1], frame.image.shape[0])
            if frame.source != source or frame.event in _NEW_SCENE:
                source = frame.source
                self.region.reset()
                smoother.reset()
            result = self._look(frame, smoother)
            summary.add(result, self.classifier.labels)
            summary.seconds = time.perf_counter() - started
            yield result
            if self.config.max_frames is not None and summary.frames >= self.config.max_frames:
                break
        summary.seconds = time.perf_counter() - started

    def _look(self, frame: Frame, smoother: Smoother) -> FrameResult:
        """One frame's way: squares, pictures, the int8 answer, and the float answer where the twin looks too."""
        if self.shadow is not None:
            self.shadow.note(frame)
        if frame.image is None or frame.state is not FrameState.OK:
            return FrameResult(frame, None, None, None)
        config, labels = self.config, self.classifier.labels
        started = time.perf_counter()
        squares = self.region.squares(frame.image)
        pictures = [picture_of(frame.image, square, config.contract) for square in squares]
        scores = mean_probabilities(self.classifier, pictures) if pictures else None
        least = config.least(self.region.found)
        prediction = _decided(scores, labels, least)
        self.region.told(prediction.found_hand)
        shown = smoother.add(scores, least)
        smoothed = None if shown is None else count_of(labels[shown])
        count = smoothed if config.smoothing.half_life else prediction.count
        latency_ms = (time.perf_counter() - started) * 1000
        twin_scores = self._shadowed(frame, pictures, scores, least)
        twin = None if twin_scores is None else decide(twin_scores, labels, least)
        age_ms = (time.monotonic() - frame.captured) * 1000 if frame.captured is not None else None
        return FrameResult(
            frame, prediction, count, latency_ms, twin, age_ms, prediction.count, squares, least, scores, twin_scores
        )

    def _shadowed(
        self, frame: Frame, pictures: list[Image], scores: Probabilities | None, least: float
    ) -> Probabilities | None:
        """The float twin's probabilities, where it looks."""
        if self.shadow is None:
            return None
        if scores is None:
            self.shadow.no_hand()
            return None
        return self.shadow.look(pictures, scores, least, frame.label)


def _decided(scores: Probabilities | None, labels: tuple[str, ...], least: float) -> Prediction:
    return NO_HAND_FOUND if scores is None else decide(scores, labels, least)
