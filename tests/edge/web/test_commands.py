"""What the page may ask of a run, and what reaches it."""

from __future__ import annotations

import numpy as np
import pytest
from running import controls

from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.metrics.agreement import Agreement
from signs_edge.edge.prediction import NO_HAND_FOUND, Prediction
from signs_edge.edge.region.region import CentreRegion, FixedRegion, parse_roi
from signs_edge.edge.region.square import Square
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.sinks.kept_frames import KeptFrames
from signs_edge.edge.web import commands as web_commands
from signs_edge.edge.web.commands import ShownFrames, obey
from signs_edge.edge.web.view import MOST_WIDE, View


class Six:
    labels = ("0", "1", "2", "3", "4", "5")

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        raise AssertionError("no model is asked")


def region(text: str) -> FixedRegion | CentreRegion:
    chosen = parse_roi(text)
    return chosen if isinstance(chosen, FixedRegion) else CentreRegion()


def result(index: int = 0, label: str | None = None, size: tuple[int, int] = (24, 32)) -> FrameResult:
    frame = Frame(index, np.full((*size, 3), 90, np.uint8), "camera", label)
    return FrameResult(frame, NO_HAND_FOUND, 3, 1.0)


class Bench:
    def __init__(self) -> None:
        self.controls = controls(make=region)
        self.shown = ShownFrames()

    @property
    def given(self) -> list[tuple[int, str | None]]:
        """The labels that the loop would take now."""
        return [(one.frame.index, one.frame.label) for one in self.controls.labels.take()]

    def ask(self, **asked):
        return obey({"ask": 1, **asked}, self.controls, self.shown)


def test_stop_and_go_on() -> None:
    bench = Bench()

    assert bench.ask(pause=True) == {"done": "stopped"}
    assert bench.controls.pause.paused
    assert bench.ask(pause=False) == {"done": "counting"}
    assert not bench.controls.pause.paused


def test_look_elsewhere() -> None:
    bench = Bench()
    bench.shown.keep(1, result())  # of 32×24 pixels

    assert bench.ask(look="1,2,31,22") == {"done": "looking there"}
    assert bench.controls.region.roi == "1,2,31,22"
    assert "give auto, center, or x,y,w,h" in bench.ask(look="all of it")["refused"]
    assert bench.controls.region.roi == "1,2,31,22"


@pytest.mark.parametrize(
    "roi", ["2,2,31,22", "0,3,32,22", "0,0,999999,999999", f"0,0,{10**12},{10**12}", f"{10**20},0,9,9"]
)
def test_a_region_beyond_the_frame_is_refused_for_the_loop_would_have_to_make_it(roi: str) -> None:
    bench = Bench()
    assert "not within the frame of 0x0" in bench.ask(look=roi)["refused"]
    bench.shown.keep(1, result())

    assert "not within the frame of 32x24" in bench.ask(look=roi)["refused"]
    assert bench.controls.region.roi == "center"


def test_the_frame_that_is_seen_gets_the_label_and_not_one_that_came_since(tmp_path) -> None:
    keep = KeptFrames(tmp_path / "kept", Six.labels, pytest.fail)
    bench = Bench()
    for number in range(100, 105):
        bench.shown.keep(number, result(number - 100))

    assert bench.ask(label="3", frame=102) == {"done": "labelled 3"}
    assert bench.ask(label="none", frame=104) == {"done": "labelled none"}
    taken = list(bench.controls.labels.take())
    for one in taken:
        keep.label(one, RunSummary())

    assert [(one.frame.index, one.frame.label) for one in taken] == [(2, "3"), (4, "none")]
    assert [len(list((tmp_path / "kept" / name).glob("*.png"))) for name in ("3", "none")] == [1, 1]


def test_an_older_frame_a_wrong_label_and_one_that_is_known_are_refused() -> None:
    bench = Bench()
    bench.shown.keep(1, result(label="4"))
    bench.shown.keep(2, FrameResult(Frame(5, None, "camera", state=FrameState.LOST), None, None, None))

    assert bench.ask(label="3", frame=0) == {"refused": "that frame is too old: label one that is shown"}
    assert "came with the label 4" in bench.ask(label="3", frame=1)["refused"]
    assert "was not looked at" in bench.ask(label="3", frame=2)["refused"]
    bench.shown.keep(3, result())
    assert "give one of 0, 1, 2, 3, 4, 5, none" in bench.ask(label="6", frame=3)["refused"]
    assert bench.given == []


@pytest.mark.parametrize(
    "asked",
    [{}, {"end": True}, {"pause": 1}, {"pause": "yes"}, {"look": ["auto"]}, {"label": 3, "frame": 1}, {"label": "3"},
     {"label": "3", "frame": "1"}, {"store": "x"}],
)  # fmt: skip
def test_nothing_else_is_obeyed(asked) -> None:
    bench = Bench()
    bench.shown.keep(1, result())

    assert bench.ask(**asked) == {"refused": "not understood: give pause, look, or label and frame"}
    assert (bench.controls.pause.paused, bench.controls.region.roi) == (False, "center")


def test_a_bounded_number_of_frames_of_bounded_size_is_kept() -> None:
    shown = ShownFrames()
    for number in range(40):
        shown.keep(number, result(number))
    assert len(shown) == web_commands.KEPT
    assert shown.get(39).frame.index == 39
    with pytest.raises(UsageError, match="too old"):
        shown.get(39 - web_commands.KEPT)

    for number in range(40, 50):
        shown.keep(number, result(number, size=(1080, 1920)))
    assert len(shown) == web_commands.KEPT_BYTES // (1080 * 1920 * 3)


def test_nothing_is_kept_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ShownFrames()
    shown.keep(1, result())
    shown.forget_unseen()
    assert len(shown) == 1

    monkeypatch.setattr(web_commands, "KEPT_S", -1.0)
    shown.forget_unseen()
    assert len(shown) == 0


def test_a_view_of_a_large_frame_is_made_smaller_and_its_box_is_not() -> None:
    import cv2

    seen = FrameResult(Frame(3, np.zeros((1080, 1920, 3), np.uint8), "camera"), None, None, None)
    view = View(seen, (None, 3), Agreement(0, 0), None, 1, 0.78)

    decoded = cv2.imdecode(np.frombuffer(view.jpeg(), np.uint8), cv2.IMREAD_COLOR)

    assert decoded.shape == (540, MOST_WIDE, 3)
    state = view.state()
    assert (state["size"], state["box"], state["history"]) == ([1920, 1080], [420, 0, 1080], [None, 3])
    assert (state["agreement"], state["drift"], state["confidence"]) == (None, None, None)


def test_a_view_while_paused_has_the_place_that_was_looked_at_and_no_count() -> None:
    frame = Frame(3, np.zeros((48, 64, 3), np.uint8), "camera", state=FrameState.PAUSED)
    seen = FrameResult(frame, Prediction(2, "2", 0.9), 2, 1.0, raw_count=2, squares=(Square(1, 2, 30),))

    state = View(seen, (2,), Agreement(0, 0), None, 1, 0.5).state()

    assert (state["state"], state["count"], state["raw_count"]) == ("paused", None, None)
    assert (state["label"], state["box"]) == ("2", [1, 2, 30])


def test_a_view_without_a_picture() -> None:
    lost = FrameResult(Frame(3, None, "camera", state=FrameState.LOST), None, None, None)
    view = View(lost, (), Agreement(3, 4), None, 1, 0.0)

    assert view.jpeg() == b""
    assert (view.state()["state"], view.state()["box"], view.state()["size"]) == ("lost", None, None)
    assert view.state()["agreement"]["rate"] == 0.75
