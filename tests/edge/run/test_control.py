"""Pausing, and looking elsewhere, while frames come."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.region.region import CentreRegion, FixedRegion, Region, parse_roi
from signs_edge.edge.run.control import PAUSED, RESUMED, Control

IMAGE = np.zeros((48, 64, 3), np.uint8)


def region(text: str) -> Region:
    chosen = parse_roi(text)
    return chosen if isinstance(chosen, FixedRegion) else CentreRegion()


def control() -> Control:
    return Control(CentreRegion(), region, "center")


def live(n: int, state: FrameState = FrameState.OK) -> Iterator[Frame]:
    return (Frame(i, IMAGE, "camera", captured=1.0 + i, state=state) for i in range(n))


def test_frames_pass_untouched_while_counting() -> None:
    frames = list(live(3))

    assert list(control().steered(iter(frames))) == frames


def test_live_frames_go_on_uncounted_while_it_is_paused() -> None:
    asked = control()
    seen = []
    for frame in asked.steered(live(6)):
        seen.append((frame.index, frame.state, frame.event))
        if frame.index in (1, 3):
            asked.pause(frame.index == 1)

    assert seen == [
        (0, FrameState.OK, None),
        (1, FrameState.OK, None),
        (2, FrameState.PAUSED, PAUSED),
        (3, FrameState.PAUSED, None),
        (4, FrameState.OK, RESUMED),
        (5, FrameState.OK, None),
    ]


def test_a_recording_waits_at_its_frame() -> None:
    asked = control()
    asked.pause()
    frames = asked.steered(Frame(i, IMAGE, "clip") for i in range(2))

    waiting = list(itertools.islice(frames, 3))
    asked.pause(False)
    rest = list(frames)

    assert [(frame.index, frame.state, frame.event) for frame in waiting] == [
        (0, FrameState.PAUSED, PAUSED),
        (0, FrameState.PAUSED, None),
        (0, FrameState.PAUSED, None),
    ]
    assert [(frame.index, frame.state, frame.event) for frame in rest] == [
        (0, FrameState.OK, RESUMED),  # none is lost
        (1, FrameState.OK, None),
    ]


def test_a_recording_that_waits_can_be_ended() -> None:
    asked = control()
    asked.pause()

    assert list(asked.steered((Frame(i, IMAGE, "clip") for i in range(2)), stopped=lambda: True)) == []


def test_what_the_watchdog_saw_is_told_while_paused_too() -> None:
    asked = control()
    asked.pause()

    (frame,) = asked.steered(iter([Frame(0, None, "camera", state=FrameState.LOST, event="lost")]))

    assert (frame.state, frame.event) == (FrameState.LOST, "lost")
    assert not Frame(0, IMAGE, "camera", state=FrameState.PAUSED).distrusted
    assert Frame(0, IMAGE, "camera", state=FrameState.BLACK).distrusted


def test_looks_elsewhere_from_the_next_frame_on() -> None:
    told: list[tuple[str, str]] = []
    asked = Control(CentreRegion(), region, "center", lambda kind, text: told.append((kind, text)))
    assert asked.squares(IMAGE)[0].side == 48
    asked.look("8,4,20,30")

    assert asked.squares(IMAGE)[0].to_json() == [3, 4, 30]
    assert asked.roi == "8,4,20,30"
    assert told == [("region", "8,4,20,30")]


def test_where_it_looks_already_nothing_is_made_and_nothing_told() -> None:
    made: list[str] = []
    told: list[tuple[str, str]] = []

    def make(text: str) -> Region:
        made.append(text)
        return region(text)

    asked = Control(CentreRegion(), make, "center", lambda kind, text: told.append((kind, text)))
    for roi in ("center", "8,4,20,30", "8,4,20,30", "center"):
        asked.look(roi)

    assert made == ["8,4,20,30", "center"]
    assert told == [("region", "8,4,20,30"), ("region", "center")]


def test_the_loop_is_told_once_a_region_is_in_force() -> None:
    taken: list[tuple[str, threading.Thread]] = []
    asked = Control(CentreRegion(), region, "center", taken=lambda roi: taken.append((roi, threading.current_thread())))
    person = threading.Thread(target=asked.look, args=("8,4,20,30",))
    person.start()
    person.join()
    assert taken == []

    asked.squares(IMAGE)
    asked.squares(IMAGE)

    assert taken == [("8,4,20,30", threading.current_thread())]


@pytest.mark.parametrize("roi", ["", "everywhere", "1,2,3", "-1,0,20,20", "0,0,7,20", "a,b,c,d"])
def test_nonsense_leaves_the_region_as_it_is(roi: str) -> None:
    asked = control()

    with pytest.raises(UsageError, match="roi"):
        asked.look(roi)
    assert asked.roi == "center"
    assert asked.squares(IMAGE)[0].side == 48


@pytest.mark.parametrize("roi", ["64,0,20,20", "0,48,20,20", "5000,5000,50,50"])
def test_a_region_outside_the_frame_is_refused_and_the_old_one_stays(roi: str) -> None:
    asked = control()
    asked.squares(IMAGE)

    with pytest.raises(UsageError, match=f"roi {roi} lies outside the frame of 64x48 pixels: give x below 64"):
        asked.look(roi)
    asked.look("63,47,20,20")  # partly outside

    assert asked.roi == "63,47,20,20"
    assert asked.squares(IMAGE)[0].to_json() == [63, 47, 20]


def test_a_camera_whose_frames_become_smaller_is_looked_at_in_the_centre_with_one_notice() -> None:
    notices: list[str] = []
    asked = Control(FixedRegion(40, 30, 16, 16), region, "40,30,16,16", notice=notices.append)
    small = np.zeros((24, 32, 3), np.uint8)

    seen = [asked.squares(image)[0].to_json() for image in (IMAGE, small, small, IMAGE, small)]

    assert seen == [[40, 30, 16], [4, 0, 24], [4, 0, 24], [40, 30, 16], [4, 0, 24]]
    assert len(notices) == 1
    assert "roi 40,30,16,16 lies outside the frame of 32x24 pixels" in notices[0]


def test_what_a_person_asked_for_before_the_first_frame_ends_no_run() -> None:
    notices: list[str] = []
    asked = Control(CentreRegion(), region, "center", notice=notices.append)
    asked.look("500,500,20,20")  # no frame yet, so nobody knows

    asked.check(64, 48)

    assert asked.squares(IMAGE)[0].side == 48
    assert len(notices) == 1
    with pytest.raises(UsageError, match="outside"):
        Control(FixedRegion(500, 500, 20, 20), region).check(64, 48)
