"""The recording of the two hours, and the table of what was said of it."""

from __future__ import annotations

from itertools import islice, pairwise

import numpy as np
from planted_faults import FAULTS, draw_scenes
from recorded_scene import HEIGHT, RATE, WIDTH, Scene
from two_hours import CAMERA, NO_HAND, SCHEDULE, Planted, given, markdown, table

from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.rows import EventRow


def test_the_schedule_names_faults_that_do_not_meet() -> None:
    assert {one.name for one in SCHEDULE} < {fault.name for fault in FAULTS}
    assert all(first.end < second.start for first, second in pairwise(SCHEDULE))
    inputs = {one.name for one in SCHEDULE if one.expected == "input"}
    assert inputs == {*CAMERA, NO_HAND}


def test_a_camera_fault_is_in_its_frames_and_no_other() -> None:
    photos, _ = draw_scenes(6, 0)
    fault = Planted("dimmed light", 0.02, 0.04)  # frames 18 to 35

    sound = list(islice(Scene(photos, 5).frames(60), 60))
    faulty = list(given(Scene(photos, 5), 60, (fault,)))

    assert {frame.shape for frame in faulty} == {(HEIGHT, WIDTH, 3)}
    changed = [not np.array_equal(a, b) for a, b in zip(sound, faulty, strict=True)]
    assert changed == [fault.now(number) for number in range(60)]
    assert sum(changed) == round(0.02 * 60 * RATE)
    assert not np.array_equal(sound[0], sound[1])  # no frame is quite like the one before


def said(minute: float, status: str, fault: str | None, moved: str = "brightness") -> EventRow:
    value = {"status": status, "fault": fault, "moved": [{"statistic": moved, "direction": "lower"}] if fault else []}
    return EventRow(0, 0, 0.0, minute * 60, "verdict", "", value)


def test_the_table_tells_what_was_said_when() -> None:
    schedule = (Planted("dimmed light", 10, 12), Planted("one clipped layer", 20, 22))
    events = (said(5, "ok", None), said(11, "drift", "input"), said(12.5, "ok", None), said(22.4, "unknown", None))

    first, second = table(JournalContents("x", (), (), events), schedule)

    assert (first["before"], first["found"], first["frames"], first["named"]) == ("ok", 11, 60 * RATE, ["input"])
    assert first["after"] == [[12.5, "ok", None]]
    assert (second["found"], second["named"], second["expected"]) == (None, [], "device")
    lines = markdown([first, second]).splitlines()
    assert "| 11.0 | 900 frames, 1.0 min | input | brightness lower | 12.5 | 12.5 |" in lines[2]
    assert "| nothing |" in lines[3]
