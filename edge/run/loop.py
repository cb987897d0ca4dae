"""The loop: frames in, counts and drift out."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial

from signs_edge.edge.arrays import Image, Probabilities
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.inference.classifier import Classifier, mean_probabilities
from signs_edge.edge.prediction import NO_HAND_FOUND, Prediction, count_of, decide
from signs_edge.edge.region.region import CentreRegion, Region
from signs_edge.edge.region.square import picture_of
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.control import RESUMED
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.smoothing import Smoother
from signs_edge.edge.run.summary import RunSummary

_ANEW = ("back", RESUMED)


def run(
    frames: Iterable[Frame],
    classifier: Classifier,
    config: RunConfig,
    sinks: Iterable[Sink] = (),
    twin: Classifier | None = None,
    summary: RunSummary | None = None,
    region: Region | None = None,
    watch: Shadow | None = None,
) -> RunSummary:
    """Count fingers on every frame until the frames end.

    Args:
        frames: in their order; see `signs_edge.edge.sources.open.open_source`.
        classifier: the model on duty, usually int8.
        config: how.
        sinks: called with every result.
        twin: the float model that checks the first, on every `config.float_every`-th frame or as `watch` draws them.
        region: where in the frame the model looks; None: at the centre.
        watch: judges drift, and decides in place of `config.float_every` which frames the twin sees.
        summary: is filled, so that what was seen is known also where the frames end with an error; None: a new one.

    Returns:
        The summary of all frames.

    Raises:
        UsageError: no part of the region lies in the first frame.
    """
    sinks = tuple(sinks)
    summary = RunSummary() if summary is None else summary
    summary.min_confidence = config.min_confidence
    region = region or CentreRegion()
    smoother = Smoother(len(classifier.labels), config.min_confidence, config.smoothing)
    source, sized = None, False
    started = time.perf_counter()
    for frame in frames:
        if frame.image is not None and not sized:
            sized = True  # a camera that becomes another one later ends no run
            region.check(frame.image.shape[1], frame.image.shape[0])
        # Another picture of a folder, or the same camera after a while: what was seen before says nothing of it.
        if frame.source != source or frame.event in _ANEW:
            source = frame.source
            region.reset()
            smoother.reset()
        turn = twin if watch is not None or summary.frames % config.float_every == 0 else None
        result = _look(frame, classifier, config, turn, region, smoother, watch)
        summary.add(result, classifier.labels)
        summary.seconds = time.perf_counter() - started
        for sink in sinks:
            sink(result, summary)
        if config.max_frames is not None and summary.frames >= config.max_frames:
            break
    summary.seconds = time.perf_counter() - started
    return summary


def _look(
    frame: Frame,
    classifier: Classifier,
    config: RunConfig,
    twin: Classifier | None,
    region: Region,
    smoother: Smoother,
    watch: Shadow | None,
) -> FrameResult:
    """One frame's way: squares, pictures, int8 answer, and the float answer where the twin looks too."""
    if watch is not None:
        watch.note(frame)
    if frame.image is None or frame.state is not FrameState.OK:
        return FrameResult(frame, None, None, None)
    started = time.perf_counter()
    squares = region.squares(frame.image)
    pictures = [picture_of(frame.image, square, config.contract) for square in squares]
    scores = _scores(classifier, pictures)
    least = config.least(region.found)
    prediction = _decided(scores, classifier, least)
    region.told(prediction.found_hand)
    shown = smoother.add(scores, least)
    smoothed = None if shown is None else count_of(classifier.labels[shown])
    count = smoothed if config.smoothing.half_life else prediction.count
    latency_ms = (time.perf_counter() - started) * 1000
    if watch is None:
        twin_scores = _scores(twin, pictures) if twin is not None else None
    else:
        twin_scores = _watched(watch, frame, pictures, scores, prediction, twin, least)
    checked = None if twin is None or twin_scores is None else _decided(twin_scores, twin, least)
    age_ms = (time.monotonic() - frame.captured) * 1000 if frame.captured is not None else None
    return FrameResult(
        frame, prediction, count, latency_ms, checked, age_ms, prediction.count, squares, least, scores, twin_scores
    )


def _watched(
    watch: Shadow,
    frame: Frame,
    pictures: list[Image],
    scores: Probabilities | None,
    prediction: Prediction,
    twin: Classifier | None,
    least: float,
) -> Probabilities | None:
    """The float answer where the watch wants it; of a frame in which no hand was found it is told no more than that."""
    if scores is None:
        watch.no_hand()
        return None
    ask = None if twin is None else partial(mean_probabilities, twin, pictures)

    def abstains(float_scores: Probabilities) -> bool:
        return not float(float_scores.max()) >= least

    return watch.look(pictures[0], scores, prediction.abstained, ask, abstains, frame.label)


def _scores(classifier: Classifier, pictures: list[Image]) -> Probabilities | None:
    """Of some pictures of one hand; None where there is none."""
    return mean_probabilities(classifier, pictures) if pictures else None


def _decided(scores: Probabilities | None, classifier: Classifier, least: float) -> Prediction:
    return NO_HAND_FOUND if scores is None else decide(scores, classifier.labels, least)
