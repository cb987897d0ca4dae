"""What a person sees of `signs-edge run`: the window, and the page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signs_edge.edge.errors import RuntimeMissingError, UsageError

if TYPE_CHECKING:
    import socket
    from contextlib import ExitStack

    from signs_edge.edge.run.control import Control
    from signs_edge.edge.run.labelling import Labeller
    from signs_edge.edge.run.shadow import Shadow
    from signs_edge.edge.run.sink import Sink
    from signs_edge.edge.web.access import Access
    from signs_edge.edge.web.address import WebAddress


def open_window(
    stack: ExitStack,
    control: Control,
    labeller: Labeller,
    end: Callable[[], None],
    mirrored: bool,
    notice: Callable[[str], None],
) -> list[Sink]:
    """A window where there is a display, closed with the stack; else none, with a notice."""
    from signs_edge.edge.display.tk_window import has_display
    from signs_edge.edge.display.viewer import Viewer

    if not has_display():
        notice("no display here, running as with --headless")
        return []
    viewer = Viewer(control, labeller, end, mirrored=mirrored)
    stack.callback(viewer.close)
    return [viewer]


@dataclass(frozen=True)
class WebPlace:
    """Where the page will be, and who may look; nobody is answered yet.

    Attributes:
        listening: takes connections.
        access: who may look.
        address: to open, for people; without a token that a person gave, for that is known.
    """

    listening: socket.socket
    access: Access
    address: str


def asked_page(web: str | None, token: str | None) -> tuple[WebAddress, str | None] | None:
    """Where a page is asked for, and the token that was given for it; None where none is asked for.

    Raises:
        UsageError: the address or the token is not allowed.
        RuntimeMissingError: the extra is not installed.
    """
    if web is None:
        if token is not None:
            raise UsageError("--web-token is for a page: give --web [HOST:]PORT too, or leave it out")
        return None
    from importlib.util import find_spec

    from signs_edge.edge.web.access import checked_token
    from signs_edge.edge.web.address import WebAddress

    place = WebAddress.parse(web)
    given = checked_token(token) if token is not None else None
    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise RuntimeMissingError(f"--web needs {' and '.join(missing)}: pip install {' '.join(missing)}")
    return place, given


def listen_web(stack: ExitStack, web: str | None, token: str | None) -> WebPlace | None:
    """Take the port, closed with the stack, before anything else is opened; None where no page is asked for.

    Raises:
        UsageError: the address, the port or the token is not allowed.
        RuntimeMissingError: the extra is not installed.
    """
    asked = asked_page(web, token)
    if asked is None:
        return None
    from signs_edge.edge.web.access import Access, make_token

    place, given = asked
    listening = place.listen()
    stack.callback(listening.close)
    port = listening.getsockname()[1]
    known = given or (None if place.is_loopback else make_token())
    access = Access(place.names(), place.is_loopback, known, f"signs-edge-{port}")
    address = place.at(port)
    if given:
        address += "?token=... (the token that was given)"
    elif known:
        address += f"?token={known}"
    return WebPlace(listening, access, address)


def open_web(
    stack: ExitStack,
    place: WebPlace,
    control: Control,
    labeller: Labeller,
    watch: Shadow | None,
    mirrored: bool,
    notice: Callable[[str], None],
) -> list[Sink]:
    """The page at its place, ended with the stack; its address goes to the standard error."""
    from signs_edge.edge.web.link import WebLink

    link = WebLink(
        place.listening, place.access, control, labeller,
        lambda: watch.verdict if watch is not None else None, notice, mirrored,
    )  # fmt: skip
    stack.callback(link.close)
    print(f"page: {place.address}", file=sys.stderr, flush=True)
    return [link]
