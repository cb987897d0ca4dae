"""The drift monitor over a recording: what a device would have said, in the recording's time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.report import DriftReport
from signs_edge.edge.drift.sampler import ShadowConfig
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame
from signs_edge.edge.inference.classifier import Classifier
from signs_edge.edge.journal.writer import Journal
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.shadow_options import ShadowOptions, StateStore
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.session.recording import RecordedTime


@dataclass(frozen=True)
class ReplayConfig:
    """Which frames the float twin sees, and what drift is.

    On a device a share of a core's time bounds the twin, so how often it looks depends on the machine. A recording can
    wait: here it is a share of the frames, and the same frames each time.

    Attributes:
        share: probability, 0..1, with which a frame is drawn; one with a low margin is drawn twice as likely.
        every: in its place, every k-th frame; None: drawn at random.
        seed: of the draws.
        drift: what drift is.
    """

    share: float = 0.1
    every: int | None = None
    seed: int = 0
    drift: DriftConfig = field(default_factory=DriftConfig)

    def __post_init__(self) -> None:
        """Refuse a share that is none; the watch's own config checks the rest."""
        if not 0 < self.share <= 1:
            raise UsageError(f"shadow {self.share} is not allowed: give a share of the frames above 0, 1 at most")
        _ = self.watch

    @property
    def watch(self) -> ShadowOptions:
        """For the drift watch: a sampler whose probability never moves."""
        shadow = ShadowConfig(floor=self.share, ceiling=self.share)
        return ShadowOptions(self.drift, shadow, self.every, self.seed)

    def __str__(self) -> str:
        """For people, and the journal: how the twin's frames are chosen."""
        if self.every is not None:
            return f"the float twin sees one frame of {self.every}"
        return (
            f"the float twin sees {self.share:g} of the frames, drawn with seed {self.seed}; twice as many of hard ones"
        )


class RecordingReplay:
    """One replay. It starts with nothing seen, whatever the journal holds: the same recording, the same verdicts."""

    def __init__(
        self,
        time: RecordedTime,
        pipeline: Pipeline,
        twin: Classifier,
        expectation: Expectation | None,
        config: ReplayConfig,
        journal: Journal,
    ) -> None:
        """Prepare a replay.

        Args:
            time: the recording's clocks, which the journal has too.
            pipeline: turns frames into results; its shadow is replaced.
            twin: the float model.
            expectation: comes with the model on duty; None: the input is not judged.
            config: which frames the twin sees, and what drift is.
            journal: gets minutes, events and verdicts.
        """
        self.time, self.summary = time, RunSummary()
        self._journal = journal
        self._shadow = Shadow(
            twin, pipeline.classifier.labels, expectation, config.watch, _WithoutState(journal)
        )  # fmt: skip
        self._pipeline = replace(pipeline, shadow=self._shadow)
        journal.record_event("replay", f"a recording: {config}")

    def run(self, frames: Iterable[Frame], sinks: Iterable[Sink] = ()) -> RunSummary:
        """Take the frames in their order, as fast as they come; see `signs_edge.edge.run.loop.run`."""
        return run(self.time.passing(frames), self._pipeline, [self._journal, *sinks], summary=self.summary)

    @property
    def verdict(self) -> Verdict:
        """After the newest frame."""
        return self._shadow.verdict

    @property
    def report(self) -> DriftReport:
        """Everything that is known now."""
        return self._shadow.report()


@dataclass(frozen=True)
class _WithoutState:
    """A journal's verdicts and events, without the states of earlier runs."""

    journal: StateStore

    def record_verdict(self, verdict: Verdict) -> bool:
        return self.journal.record_verdict(verdict)

    def record_event(self, kind: str, text: str) -> None:
        self.journal.record_event(kind, text)

    def record_state(self, name: str, state: dict[str, Any]) -> None:
        """Keep nothing: another replay starts with nothing seen."""

    def ask(self, report: Callable[[], DriftReport]) -> None:
        self.journal.ask(report)

    def last_state(self, name: str) -> Any:
        return None
