"""Looking elsewhere while frames come."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.region.region import CentreRegion, FixedRegion, Region, parse_roi
from signs_edge.edge.run.region_switch import RegionSwitch

IMAGE = np.zeros((48, 64, 3), np.uint8)


def region(text: str) -> Region:
    chosen = parse_roi(text)
    return chosen if isinstance(chosen, FixedRegion) else CentreRegion()


def switch(**parts: Any) -> RegionSwitch:
    return RegionSwitch(CentreRegion(), region, "center", **parts)


def test_looks_elsewhere_from_the_next_frame_on() -> None:
    told: list[str] = []
    asked = switch()
    asked.on_request = told.append
    assert asked.squares(IMAGE)[0].side == 48
    asked.look("8,4,20,30")

    assert asked.squares(IMAGE)[0].to_json() == [3, 4, 30]
    assert asked.roi == "8,4,20,30"
    assert told == ["8,4,20,30"]


def test_where_it_looks_already_nothing_is_made_and_nothing_told() -> None:
    made: list[str] = []
    told: list[str] = []

    def make(text: str) -> Region:
        made.append(text)
        return region(text)

    asked = RegionSwitch(CentreRegion(), make, "center")
    asked.on_request = told.append
    for roi in ("center", "8,4,20,30", "8,4,20,30", "center"):
        asked.look(roi)

    assert made == ["8,4,20,30", "center"]
    assert told == ["8,4,20,30", "center"]


def test_the_loop_is_told_once_a_region_is_in_force() -> None:
    taken: list[tuple[str, threading.Thread]] = []
    asked = switch()
    asked.on_change = lambda roi: taken.append((roi, threading.current_thread()))
    person = threading.Thread(target=asked.look, args=("8,4,20,30",))
    person.start()
    person.join()
    assert taken == []

    asked.squares(IMAGE)
    asked.squares(IMAGE)

    assert taken == [("8,4,20,30", threading.current_thread())]


@pytest.mark.parametrize("roi", ["", "everywhere", "1,2,3", "-1,0,20,20", "0,0,7,20", "a,b,c,d"])
def test_nonsense_leaves_the_region_as_it_is(roi: str) -> None:
    asked = switch()

    with pytest.raises(UsageError, match="roi"):
        asked.look(roi)
    assert asked.roi == "center"
    assert asked.squares(IMAGE)[0].side == 48


@pytest.mark.parametrize("roi", ["64,0,20,20", "0,48,20,20", "5000,5000,50,50"])
def test_a_region_outside_the_frame_is_refused_and_the_old_one_stays(roi: str) -> None:
    asked = switch()
    asked.squares(IMAGE)

    with pytest.raises(UsageError, match=f"roi {roi} lies outside the frame of 64x48 pixels: give x below 64"):
        asked.look(roi)
    asked.look("63,47,20,20")  # partly outside

    assert asked.roi == "63,47,20,20"
    assert asked.squares(IMAGE)[0].to_json() == [63, 47, 20]


def test_a_camera_whose_frames_become_smaller_is_looked_at_in_the_centre_with_one_notice() -> None:
    notices: list[str] = []
    asked = RegionSwitch(FixedRegion(40, 30, 16, 16), region, "40,30,16,16", notice=notices.append)
    small = np.zeros((24, 32, 3), np.uint8)

    seen = [asked.squares(image)[0].to_json() for image in (IMAGE, small, small, IMAGE, small)]

    assert seen == [[40, 30, 16], [4, 0, 24], [4, 0, 24], [40, 30, 16], [4, 0, 24]]
    assert len(notices) == 1
    assert "roi 40,30,16,16 lies outside the frame of 32x24 pixels" in notices[0]


def test_what_a_person_asked_for_before_the_first_frame_ends_no_run() -> None:
    notices: list[str] = []
    asked = switch(notice=notices.append)
    asked.look("500,500,20,20")  # no frame yet, so nobody knows

    asked.check(64, 48)

    assert asked.squares(IMAGE)[0].side == 48
    assert len(notices) == 1
    with pytest.raises(UsageError, match="outside"):
        RegionSwitch(FixedRegion(500, 500, 20, 20), region).check(64, 48)
