"""The window, on a real display (Xvfb's, where there is one), and the messages where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from waiting import comes_true

from signs_edge.edge.display.tk_window import Window, has_display
from signs_edge.edge.errors import RuntimeMissingError

tkinter = pytest.importorskip("tkinter", reason="this Python has no Tk")


@pytest.fixture
def window(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("DISPLAY", display)
    window = Window("a test")
    yield window
    window.close()


def picture(colour: tuple[int, int, int]) -> np.ndarray:
    """200 × 300 pixels of one BGR colour, and in the corner a black mark."""
    image = np.full((200, 300, 3), colour, np.uint8)
    image[:20, :20] = 0
    return image


@pytest.mark.display
def test_shows_what_it_is_given(window: Window) -> None:
    window.show(picture((10, 20, 250)))
    shown = window._picture

    assert (shown.width(), shown.height()) == (300, 200)
    assert shown.get(100, 100) == (250, 20, 10)  # RGB
    assert shown.get(5, 5) == (0, 0, 0)
    window.show(picture((250, 20, 10)))
    assert shown.get(100, 100) == (10, 20, 250)
    assert window._view.winfo_viewable()
    assert window._root.title() == "a test"


@pytest.mark.display
def test_takes_the_size_of_the_picture(window: Window) -> None:
    for size in ((200, 300), (480, 640)):
        window.show(np.zeros((*size, 3), np.uint8))
        window._root.update()
        assert (window._root.winfo_height(), window._root.winfo_width()) == size


@pytest.mark.display
@pytest.mark.parametrize("event", ["<q>", "<Escape>", "WM_DELETE_WINDOW"])
def test_closes_when_it_is_told_to(window: Window, event: str) -> None:
    window.show(picture((1, 2, 3)))
    assert not window.closed

    if event.startswith("<"):
        focus(window)
        window._root.event_generate(event)
    else:
        window._root.tk.call(window._root.protocol(event))

    window.show(picture((1, 2, 3)))  # nothing, and no error
    assert window.closed
    window.close()  # nothing, and no error


def focus(window: Window) -> None:
    """Until the window has the keyboard: no window manager gives it here."""
    window.show(picture((1, 2, 3)))
    window._root.focus_force()
    comes_true(lambda: window._root.update() or window._root.focus_get(), 5)


@pytest.mark.display
@pytest.mark.parametrize("releases", [True, False])  # X11 tells of some at each repeat, macOS and Windows do not
def test_a_held_key_is_pressed_once(display: str, monkeypatch: pytest.MonkeyPatch, releases: bool) -> None:
    monkeypatch.setenv("DISPLAY", display)
    keys: list[str] = []
    window = Window("a test", keys.append)
    focus(window)
    for at in (1000, 1660, 1700, 1740):
        if releases and at > 1000:
            window._root.event_generate("<KeyRelease-3>", time=at)
        window._root.event_generate("<KeyPress-3>", time=at)
    assert keys == ["3"]

    window._root.event_generate("<KeyPress-4>", time=1750)
    window._root.event_generate("<KeyRelease-3>", time=1780)
    window._root.event_generate("<KeyPress-3>", time=1900)
    assert keys == ["3", "4", "3"]

    window._root.event_generate("<FocusOut>")  # held, and let go over another window
    window._root.event_generate("<KeyPress-3>", time=9000)
    assert keys == ["3", "4", "3", "3"]
    window.close()


@pytest.mark.display
def test_a_display_is_there_where_it_is_named(window: Window) -> None:
    assert has_display()


def test_no_display_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    assert not has_display()
    monkeypatch.setenv("DISPLAY", "")
    assert not has_display()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert has_display()


def test_a_display_that_does_not_answer_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":98765")

    with pytest.raises(RuntimeMissingError, match=r"no window can be opened .*:98765.*: run with --headless") as caught:
        Window("a test")
    assert "\n" not in str(caught.value)


def test_python_without_tk_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tkinter", None)

    with pytest.raises(RuntimeMissingError, match="apt install python3-tk, or run with --headless"):
        Window("a test")
