"""The float twin and the drift monitor in the loop, with models that are fakes, and their state in a journal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.arrays import Image
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.sampler import ShadowConfig
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.journal import database as journal_file
from signs_edge.edge.journal.writer import Journal, JournalConfig
from signs_edge.edge.region.region import CentreRegion
from signs_edge.edge.region.square import Square
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.shadow_options import ShadowClocks, ShadowOptions
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary

LABELS = ("0", "1", "2")
SEPARATE = DriftConfig(blocks=BlockRule(1, 0))


@dataclass
class Told:
    """Answers the class that the picture's red value names, moved on by `off` from the `since`-th call on."""

    off: int = 0
    since: int = 0
    seen: int = 0
    labels: tuple[str, ...] = LABELS

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        off = self.off if self.seen >= self.since else 0
        self.seen += 1
        answer = np.full(3, 0.1, np.float32)
        answer[(int(picture[0, 0, 0]) + off) % 3] = 0.8
        return answer


def frames(n: int) -> Iterator[Frame]:
    for index in range(n):
        image = np.zeros((64, 64, 3), np.uint8)
        image[..., 2] = index % 3
        yield Frame(index, image, "cam", str(index % 3))


def shadowed(
    shadow: Shadow, coming: Iterable[Frame], int8: Told | None = None, *sinks: Sink, **parts: Any
) -> RunSummary:
    """Run frames; `parts` are those of the pipeline."""
    pipeline = Pipeline(int8 or Told(), RunConfig(Contract()), shadow=shadow, **parts)
    return run(coming, pipeline, sinks)


@dataclass
class FakeTime:
    """Clocks that go on only where the test says so."""

    now: float = 100.0
    busy: float = 0.0

    def __call__(self) -> ShadowClocks:
        return ShadowClocks(lambda: self.now, lambda: self.now, lambda: self.busy)

    def passing(self, coming: Iterable[Frame], seconds: float) -> Iterator[Frame]:
        for frame in coming:
            self.now += seconds
            yield frame


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Journal]]:
    """Begins a run in one journal, always the same file."""
    journals: list[Journal] = []

    def begin(camera: str = "0") -> Journal:
        journals.append(Journal(tmp_path / "journal.db", {"camera": camera}, config=JournalConfig(flush_s=0.02)))
        return journals[-1]

    yield begin
    for journal in journals:
        journal.close()


def kept(path: Path, query: str) -> list[Any]:
    with closing(journal_file.read_only(path)) as reader:
        return [tuple(row) for row in reader.execute(query)]


def test_every_kth_frame_in_place_of_draws() -> None:
    twin = Told()
    watch = Shadow(twin, LABELS, config=ShadowOptions(SEPARATE, every=4))

    summary = shadowed(watch, frames(41))

    assert twin.seen == summary.agreement.n == watch.verdict.agreement.looks == 11
    assert summary.paired.both == 11
    report = watch.report()
    assert (report.frames, report.paired.n) == (41, 11)
    with pytest.raises(UsageError, match="float-every 0"):
        ShadowOptions(every=0)
    with pytest.raises(UsageError, match="seed -1 is not allowed"):
        ShadowOptions(seed=-1)


def test_frames_are_drawn_within_the_budget() -> None:
    twin = Told()
    watch = Shadow(twin, LABELS, config=ShadowOptions(SEPARATE, ShadowConfig(ceiling=0.1, boost=1.0, floor=0.1)))

    shadowed(watch, frames(1_000))

    assert 60 < twin.seen < 140


def test_a_twin_that_must_wait_for_its_processor_is_asked_less_often() -> None:
    """It takes no processor time, and five times as long as the rest of the loop: a tenth of the loop is every 50th frame."""

    time = FakeTime()

    class Slow(Told):
        def probabilities(self, picture: np.ndarray) -> np.ndarray:
            time.now += 0.02
            return super().probabilities(picture)

    twin = Slow()
    options = ShadowOptions(SEPARATE, ShadowConfig(boost=1.0, floor=0.001))
    watch = Shadow(twin, LABELS, config=options, clocks=time())
    shadowed(watch, time.passing(frames(400), 0.004))

    assert 0 < watch.sampler.base < 0.06
    assert twin.seen < 45  # by processor time alone it would be all 400


@pytest.mark.parametrize("state", [FrameState.PAUSED, FrameState.LOST])
def test_a_gap_buys_the_twin_no_looks(state: FrameState) -> None:
    """Nor does time in which no hand is in sight: the next look pays for its own frame alone."""

    time = FakeTime()

    def coming() -> Iterator[Frame]:
        for index, frame in enumerate(time.passing(frames(30), 0.01)):
            if index == 20:
                time.now += 0.5
                yield replace(frame, state=state)
            yield frame

    watch = Shadow(Told(), LABELS, config=ShadowOptions(SEPARATE), clocks=time())
    longest: list[float] = []
    watch.sampler.frame_took = longest.append  # type: ignore[method-assign]
    shadowed(watch, coming())
    assert len(longest) == 28
    assert max(longest) == pytest.approx(0.01)

    longest.clear()
    for frame in time.passing(frames(3), 0.01):  # no hand is found
        watch.note(frame)
    assert longest == pytest.approx([0.01] * 3)


def test_after_a_restart_nothing_is_seen_and_the_next_run_continues(
    tmp_path: Path, begin: Callable[..., Journal]
) -> None:
    journal = begin()
    watch = Shadow(Told(), LABELS, config=ShadowOptions(SEPARATE, every=1), store=journal)
    shadowed(watch, frames(200))
    before = watch.report()

    watch.restart("looking at center now")
    assert watch.report().frames == 0
    shadowed(watch, frames(50))
    watch.save()
    journal.close()

    assert watch.report().frames == 50
    again = Shadow(Told(), LABELS, config=ShadowOptions(SEPARATE, every=1), store=begin())
    assert again.report() == before
    ((text,),) = kept(tmp_path / "journal.db", "SELECT text FROM events WHERE kind = 'drift'")
    assert text == "statistics restarted (looking at center now)"


def test_the_twin_looks_less_often_on_a_throttled_device() -> None:
    twin = Told()
    watch = Shadow(twin, LABELS, config=ShadowOptions(shadow=ShadowConfig(floor=0.01)), throttled=lambda: True)

    shadowed(watch, frames(500))

    assert twin.seen < 20


@pytest.mark.parametrize(
    ("late", "behind"), [({"dropped": 1}, True), ({"captured": -5.0}, True), ({"captured": -0.1}, False), ({}, False)]
)
def test_the_twin_looks_less_often_where_the_loop_is_behind_its_camera(late: dict[str, float], behind: bool) -> None:
    """Every second frame comes late: frames were given up for it, or it is seconds old."""
    twin, time = Told(), FakeTime()
    options = ShadowOptions(shadow=ShadowConfig(1.0, floor=0.01, ceiling=0.2))
    watch = Shadow(twin, LABELS, config=options, clocks=time())

    def coming() -> Iterator[Frame]:
        for index, frame in enumerate(time.passing(frames(600), 0.002)):  # what the budget is a share of
            values: dict[str, Any] = dict(late) if index % 2 else {}
            if "captured" in values:
                values["captured"] += time.now
            yield replace(frame, **values)

    shadowed(watch, coming())

    assert watch.throttled == behind
    assert twin.seen < 30 if behind else twin.seen > 60
    for frame in frames(100):
        watch.note(frame)
    assert not watch.throttled  # it has caught up


def test_a_single_late_frame_is_not_behind() -> None:
    watch = Shadow(Told(), LABELS)
    for index, frame in enumerate(frames(300)):
        watch.note(replace(frame, dropped=20 if index % 10 == 0 else 0))
        assert not watch.throttled


def test_without_a_twin_it_does_not_stumble() -> None:
    watch = Shadow(None, LABELS)

    summary = shadowed(watch, frames(100))

    assert summary.agreement.n == 0
    assert watch.report().frames == 100
    assert watch.verdict.kind == ("unknown", None)


def test_a_verdict_that_changes_is_in_the_journal(tmp_path: Path, begin: Callable[..., Journal]) -> None:
    journal = begin()
    watch = Shadow(Told(), LABELS, config=ShadowOptions(SEPARATE, every=1), store=journal)

    shadowed(watch, frames(600), Told(off=1, since=300), journal)
    journal.close()

    assert watch.verdict.kind == ("drift", "unclear")  # no reference says whether the frames are ordinary
    verdicts = kept(tmp_path / "journal.db", "SELECT value, text FROM events WHERE kind = 'verdict' ORDER BY seq")
    assert [json.loads(value)["status"] for value, _ in verdicts] == ["unknown", "drift"]
    assert verdicts[1][1].startswith("drift: cause not clear yet; agreement ")
    looks, same = kept(tmp_path / "journal.db", "SELECT sum(looks), sum(same) FROM minutes")[0]
    assert (looks, same) == (600, 300)


def test_long_without_a_hand_is_in_the_journal(tmp_path: Path, begin: Callable[..., Journal]) -> None:
    class Nowhere(CentreRegion):
        def squares(self, frame: Image) -> tuple[Square, ...]:
            return ()

    journal = begin()
    config = ShadowOptions(replace(SEPARATE, handless=50))
    watch = Shadow(Told(), LABELS, config=config, store=journal)

    shadowed(watch, frames(80), Told(), journal, region=Nowhere())
    journal.close()

    assert watch.report().frames == 0
    verdicts = kept(tmp_path / "journal.db", "SELECT value, text FROM events WHERE kind = 'verdict' ORDER BY seq")
    assert [json.loads(value)["status"] for value, _ in verdicts] == ["drift"]
    assert verdicts[0][1] == "drift: input drift: the frames are not like the reference (hands found lower)"


def test_the_next_run_goes_on_with_the_same_camera_only(begin: Callable[..., Journal]) -> None:
    config = ShadowOptions(SEPARATE, ShadowConfig(ceiling=0.5, floor=0.5))
    journal = begin()
    first = Shadow(Told(), LABELS, config=config, store=journal)
    shadowed(first, frames(200))
    first.save()
    journal.close()

    journal = begin()
    again = Shadow(Told(), LABELS, config=config, store=journal)
    assert again.report() == first.report()
    assert again.sampler.to_json() == first.sampler.to_json()
    journal.close()
    assert Shadow(Told(), LABELS, config=config, store=begin(camera="1")).report().frames == 0


def test_a_state_of_other_classes_is_left_behind_and_that_is_said(
    tmp_path: Path, begin: Callable[..., Journal]
) -> None:
    journal = begin()
    first = Shadow(Told(), LABELS, store=journal)
    shadowed(first, frames(10))
    first.save()
    journal.close()
    journal = begin()

    other = Shadow(Told(), ("a", "b"), store=journal)
    journal.close()

    assert other.report().frames == 0
    ((text,),) = kept(tmp_path / "journal.db", "SELECT text FROM events WHERE kind = 'drift'")
    assert text.startswith("statistics restarted (drift state not understood")
