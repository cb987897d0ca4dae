"""The loop: frames in, results to the sinks."""

from __future__ import annotations

from collections.abc import Iterable

from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame
from signs_edge.edge.run.labelling import LabelQueue
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary


def run(
    frames: Iterable[Frame],
    pipeline: Pipeline,
    sinks: Iterable[Sink] = (),
    labels: LabelQueue | None = None,
    summary: RunSummary | None = None,
) -> RunSummary:
    """Count fingers on every frame until the frames end, and hand each result to the sinks.

    Args:
        frames: in their order; see `signs_edge.edge.sources.open.open_source`.
        pipeline: turns frames into results.
        sinks: get every result; they are not closed.
        labels: labels that a person gives meanwhile; None: nobody gives any.
        summary: is filled, so that what was seen is known also where the frames end with an error; None: a new one.

    Returns:
        The summary of all frames.

    Raises:
        UsageError: no part of the region lies in the first frame.
    """
    sinks = tuple(sinks)
    summary = RunSummary() if summary is None else summary
    try:
        for result in pipeline.results(frames, summary):
            for sink in sinks:
                sink.frame(result, summary)
            _hand_on(labels, pipeline, sinks, summary)
    except SourceError:
        _hand_on(labels, pipeline, sinks, summary)
        raise
    _hand_on(labels, pipeline, sinks, summary)
    return summary


def _hand_on(labels: LabelQueue | None, pipeline: Pipeline, sinks: tuple[Sink, ...], summary: RunSummary) -> None:
    """Judge the frames that were labelled since the last call, and hand them to the sinks."""
    for result in labels.take() if labels is not None else ():
        checked = result if pipeline.shadow is None else pipeline.shadow.label(result, pipeline.config.contract)
        summary.add_label(checked, pipeline.classifier.labels)
        for sink in sinks:
            sink.label(checked, summary)
