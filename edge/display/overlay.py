"""What a person sees on a frame: where the model looks, the number, how sure it is, how fast it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.display.history import FRAMES
from signs_edge.edge.frame import FrameState
from signs_edge.edge.prediction import NO_HAND_FOUND
from signs_edge.edge.region.square import centre_of
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary

_WHITE, _GREEN, _AMBER, _BLACK = (255, 255, 255), (80, 200, 80), (40, 170, 250), (0, 0, 0)  # BGR
_TROUBLE = {
    FrameState.LOST: "no camera",
    FrameState.FROZEN: "frozen",
    FrameState.BLACK: "black",
    FrameState.OVEREXPOSED: "overexposed",
    FrameState.PAUSED: "paused",
}
_SURE = 0.8  # from this probability on the bar is green
_MIN_SIDE = 240  # pixels; smaller frames are enlarged first, so that the writing fits


def draw_overlay(
    result: FrameResult, summary: RunSummary, history: Sequence[int | None] = (), note: str = "", mirrored: bool = False
) -> Image | None:
    """A copy of the frame, (height, width, 3) uint8 BGR, with the answer drawn on it; None where it has no image.

    The copy is enlarged to at least 240 pixels along its shorter side. Of a camera that is lost, a grey picture.

    Args:
        result: of the frame.
        summary: up to and with it.
        history: the last counts, `history.FRAMES` at most, the oldest first, drawn as a strip in the upper right.
        note: a line for the person who sees it, in place of the small print.
        mirrored: show the frame as a mirror would; what is written on it stays readable.
    """
    if result.frame.state is FrameState.LOST:
        view = np.full((480, 640, 3), 64, np.uint8)
    elif result.frame.image is None:
        return None
    else:
        view = _enlarged(result.frame.image)
    _draw_square(view, result, max(1, min(view.shape[:2]) // 240))
    if mirrored:
        view = np.ascontiguousarray(view[:, ::-1])
    height, width = view.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    unit = side / 480
    origin = (left + int(18 * unit), top + int(90 * unit))
    if result.frame.state is not FrameState.OK:
        _write(view, _TROUBLE[result.frame.state], origin, 1.6 * unit, side - int(36 * unit))
    elif result.prediction is not None and result.count is None and result.raw_count is None:
        _write(view, "no hand", origin, 1.6 * unit, side - int(36 * unit))
    else:
        _write(view, "..." if result.count is None else str(result.count), origin, 3.2 * unit, side)
    if history:
        _strip(view, history, left, top, side, unit)
    if result.prediction is not None and not math.isnan(result.prediction.confidence):
        _bar(view, result.prediction.confidence, left, top + side, side, unit)
    _write(
        view,
        note or _facts(result, summary),
        (left + int(12 * unit), top + side - int(34 * unit)),
        0.6 * unit,
        side - int(24 * unit),
    )
    return view


def _draw_square(view: Image, result: FrameResult, thickness: int) -> None:
    """Where the model looked: the widest of its squares; the centre where nothing was looked at."""
    image = result.frame.image
    paused = result.frame.state is FrameState.PAUSED
    if image is None or (not result.squares and (paused or result.prediction is not None)):
        return
    square = max(result.squares, key=lambda each: each.side, default=centre_of(image))
    factor = view.shape[0] / image.shape[0]
    left, top, side = (round(factor * value) for value in (square.left, square.top, square.side))
    cv2.rectangle(view, (left, top), (left + side - 1, top + side - 1), _WHITE, thickness)


def _facts(result: FrameResult, summary: RunSummary) -> str:
    """The small print, one line."""
    parts = []
    if result.prediction is not None and result.prediction != NO_HAND_FOUND:
        sure = result.prediction.confidence
        parts.append("the model gives no numbers" if math.isnan(sure) else f"{sure:.0%} sure")
    if result.latency_ms is not None:
        parts.append(f"{result.latency_ms:.1f} ms")
    if result.age_ms is not None:
        parts.append(f"{result.age_ms:.0f} ms old")
    if summary.rate is not None:
        parts.append(f"{summary.rate:.0f} fps")
    if summary.agreement.rate is not None:
        parts.append(f"int8 = float on {summary.agreement.rate:.1%} of {summary.agreement.n}")
    return "  ".join(parts)


def _enlarged(image: Image) -> Image:
    """A copy that is at least `_MIN_SIDE` pixels high and wide."""
    factor = -(-_MIN_SIDE // min(image.shape[:2]))
    if factor <= 1:
        return image.copy()
    size = (image.shape[1] * factor, image.shape[0] * factor)
    return cv2.resize(image, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)


def _write(view: Image, text: str, origin: tuple[int, int], scale: float, room: int) -> None:
    """White text on a black rim, readable on any background, made smaller where it is wider than `room` pixels."""
    font, thickness = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(2 * scale))
    width = cv2.getTextSize(text, font, scale, thickness)[0][0]
    scale *= min(1.0, room / max(1, width))
    rim = max(1, round(scale))
    # The rim is the same text moved: thicker text, in OpenCV 5, is also wider and does not lie under the thin one.
    for dx, dy in ((-rim, -rim), (-rim, rim), (rim, -rim), (rim, rim), (0, 0)):
        colour = _WHITE if dx == 0 else _BLACK
        cv2.putText(view, text, (origin[0] + dx, origin[1] + dy), font, scale, colour, thickness, cv2.LINE_AA)


def _strip(view: Image, history: Sequence[int | None], left: int, top: int, side: int, unit: float) -> None:
    """A column for each of the last frames, the newest at the right, as high as its count; none where there was none."""
    margin, high = int(12 * unit), int(36 * unit)
    room = side // 2
    start, base = left + side - margin - room, top + margin + high
    cv2.rectangle(view, (start, base - high), (start + room, base), _BLACK, -1)
    each = room / FRAMES
    first = FRAMES - len(history)
    for place, count in enumerate(history, first):
        if count is not None:
            tall = max(1, int(high * (min(count, 5) + 0.4) / 5.4))
            near, far = start + int(place * each), start + max(int(place * each), int((place + 1) * each) - 1)
            cv2.rectangle(view, (near, base - tall), (far, base), _GREEN, -1)


def _bar(view: Image, confidence: float, left: int, bottom: int, side: int, unit: float) -> None:
    """A bar along the lower edge of the square, as long as the model is sure."""
    margin, thick = int(12 * unit), max(4, int(12 * unit))
    length = int((side - 2 * margin) * confidence)
    colour = _GREEN if confidence >= _SURE else _AMBER
    upper = bottom - margin - thick
    cv2.rectangle(view, (left + margin, upper), (left + side - margin, upper + thick), _BLACK, -1)
    cv2.rectangle(view, (left + margin, upper), (left + margin + length, upper + thick), colour, -1)
