"""What is drawn on a frame: where, and that it is there. Its looks are for eyes to judge."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.display.overlay import draw_overlay
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.metrics.agreement import Agreement
from signs_edge.edge.prediction import Prediction
from signs_edge.edge.region.square import Square
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary

GREY = 90
LONG = RunSummary(frames=123_456, seconds=100.0, agreement=Agreement(12_340, 12_345))


def result_on(height: int, width: int, count: int | None = 3, confidence: float = 0.9) -> FrameResult:
    image = np.full((height, width, 3), GREY, np.uint8)
    return FrameResult(Frame(0, image, "test"), Prediction(3, "3", confidence), count, 2.5)


def drawn(result: FrameResult, summary: RunSummary = LONG) -> np.ndarray:
    view = draw_overlay(result, summary)
    assert view is not None
    return view


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((480, 640), (480, 640)),
        ((1080, 1920), (1080, 1920)),
        ((240, 320), (240, 320)),
        ((64, 64), (256, 256)),  # enlarged by whole numbers
        ((120, 160), (240, 320)),
        ((640, 100), (1920, 300)),
        ((7, 5), (336, 240)),
    ],
)
def test_drawn_on_frames_of_any_size(size: tuple[int, int], shown: tuple[int, int]) -> None:
    view = drawn(result_on(*size))

    assert (view.shape, view.dtype) == ((*shown, 3), np.uint8)
    assert (view == GREY).any()
    assert (view == 255).any()


def test_the_frame_itself_stays_clean() -> None:
    for size in ((480, 640), (64, 64)):
        result = result_on(*size)
        drawn(result)

        assert (result.frame.image == GREY).all()


def test_the_number_is_in_the_upper_left_of_the_square() -> None:
    one, other = drawn(result_on(480, 640, count=1)), drawn(result_on(480, 640, count=2))

    rows, columns = np.nonzero((one != other).any(axis=2))

    assert rows.size > 200
    assert 0 < rows.min() < rows.max() < 130
    assert 80 < columns.min() < columns.max() < 240


def test_no_count_is_drawn_too() -> None:
    assert (drawn(result_on(480, 640, count=None)) != drawn(result_on(480, 640, count=1))).any()


def test_no_hand_is_written_larger_than_a_number_and_not_where_nothing_was_looked_at() -> None:
    empty = np.full((480, 640, 3), GREY, np.uint8)
    unread = drawn(FrameResult(Frame(0, empty, "test"), None, None, None))

    def width(view: np.ndarray) -> int:
        return int(np.ptp(np.nonzero((view[20:130, 90:550] != GREY).any(axis=2))[1]))

    assert width(drawn(result_on(480, 640, count=None))) > 2 * width(drawn(result_on(480, 640, count=3)))
    assert width(unread) < width(drawn(result_on(480, 640, count=None))) / 2


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (256, 256), (720, 1280)])
@pytest.mark.parametrize("confidence", [0.3, float("nan")])
def test_no_count_stays_inside_the_square_too(size: tuple[int, int], confidence: float) -> None:
    height, width = size
    side = min(size)
    top, left = (height - side) // 2, (width - side) // 2

    outside = drawn(result_on(*size, count=None, confidence=confidence))
    line = 1 + side // 240
    outside[max(0, top - line) : top + side + line, max(0, left - line) : left + side + line] = GREY

    assert (outside == GREY).all()


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (256, 256), (720, 1280)])
def test_nothing_but_the_picture_outside_the_square(size: tuple[int, int]) -> None:
    """Long facts must be made to fit: a clipped figure is a wrong one."""
    height, width = size
    side = min(size)
    top, left = (height - side) // 2, (width - side) // 2

    outside = drawn(result_on(*size))
    line = 1 + side // 240  # half of the square's own outline lies outside it
    outside[max(0, top - line) : top + side + line, max(0, left - line) : left + side + line] = GREY

    assert (outside == GREY).all()


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (256, 256)])
def test_the_facts_end_inside_the_square(size: tuple[int, int]) -> None:
    side = min(size)
    with_facts, without = drawn(result_on(*size)), drawn(result_on(*size), RunSummary())

    _, columns = np.nonzero((with_facts != without).any(axis=2))

    assert columns.size > 100
    assert columns.max() < (size[1] + side) // 2 - 2  # there is room between the last letter and the frame


@pytest.mark.parametrize(("confidence", "colour"), [(0.81, (80, 200, 80)), (0.79, (40, 170, 250))])
def test_the_bar_is_as_long_as_the_model_is_sure(confidence: float, colour: tuple[int, int, int]) -> None:
    view = drawn(result_on(480, 480, confidence=confidence))

    bar = (view == colour).all(axis=2)
    _, columns = np.nonzero(bar)

    assert np.ptp(columns) == pytest.approx(confidence * (480 - 24), abs=2)


def test_a_frame_that_could_not_be_decoded_has_nothing_to_draw_on() -> None:
    assert draw_overlay(FrameResult(Frame(0, None, "broken"), None, None, None), RunSummary()) is None


def test_a_frame_without_an_answer_is_shown() -> None:
    frame = Frame(0, np.full((480, 640, 3), GREY, np.uint8), "test")

    assert draw_overlay(FrameResult(frame, None, None, None), RunSummary()) is not None


@pytest.mark.parametrize("state", [state for state in FrameState if state is not FrameState.OK])
def test_what_is_wrong_with_the_camera_is_written_on_its_picture(state: FrameState) -> None:
    image = None if state is FrameState.LOST else np.full((480, 640, 3), GREY, np.uint8)

    view = drawn(FrameResult(Frame(0, image, "test", state=state), None, None, None))

    assert view.shape == (480, 640, 3)
    assert (view[40:100] == 255).any()


def test_the_mirror_turns_the_frame_and_not_the_writing() -> None:
    image = np.full((480, 640, 3), GREY, np.uint8)
    image[200:280, 500:600] = 200
    result = FrameResult(Frame(0, image, "test"), Prediction(3, "3", 0.9), 3, 2.5, squares=(Square(480, 180, 120),))

    plain, mirrored = drawn(result), draw_overlay(result, LONG, mirrored=True)

    assert mirrored is not None
    assert (mirrored[200:280, 45:135] == 200).all()
    assert (plain[180, 480:600] == 255).all()
    assert (mirrored[180, 40:160] == 255).all()  # the square goes along
    assert np.array_equal(plain[20:100, 90:170], mirrored[20:100, 90:170])  # the number does not


def test_the_strip_shows_the_last_counts_the_newest_at_the_right() -> None:
    result = result_on(480, 640)
    view, bare = draw_overlay(result, LONG, [None, 0, 5]), drawn(result)
    assert view is not None

    changed = (view != bare).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert rows.max() < 60
    assert columns.min() > 300
    green = (view == (80, 200, 80)).all(axis=2)
    assert green[:60, 546].sum() > 5 * green[:60, 544].sum() > 0
