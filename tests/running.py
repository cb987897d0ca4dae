"""Run frames through the loop, for tests: models that are fakes, sinks that are lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.frame import Frame
from signs_edge.edge.inference.classifier import Classifier
from signs_edge.edge.region.region import CentreRegion
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.controls import Controls
from signs_edge.edge.run.labelling import LabelQueue
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pause import Pause
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.region_switch import RegionSwitch
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.shadow_options import ShadowOptions
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary


@dataclass
class Seen(Sink):
    """A sink that keeps all it gets."""

    results: list[FrameResult] = field(default_factory=list)
    labelled: list[FrameResult] = field(default_factory=list)
    closed: int = 0

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        self.results.append(result)

    def label(self, result: FrameResult, summary: RunSummary) -> None:
        self.labelled.append(result)

    def close(self) -> None:
        self.closed += 1


@dataclass
class Person(Sink):
    """A sink that does something at each frame, as a person who looks at a window would."""

    at: Callable[[FrameResult, RunSummary], Any]

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        self.at(result, summary)


def shadow_of(twin: Classifier | None, classifier: Classifier, every: int = 10) -> Shadow | None:
    """A float twin that sees each `every`-th frame, every frame a picture of its own; None where there is no twin."""
    separate = DriftConfig(blocks=BlockRule(1, 0))
    return None if twin is None else Shadow(twin, classifier.labels, config=ShadowOptions(separate, every=every))


def run_frames(
    frames: Iterable[Frame],
    classifier: Classifier,
    config: RunConfig,
    twin: Classifier | None = None,
    every: int = 10,
    **parts: Any,
) -> tuple[RunSummary, list[FrameResult]]:
    """Run frames; `parts` are `region` or `shadow` of the pipeline."""  # fmt: skip
    pipeline = replace(Pipeline(classifier, config, shadow=shadow_of(twin, classifier, every)), **parts)
    seen = Seen()
    return run(frames, pipeline, [seen]), seen.results


def controls(labels: tuple[str, ...] = ("0", "1", "2", "3", "4", "5"), **switch: Any) -> Controls:
    """Controls of a run that looks at the centre; `switch` are parts of the RegionSwitch."""
    parts = {"region": CentreRegion(), "make": lambda _text: CentreRegion(), "roi": "center", **switch}
    return Controls(Pause(), RegionSwitch(**parts), LabelQueue(labels))
