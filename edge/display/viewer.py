"""The window of a run: what is seen and counted, and what a person can do about it with keys and mouse."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2

from signs_edge.edge.arrays import Image
from signs_edge.edge.display.freeze_frame import FreezeFrame
from signs_edge.edge.display.history import History
from signs_edge.edge.display.overlay import draw_overlay
from signs_edge.edge.display.tk_window import Window
from signs_edge.edge.errors import UsageError
from signs_edge.edge.prediction import NO_HAND
from signs_edge.edge.run.controls import Controls
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary

KEYS = "0 to 5, n: label; space: stop, go on; mouse: look there; a: find the hand; c: centre; m: mirror; s: snapshot; q: end"
"""What the keys do, for people."""
_NOTE_S = 2.0  # for which a note is shown
_GREEN = (80, 200, 80)  # BGR


class Viewer(Sink):
    """A sink that shows each frame in a window, and takes keys.

    A digit labels the frame that is shown, `n` says that it shows no hand. The space bar stops counting, while the last
    frame that was counted is shown, and goes on. A rectangle drawn with the mouse is where to look; `a` finds the hand in
    the whole frame again, `c` looks at the centre.
    `m` shows frames as a mirror would, or as they are again; what the model sees is never mirrored.
    `s` stores the window's picture as a PNG in the folder. Q, Escape and the closed window end the run.
    """

    def __init__(
        self,
        controls: Controls,
        end: Callable[[], None],
        folder: Path | None = None,
        mirrored: bool = False,
    ) -> None:
        """Open the window.

        Args:
            controls: of the run.
            end: called when the window is closed.
            folder: of snapshots; None: where the command runs.
            mirrored: whether frames are shown so at first.

        Raises:
            RuntimeMissingError: no window can be opened.
        """
        self._controls, self._end = controls, end
        self._folder, self._mirrored = folder or Path(), mirrored
        self._window = Window("signs-edge", self._key, self._drag)
        self._history, self._still = History(), FreezeFrame()
        self._shown: FrameResult | None = None
        self._view: Image | None = None
        self._note, self._note_until = KEYS, time.monotonic() + 2 * _NOTE_S

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Show a frame; whatever was pressed meanwhile is done."""
        self._history.add(result)
        result = self._still.shown(result)
        note = self._note if time.monotonic() < self._note_until else ""
        view = draw_overlay(result, summary, self._history.counts, note, self._mirrored)
        if view is not None:
            self._shown, self._view = result, view
            drawn = view
            if self._window.dragged is not None:
                drawn = view.copy()
                cv2.rectangle(drawn, self._window.dragged, _GREEN, 2)
            self._window.show(drawn)
        if self._window.closed:
            self._end()

    def close(self) -> None:
        """Take the window from the screen."""
        self._window.close()

    def _key(self, key: str) -> None:
        try:
            self._note = self._did(key)
        except UsageError as error:
            self._note = str(error)
        except OSError as error:
            self._note = f"no snapshot can be stored here ({error.strerror}): start the command in a folder of your own"
        if self._note:
            self._note_until = time.monotonic() + _NOTE_S

    def _did(self, key: str) -> str:
        """Do what a key asks, and say so."""
        label = {"n": NO_HAND}.get(key, key)
        if label in self._controls.labels.labels and self._shown is not None:
            self._controls.labels.give(self._shown, label)
            return f"labelled {label}"
        if key == " ":
            self._controls.pause.pause(not self._controls.pause.paused)
            return "stopped; space goes on" if self._controls.pause.paused else "counting"
        if key == "m":
            self._mirrored = not self._mirrored
            return "shown as in a mirror" if self._mirrored else "shown as it is"
        if key in ("a", "c"):
            self._controls.region.look({"a": "auto", "c": "center"}[key])
            return "looking for the hand" if key == "a" else "looking at the centre"
        if key == "s" and self._view is not None:
            return f"stored {self._store(self._view)}"
        return KEYS

    def _drag(self, x: int, y: int, width: int, height: int) -> None:
        """Look at a rectangle of the window's picture, which may be larger than the frame."""
        if self._shown is None or self._shown.frame.image is None or self._view is None:
            return
        if self._mirrored:
            x = self._view.shape[1] - x - width
        factor = self._view.shape[0] / self._shown.frame.image.shape[0]
        rows, columns = self._shown.frame.image.shape[:2]
        left, top = max(0, round(x / factor)), max(0, round(y / factor))
        right, bottom = min(columns, round((x + width) / factor)), min(rows, round((y + height) / factor))
        try:
            self._controls.region.look(f"{left},{top},{right - left},{bottom - top}")
            self._note = "looking there; a finds the hand again"
        except UsageError as error:
            self._note = str(error)
        self._note_until = time.monotonic() + _NOTE_S

    def _store(self, view: Image) -> str:
        """The picture as a PNG of its own, whole or not at all; its name. UsageError or OSError where it is not stored."""
        name = time.strftime("signs-edge-%Y%m%d-%H%M%S")
        path = self._folder / f"{name}-{time.monotonic_ns() % 1_000_000:06d}.png"
        done, encoded = cv2.imencode(".png", view)
        if not done:
            raise UsageError("no snapshot can be made of this picture")
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            temporary.write_bytes(encoded.tobytes())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        return path.name
