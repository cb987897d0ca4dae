"""The drift watch in the runner's loop, with models that answer as told, and its memory in a journal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
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
from signs_edge.edge.run.shadow import Shadow, ShadowOptions
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


def watched(watch: Shadow, n: int, int8: Told, twin: Told | None, *sinks: Any) -> RunSummary:
    return run(frames(n), int8, RunConfig(Contract()), sinks, twin, watch=watch)


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
    watch, twin = Shadow(LABELS, config=ShadowOptions(SEPARATE, every=4)), Told()

    summary = watched(watch, 41, Told(), twin)

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
    watch = Shadow(LABELS, config=ShadowOptions(SEPARATE, ShadowConfig(ceiling=0.1, boost=1.0, floor=0.1)))

    watched(watch, 1_000, Told(), twin)

    assert 60 < twin.seen < 140


def test_a_twin_that_must_wait_for_its_processor_is_asked_less_often() -> None:
    """It takes no processor time, and five times as long as the rest of the loop: a tenth of the loop is every 50th frame."""

    class Slow(Told):
        def probabilities(self, picture: np.ndarray) -> np.ndarray:
            time.sleep(0.02)
            return super().probabilities(picture)

    def paced() -> Iterator[Frame]:
        for frame in frames(400):
            time.sleep(0.004)
            yield frame

    twin = Slow()
    watch = Shadow(LABELS, config=ShadowOptions(SEPARATE, ShadowConfig(boost=1.0, floor=0.001)))
    run(paced(), Told(), RunConfig(Contract()), twin=twin, watch=watch)

    assert 0 < watch.sampler.base < 0.06
    assert twin.seen < 45  # by processor time alone it would be all 400


@pytest.mark.parametrize("state", [FrameState.PAUSED, FrameState.LOST])
def test_a_gap_buys_the_twin_no_looks(state: FrameState) -> None:
    """Nor does time in which no hand is in sight: the next look pays for its own frame alone."""

    def coming() -> Iterator[Frame]:
        for index, frame in enumerate(frames(30)):
            if index == 20:
                time.sleep(0.5)
                yield replace(frame, state=state)
            yield frame

    watch = Shadow(LABELS, config=ShadowOptions(SEPARATE))
    longest: list[float] = []
    watch.sampler.frame_took = longest.append  # type: ignore[method-assign]
    run(coming(), Told(), RunConfig(Contract()), twin=Told(), watch=watch)
    assert len(longest) == 28
    assert max(longest) < 0.4

    longest.clear()
    for frame in frames(3):  # no hand is found
        time.sleep(0.01)
        watch.note(frame)
    assert len(longest) == 3
    assert min(longest[1:]) >= 0.01


def test_it_begins_anew_and_the_next_run_where_it_began(tmp_path: Path, begin: Callable[..., Journal]) -> None:
    journal = begin()
    watch = Shadow(LABELS, config=ShadowOptions(SEPARATE, every=1), memory=journal)
    watched(watch, 200, Told(), Told())
    before = watch.report()

    watch.restart("looking at center now")
    assert watch.report().frames == 0
    watched(watch, 50, Told(), Told())
    watch.save()
    journal.close()

    assert watch.report().frames == 50
    again = Shadow(LABELS, config=ShadowOptions(SEPARATE, every=1), memory=begin())
    assert again.report() == before
    ((text,),) = kept(tmp_path / "journal.db", "SELECT text FROM events WHERE kind = 'drift'")
    assert text == "statistics begin anew (looking at center now)"


def test_the_twin_gives_way() -> None:
    twin = Told()
    watch = Shadow(LABELS, config=ShadowOptions(shadow=ShadowConfig(floor=0.01)), throttled=lambda: True)

    watched(watch, 500, Told(), twin)

    assert twin.seen < 20


@pytest.mark.parametrize(
    ("late", "behind"), [({"dropped": 1}, True), ({"captured": -5.0}, True), ({"captured": -0.1}, False), ({}, False)]
)
def test_the_twin_gives_way_where_the_loop_is_behind_its_camera(late: dict[str, float], behind: bool) -> None:
    """Every second frame comes late: frames were given up for it, or it is seconds old."""
    twin = Told()
    watch = Shadow(LABELS, config=ShadowOptions(shadow=ShadowConfig(1.0, floor=0.01, ceiling=0.2)))

    def coming() -> Iterator[Frame]:
        for index, frame in enumerate(frames(600)):
            time.sleep(0.002)  # what the budget is a share of
            values: dict[str, Any] = dict(late) if index % 2 else {}
            if "captured" in values:
                values["captured"] += time.monotonic()
            yield replace(frame, **values)

    run(coming(), Told(), RunConfig(Contract()), twin=twin, watch=watch)

    assert watch.throttled == behind
    assert twin.seen < 30 if behind else twin.seen > 60
    for frame in frames(100):
        watch.note(frame)
    assert not watch.throttled  # it has caught up


def test_a_single_late_frame_is_not_behind() -> None:
    watch = Shadow(LABELS)
    for index, frame in enumerate(frames(300)):
        watch.note(replace(frame, dropped=20 if index % 10 == 0 else 0))
        assert not watch.throttled


def test_without_a_twin_it_does_not_stumble() -> None:
    watch = Shadow(LABELS)

    summary = watched(watch, 100, Told(), None)

    assert summary.agreement.n == 0
    assert watch.report().frames == 100
    assert watch.verdict.kind == ("unknown", None)


def test_a_verdict_that_changes_is_in_the_journal(tmp_path: Path, begin: Callable[..., Journal]) -> None:
    journal = begin()
    watch = Shadow(LABELS, config=ShadowOptions(SEPARATE, every=1), memory=journal)

    watched(watch, 600, Told(off=1, since=300), Told(), journal)
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
    watch = Shadow(LABELS, config=config, memory=journal)

    run(frames(80), Told(), RunConfig(Contract()), [journal], Told(), region=Nowhere(), watch=watch)
    journal.close()

    assert watch.report().frames == 0
    verdicts = kept(tmp_path / "journal.db", "SELECT value, text FROM events WHERE kind = 'verdict' ORDER BY seq")
    assert [json.loads(value)["status"] for value, _ in verdicts] == ["drift"]
    assert verdicts[0][1] == "drift: input drift: the frames are not like the reference (hands found lower)"


def test_the_next_run_goes_on_with_the_same_camera_only(begin: Callable[..., Journal]) -> None:
    config = ShadowOptions(SEPARATE, ShadowConfig(ceiling=0.5, floor=0.5))
    journal = begin()
    first = Shadow(LABELS, config=config, memory=journal)
    watched(first, 200, Told(), Told())
    first.save()
    journal.close()

    journal = begin()
    again = Shadow(LABELS, config=config, memory=journal)
    assert again.report() == first.report()
    assert again.sampler.to_json() == first.sampler.to_json()
    journal.close()
    assert Shadow(LABELS, config=config, memory=begin(camera="1")).report().frames == 0


def test_a_state_of_other_classes_is_left_behind_and_that_is_said(
    tmp_path: Path, begin: Callable[..., Journal]
) -> None:
    journal = begin()
    first = Shadow(LABELS, memory=journal)
    watched(first, 10, Told(), Told())
    first.save()
    journal.close()
    journal = begin()

    other = Shadow(("a", "b"), memory=journal)
    journal.close()

    assert other.report().frames == 0
    ((text,),) = kept(tmp_path / "journal.db", "SELECT text FROM events WHERE kind = 'drift'")
    assert text.startswith("statistics begin anew (drift state not understood")
