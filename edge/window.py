"""A window on the screen, through Tk, which comes with Python.

OpenCV's own windows are not there in its headless build, and the other build does not import on a bare Debian.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2

from signs_edge.edge.errors import RuntimeMissingError
from signs_edge.edge.images import Image

if TYPE_CHECKING:
    import tkinter

_CLICK = 8  # pixels; a smaller rectangle is a click


def has_display() -> bool:
    """Whether a window could be opened: always on macOS and Windows, elsewhere where an X display is named."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY"))


class Window:
    """Shows frames until it is closed, or until Q or Escape is pressed in it.

    Keys and the mouse are seen while a picture is shown: `on_key` gets a key's character, `on_drag` a rectangle that was
    drawn, as x, y, width, height in pixels of the picture.
    """

    def __init__(
        self,
        title: str,
        on_key: Callable[[str], None] = lambda _key: None,
        on_drag: Callable[[int, int, int, int], None] = lambda _x, _y, _width, _height: None,
    ) -> None:
        try:
            import tkinter
        except ImportError:
            raise RuntimeMissingError(
                "Python has no Tk here, which draws the window: sudo apt install python3-tk, or run with --headless"
            ) from None
        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as error:
            raise RuntimeMissingError(f"no window can be opened ({error}): run with --headless") from None
        self._root.title(title)
        self._root.protocol("WM_DELETE_WINDOW", self.close)
        for key in ("<q>", "<Escape>"):
            self._root.bind(key, lambda _event: self.close())
        self._picture = tkinter.PhotoImage(master=self._root)
        self._view = tkinter.Label(self._root, image=self._picture, borderwidth=0)
        self._view.pack()
        self._root.bind("<Key>", lambda event: on_key(event.char) if event.char else None)
        self._on_drag = on_drag
        self._corner: tuple[int, int] | None = None
        self.dragged: tuple[int, int, int, int] | None = None
        """The rectangle that is being drawn: x, y, width, height; None while none is."""
        self._view.bind("<ButtonPress-1>", self._press)
        self._view.bind("<B1-Motion>", self._move)
        self._view.bind("<ButtonRelease-1>", self._release)
        self.closed = False

    def show(self, image: Image) -> None:
        """Put a (height, width, 3) uint8 BGR picture on the screen; nothing once the window is closed."""
        if self.closed:
            return
        encoded, data = cv2.imencode(".ppm", image)
        if encoded:
            self._picture.configure(data=data.tobytes(), format="ppm")
        self._root.update()

    def _press(self, event: tkinter.Event[Any]) -> None:
        self._corner = event.x, event.y

    def _move(self, event: tkinter.Event[Any]) -> None:
        if self._corner is not None:
            x, y = self._corner
            self.dragged = min(x, event.x), min(y, event.y), abs(event.x - x), abs(event.y - y)

    def _release(self, event: tkinter.Event[Any]) -> None:
        self._move(event)
        drawn, self._corner, self.dragged = self.dragged, None, None
        if drawn is not None and min(drawn[2:]) >= _CLICK:
            self._on_drag(*drawn)

    def close(self) -> None:
        """Take the window from the screen."""
        if not self.closed:
            self.closed = True
            self._root.destroy()
