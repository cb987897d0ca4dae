"""The loop: frames in, counts and drift out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from signs_edge.edge.abstention import checked_threshold
from signs_edge.edge.classifier import Classifier, decide
from signs_edge.edge.contract import Contract
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.frame_result import FrameResult
from signs_edge.edge.images import Image
from signs_edge.edge.preprocess import frame_to_picture
from signs_edge.edge.run_summary import RunSummary

__all__ = ["FrameResult", "RunConfig", "RunSummary", "Sink", "run"]


@dataclass(frozen=True)
class RunConfig:
    """How frames are counted.

    Attributes:
        contract: how a frame becomes a picture; comes with the model.
        min_confidence: below this probability, 0..1, a frame gets no count; the model's own is its `abstain_below`.
        float_every: the float twin, where there is one, sees every k-th frame.
        max_frames: stop after so many; None: never.
    """

    contract: Contract
    min_confidence: float = 0.0
    float_every: int = 10
    max_frames: int | None = None

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        checked_threshold(self.min_confidence)
        if self.float_every < 1:
            raise UsageError(
                f"float-every {self.float_every} is not allowed: give 1 for every frame, 10 for every tenth"
            )
        if self.max_frames is not None and self.max_frames < 1:
            raise UsageError(f"max-frames {self.max_frames} is not allowed: give at least 1")


Sink = Callable[[FrameResult, RunSummary], None]
"""Gets each frame's result and the summary up to and with it: JSONL lines, a window, a test's list."""


def run(
    frames: Iterable[Frame],
    classifier: Classifier,
    config: RunConfig,
    sinks: Iterable[Sink] = (),
    twin: Classifier | None = None,
    summary: RunSummary | None = None,
) -> RunSummary:
    """Count fingers on every frame until the frames end.

    Args:
        frames: in their order; see `signs_edge.edge.camera.open_source`.
        classifier: the model on duty, usually int8.
        config: how.
        sinks: called with every result.
        twin: the float model that checks the first on every `config.float_every`-th frame.
        summary: is filled, so that what was seen is known also where the frames end with an error; None: a new one.

    Returns:
        The summary of all frames.
    """
    sinks = tuple(sinks)
    summary = RunSummary() if summary is None else summary
    summary.min_confidence = config.min_confidence
    started = time.perf_counter()
    for frame in frames:
        result = _look(frame, classifier, config, twin if summary.frames % config.float_every == 0 else None)
        summary.add(result, classifier.labels)
        summary.seconds = time.perf_counter() - started
        for sink in sinks:
            sink(result, summary)
        if config.max_frames is not None and summary.frames >= config.max_frames:
            break
    summary.seconds = time.perf_counter() - started
    return summary


def _look(frame: Frame, classifier: Classifier, config: RunConfig, twin: Classifier | None) -> FrameResult:
    """One frame's way: picture, int8 answer, and the float answer where the twin looks too."""
    if frame.image is None or frame.state is not FrameState.OK:
        return FrameResult(frame, None, None, None)
    started = time.perf_counter()
    picture: Image = frame_to_picture(frame.image, config.contract)
    prediction = decide(classifier.probabilities(picture), classifier.labels, config.min_confidence)
    latency_ms = (time.perf_counter() - started) * 1000
    checked = decide(twin.probabilities(picture), twin.labels, config.min_confidence) if twin else None
    age_ms = (time.monotonic() - frame.captured) * 1000 if frame.captured is not None else None
    return FrameResult(frame, prediction, prediction.count, latency_ms, checked, age_ms)
