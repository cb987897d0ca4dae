"""The window's keys and mouse, on a real display (Xvfb's, where there is one)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from running import controls
from waiting import comes_true

from signs_edge.edge.display.viewer import Viewer
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.prediction import NO_HAND_FOUND
from signs_edge.edge.region.region import CentreRegion, FixedRegion, parse_roi
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary

pytest.importorskip("tkinter", reason="this Python has no Tk")
pytestmark = pytest.mark.display


class Six:
    labels = ("0", "1", "2", "3", "4", "5")

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        raise AssertionError("the viewer asks no model")


class Bench:
    """A window with a person before it."""

    def __init__(self, folder: Path) -> None:
        self.controls = controls(make=self._region)
        self.labels: list[str | None] = []
        self.labelled: list[Frame] = []
        self.ended = 0
        self.viewer = Viewer(self.controls, self._end, folder)
        self.shown = 0
        self.clock = 0  # of keys and mouse, in milliseconds

    def _region(self, text: str) -> FixedRegion | CentreRegion:
        chosen = parse_roi(text)
        return chosen if isinstance(chosen, FixedRegion) else CentreRegion()

    def take_labels(self) -> None:
        """As the loop does between two frames."""
        for result in self.controls.labels.take():
            self.labels.append(result.frame.label)
            self.labelled.append(result.frame)

    def _end(self) -> None:
        self.ended += 1

    def show(self, size: tuple[int, int] = (240, 320), state: FrameState = FrameState.OK) -> None:
        frame = Frame(self.shown, np.full((*size, 3), 90 + self.shown, np.uint8), "camera", state=state)
        counted = state is FrameState.OK
        result = FrameResult(frame, NO_HAND_FOUND if counted else None, 3 if counted else None, 1.0)
        self.shown += 1
        self.viewer.frame(result, RunSummary())
        self.take_labels()

    def press(self, event: str, **where: int) -> None:
        """Until the window has the keyboard: no window manager gives it here."""
        window = self.viewer._window
        window._root.focus_force()
        comes_true(lambda: window._root.update() or window._root.focus_get(), 5)
        self.clock += 100
        (window._view if where else window._root).event_generate(event, time=self.clock, **where)
        if "KeyPress" in event:
            window._root.event_generate(event.replace("Press", "Release"), time=self.clock + 50)


@pytest.fixture
def bench(display: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    monkeypatch.setenv("DISPLAY", display)
    bench = Bench(tmp_path)
    bench.show()
    yield bench
    bench.viewer.close()


def test_digits_and_n_label_the_frame_that_is_shown(bench: Bench) -> None:
    for key in ("3", "n", "x", "7"):
        bench.press(f"<KeyPress-{key}>")
        bench.show()

    assert bench.labels == ["3", "none"]


def test_the_space_bar_stops_and_goes_on(bench: Bench) -> None:
    bench.press("<KeyPress-space>")
    bench.show()
    assert bench.controls.pause.paused
    bench.press("<KeyPress-space>")
    bench.show()
    assert not bench.controls.pause.paused


def test_while_paused_the_last_frame_that_was_counted_is_shown_and_takes_the_label(bench: Bench) -> None:
    bench.show()  # frame 1
    for _ in range(3):
        bench.show(state=FrameState.PAUSED)
    picture = bench.viewer._view
    bench.press("<KeyPress-4>")
    bench.show(state=FrameState.PAUSED)

    assert [(frame.index, frame.label, frame.state) for frame in bench.labelled] == [(1, "4", FrameState.OK)]
    assert picture is not None
    assert picture[-1, -1].tolist() == [91, 91, 91]  # of that frame
    bench.show()
    assert bench.viewer._view is not None
    assert bench.viewer._view[-1, -1].tolist() == [96, 96, 96]


def test_paused_before_anything_was_counted_there_is_nothing_to_label(
    display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    bench = Bench(tmp_path)
    bench.show(state=FrameState.PAUSED)
    bench.press("<KeyPress-4>")

    assert "was not looked at" in bench.viewer._note
    bench.viewer.close()


@pytest.mark.parametrize(
    ("size", "roi"),
    [((240, 320), "20,30,100,80"), ((120, 160), "10,15,50,40")],  # the small frame is shown twice as large
)
def test_a_rectangle_is_where_to_look(bench: Bench, size: tuple[int, int], roi: str) -> None:
    bench.show(size)
    bench.press("<ButtonPress-1>", x=20, y=30)
    bench.press("<B1-Motion>", x=120, y=110)
    bench.show(size)
    bench.press("<ButtonRelease-1>", x=120, y=110)
    assert bench.controls.region.roi == roi

    bench.press("<KeyPress-a>")
    assert bench.controls.region.roi == "auto"
    bench.press("<ButtonPress-1>", x=50, y=50)
    bench.press("<ButtonRelease-1>", x=52, y=51)  # a click
    bench.press("<KeyPress-c>")
    assert bench.controls.region.roi == "center"


def test_a_rectangle_that_leaves_the_picture_ends_at_its_border(bench: Bench) -> None:
    bench.press("<ButtonPress-1>", x=300, y=200)
    bench.press("<ButtonRelease-1>", x=900, y=700)

    assert bench.controls.region.roi == "300,200,20,40"


def test_in_a_mirrored_view_the_rectangle_is_the_one_that_was_seen(bench: Bench) -> None:
    bench.press("<KeyPress-m>")
    bench.show()
    bench.press("<ButtonPress-1>", x=20, y=30)
    bench.press("<ButtonRelease-1>", x=120, y=110)

    assert bench.controls.region.roi == "200,30,100,80"


def test_a_snapshot_is_a_file_of_its_own(bench: Bench, tmp_path: Path) -> None:
    bench.press("<KeyPress-s>")
    bench.press("<KeyPress-s>")

    assert len(list(tmp_path.glob("signs-edge-*.png"))) == 2
    assert not list(tmp_path.glob(".*"))


def test_where_no_snapshot_can_be_stored_the_window_says_so(bench: Bench, tmp_path: Path) -> None:
    bench.viewer._folder = tmp_path / "missing"
    bench.press("<KeyPress-s>")

    assert "no snapshot can be stored" in bench.viewer._note
    bench.show()
    assert bench.ended == 0


def test_a_snapshot_that_cannot_be_made_is_not_called_stored(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "imencode", lambda *_: (False, np.empty(0, np.uint8)))
    bench.press("<KeyPress-s>")

    assert bench.viewer._note == "no snapshot can be made of this picture"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", [lambda bench: bench.press("<q>"), lambda bench: bench.viewer.close()])
def test_the_closed_window_ends_the_run(bench: Bench, way: Callable[[Bench], None]) -> None:
    way(bench)
    bench.show()

    assert bench.ended == 1
