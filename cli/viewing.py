"""What a person sees of `signs-edge run`: the window."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import ExitStack

    from signs_edge.edge.control import Control
    from signs_edge.edge.labelling import Labeller
    from signs_edge.edge.runner import Sink


def open_window(
    stack: ExitStack, control: Control, labeller: Labeller, end: Callable[[], None], mirrored: bool
) -> list[Sink]:
    """A window where there is a display, closed with the stack; else none, with a notice."""
    from signs_edge.edge.viewer import Viewer
    from signs_edge.edge.window import has_display

    if not has_display():
        print("notice: no display here, running as with --headless", file=sys.stderr)
        return []
    viewer = Viewer(control, labeller, end, mirrored=mirrored)
    stack.callback(viewer.close)
    return [viewer]
