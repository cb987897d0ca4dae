"""A window on the screen, through Tk, which comes with Python.

OpenCV's own windows are not there in its headless build, and the other build does not import on a bare Debian.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import RuntimeMissingError

if TYPE_CHECKING:
    import tkinter

_CLICK = 8  # pixels; a smaller rectangle is a click
_REPEAT_MS = 20  # a held key is let go and pressed again by X11 at once, faster than a finger can


def has_display() -> bool:
    """Whether a window could be opened: always on macOS and Windows, elsewhere where an X display is named."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY"))


class Window:
    """Shows frames until it is closed, or until Q or Escape is pressed in it.

    Keys and the mouse are seen while a picture is shown: `on_key` gets a key's character, once however long it is
    held, `on_drag` a rectangle that was drawn, as x, y, width, height in pixels of the picture.
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
        self._held: set[int] = set()
        self._let_go: dict[int, int] = {}  # the time of each key's last release, in milliseconds
        self._root.bind("<KeyPress>", self._key_down)
        self._root.bind("<KeyRelease>", self._key_up)
        self._root.bind("<FocusOut>", lambda _event: self._held.clear())  # the release goes to another window
        self._on_key, self._on_drag = on_key, on_drag
        self._corner: tuple[int, int] | None = None
        self.dragged: tuple[int, int, int, int] | None = None
        """The rectangle that is being drawn: x, y, width, height; None while none is."""
        self._view.bind("<ButtonPress-1>", self._press)
        self._view.bind("<B1-Motion>", self._move)
        self._view.bind("<ButtonRelease-1>", self._release)
        self.closed = False
        self._updating = False

    def show(self, image: Image) -> None:
        """Put a (height, width, 3) uint8 BGR picture on the screen; nothing once the window is closed."""
        if self.closed:
            return
        encoded, data = cv2.imencode(".ppm", image)
        if encoded:
            self._picture.configure(data=data.tobytes(), format="ppm")
        self._updating = True
        try:
            self._root.update()  # calls what keys and mouse are bound to, which may close the window
        finally:
            self._updating = False
        self._free_if_closed()

    def _free_if_closed(self) -> None:
        if self.closed:
            self._free()

    def _key_down(self, event: tkinter.Event[Any]) -> None:
        gone = event.time - self._let_go.get(event.keycode, event.time - _REPEAT_MS - 1)
        repeated = event.keycode in self._held or 0 <= gone <= _REPEAT_MS
        self._held.add(event.keycode)
        if event.char and not repeated:
            self._on_key(event.char)

    def _key_up(self, event: tkinter.Event[Any]) -> None:
        self._held.discard(event.keycode)
        self._let_go[event.keycode] = event.time

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
        if self.closed:
            return
        self.closed = True
        self._root.destroy()
        if not self._updating:
            self._free()

    def _free(self) -> None:
        """Free Tk's objects in this thread: freed by a garbage collector in another one, they abort the process."""
        del self._picture, self._view, self._root
        gc.collect()  # they refer to one another
