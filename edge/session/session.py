"""A run that goes on: its camera, sinks, controls and drift monitor, opened and closed together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2

from signs_edge.edge.frame import Frame
from signs_edge.edge.run.controls import Controls
from signs_edge.edge.run.labelling import LabelQueue
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pause import Pause
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.region_switch import RegionSwitch
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.session.monitoring import open_journal, open_shadow
from signs_edge.edge.session.outputs import open_sinks
from signs_edge.edge.session.preflight import Prepared, open_frames
from signs_edge.edge.session.region import region_maker
from signs_edge.edge.session.views import listen, open_page, open_window

if TYPE_CHECKING:
    from signs_edge.edge.drift.verdict import Verdict
    from signs_edge.edge.journal.writer import Journal


@dataclass(frozen=True)
class Session:
    """An open run.

    Attributes:
        prepared: what it was started from.
        frames: from the source.
        pipeline: turns them into results.
        sinks: get the results.
        controls: for the person at the window or the page.
        page: the address of the page, for people; None where there is none.
        summary: of what was seen so far.
    """

    prepared: Prepared
    frames: Iterator[Frame]
    pipeline: Pipeline
    sinks: tuple[Sink, ...]
    controls: Controls
    page: str | None
    summary: RunSummary = field(default_factory=RunSummary)

    def run(self) -> RunSummary:
        """Count until the frames end, or the run is stopped.

        Raises:
            SourceError: the camera was lost, and did not come back within `give_up`; the summary has what was seen.
        """
        frames = self.controls.pause.apply(self.frames, self.prepared.stop.is_set)
        return run(frames, self.pipeline, self.sinks, self.controls.labels, self.summary)

    @property
    def verdict(self) -> Verdict | None:
        """The verdict of the drift monitor; None where there is no float twin."""
        return None if self.pipeline.shadow is None else self.pipeline.shadow.verdict


@contextmanager
def start(prepared: Prepared) -> Iterator[Session]:
    """Open what a run needs: port, camera, journal, sinks, window and page; leaving the context closes all.

    Raises:
        SignsEdgeError: something cannot be opened.
    """
    settings, models, stop, notice = prepared.settings, prepared.models, prepared.stop, prepared.notice
    with ExitStack() as stack:
        page = None if prepared.page is None else listen(stack, prepared.page)
        source = prepared.frames or open_frames(settings, prepared.live, stop, notice)
        frames = stack.enter_context(source)
        stack.callback(cv2.setNumThreads, cv2.getNumThreads())
        cv2.setNumThreads(settings.threads)  # for pictures of this size, many threads only wait for each other
        journal = open_journal(settings, models, notice)
        if journal is not None:
            stack.enter_context(journal)
        sinks = open_sinks(stack, settings, models.classifier.labels, stop.set, notice)
        if journal is not None:
            sinks.append(journal)
        shadow = open_shadow(stack, settings, models, journal)
        controls = _controls(prepared, journal, shadow)
        if not settings.headless:
            window = open_window(controls, stop.set, settings.mirror, notice)
            sinks += [] if window is None else [stack.enter_context(window)]
        pipeline = Pipeline(models.classifier, prepared.config, controls.region, shadow)
        address = None if page is None else page.address
        if page is not None:
            verdict = (lambda: None) if shadow is None else (lambda: shadow.verdict)
            sinks.append(stack.enter_context(open_page(page, controls, verdict, settings.mirror, notice)))
        yield Session(prepared, frames, pipeline, tuple(sinks), controls, address)


def _controls(prepared: Prepared, journal: Journal | None, shadow: Shadow | None) -> Controls:
    """The controls of a run, whose changes the journal and the drift monitor get to know."""
    settings, notice = prepared.settings, prepared.notice
    switch = RegionSwitch(prepared.region, region_maker(settings, notice), settings.roi, notice=notice)
    if journal is not None:
        switch.on_request = lambda roi: journal.record_event("region", roi)
    if shadow is not None:
        switch.on_change = lambda roi: shadow.restart(f"looking at {roi} now")
    return Controls(Pause(), switch, LabelQueue(prepared.models.classifier.labels))
