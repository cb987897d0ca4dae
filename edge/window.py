"""A window on the screen, through Tk, which comes with Python.

OpenCV's own windows are not there in its headless build, and the other build does not import on a bare Debian.
"""

from __future__ import annotations

import os
import sys

import cv2

from signs_edge.edge.errors import RuntimeMissingError
from signs_edge.edge.images import Image


def has_display() -> bool:
    """Whether a window could be opened: always on macOS and Windows, elsewhere where an X display is named."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY"))


class Window:
    """Shows frames until it is closed, or until Q or Escape is pressed in it."""

    def __init__(self, title: str) -> None:
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
        self.closed = False

    def show(self, image: Image) -> None:
        """Put a (height, width, 3) uint8 BGR picture on the screen; nothing once the window is closed."""
        if self.closed:
            return
        encoded, data = cv2.imencode(".ppm", image)
        if encoded:
            self._picture.configure(data=data.tobytes(), format="ppm")
        self._root.update()

    def close(self) -> None:
        """Take the window from the screen."""
        if not self.closed:
            self.closed = True
            self._root.destroy()
