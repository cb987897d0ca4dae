"""A journal on the axis of running time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signs_edge.edge.frame import FrameState
from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.report.timeline import Span, Timeline
from signs_edge.edge.util.text import duration, utc


def test_runs_follow_one_another_whatever_the_clock_says(device: Any) -> None:
    device.begin()
    for step in range(4):
        if step == 2:
            device.wall -= 7200
        device.minute()
    device.wall = 5.0  # a Pi without a battery, started again
    device.begin()
    device.minute()
    device.close()

    timeline = Timeline.of(JournalContents.read(device.path))

    assert timeline.length == pytest.approx(300)
    assert [(run.number, run.start, run.end) for run in timeline.runs] == [(1, 0, 240), (2, 240, 300)]
    assert [column.start for column in timeline.columns] == pytest.approx([0, 60, 120, 180, 240])
    assert [column.end - column.start for column in timeline.columns] == pytest.approx([60, 60, 60, 50, 50])
    ((at, by, _),) = timeline.jumps()
    assert (at, by) == pytest.approx((120, -7200))
    assert timeline.wall(250) == pytest.approx(15.0)


def test_columns_gather_minutes_and_hide_no_dip(device: Any, drift_report: Callable[..., Any]) -> None:
    device.begin()
    for step in range(40):
        device.minute(
            drift_report(recent=0.9 if step == 13 else 0.99, evidence={"green": 0.8 if step == 13 else 0.2}),
            frames=12,
            state=FrameState.BLACK if step == 20 else FrameState.OK,
        )
    device.close()

    timeline = Timeline.of(JournalContents.read(device.path), columns=10)

    assert len(timeline.columns) == 10
    dips = [column.drift.recent for column in timeline.columns if column.drift]
    assert dips == [0.99, 0.99, 0.99, 0.9, *[0.99] * 6]
    assert timeline.columns[3].drift is not None
    assert timeline.columns[3].drift.recent_high == pytest.approx(0.91)
    assert timeline.columns[3].evidence == {"green": 0.8}
    assert timeline.columns[5].unseen == pytest.approx(12 / 4)
    assert timeline.columns[0].values["rate"] == pytest.approx(0.2)
    assert timeline.columns[0].values["brightness"] == 100


def test_a_pause_is_one(device: Any) -> None:
    device.begin()
    device.minute()
    device.go(600)
    device.minute()
    device.close()

    timeline = Timeline.of(JournalContents.read(device.path))

    assert [column.first for column in timeline.columns] == [True, True]
    assert timeline.columns[1].start == pytest.approx(660)


def test_what_was_removed_at_the_beginning_leaves_no_gap(device: Any) -> None:
    device.begin()
    device.go(86_400)
    device.minute()
    device.close()

    timeline = Timeline.of(JournalContents.read(device.path))

    assert (timeline.columns[0].start, timeline.length) == pytest.approx((0, 60))


def test_spans_end_with_the_next_event_or_the_run(device: Any) -> None:
    journal = device.begin()
    device.minute()
    journal.record_event("camera", "lost")
    device.minute()
    journal.record_event("camera", "back")
    device.minute()
    journal.record_event("camera", "black")
    device.minute()
    device.begin().record_event("camera", "frozen")
    device.minute()
    device.close()

    report = JournalContents.read(device.path)
    timeline = Timeline.of(report)
    told = [(event, event.text.replace("back", "")) for event in report.events]

    assert timeline.spans(told) == [Span(60, 120, "lost"), Span(180, 240, "black"), Span(240, 300, "frozen")]


def test_an_empty_journal_has_a_timeline(device: Any) -> None:
    device.begin()
    device.close()

    timeline = Timeline.of(JournalContents.read(device.path))

    assert (timeline.length, timeline.columns) == (1.0, ())
    assert timeline.wall(0) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0"), (40, "40 s"), (60, "1 min"), (95, "1 min 35 s"), (3600, "1 h"), (7500, "2 h 05 min"),
     (86_400, "1 d"), (100_000, "1 d 3 h")],
)  # fmt: skip
def test_durations_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_clock_beyond_the_calendar() -> None:
    assert utc(0) == "1970-01-01 00:00:00"
    assert utc(-1) == "1969-12-31 23:59:59"
    assert utc(1e18) == "1000000000000000000 s"
