"""What a person sees of a run: the window, and the page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signs_edge.edge.errors import RuntimeMissingError, UsageError

if TYPE_CHECKING:
    import socket

    from signs_edge.edge.drift.verdict import Verdict
    from signs_edge.edge.run.controls import Controls
    from signs_edge.edge.run.sink import Sink
    from signs_edge.edge.session.settings import RunSettings
    from signs_edge.edge.web.access import Access
    from signs_edge.edge.web.address import WebAddress


@dataclass(frozen=True)
class PageRequest:
    """A page that is asked for: its address, and the token that was given for it; None: none was given."""

    address: WebAddress
    token: str | None


@dataclass(frozen=True)
class ListeningPage:
    """A page whose port is taken; no viewer is answered yet.

    Attributes:
        listening: takes connections.
        access: who may look.
        address: to open, for people; without a token that a person gave, for that is known.
    """

    listening: socket.socket
    access: Access
    address: str


def requested_page(settings: RunSettings) -> PageRequest | None:
    """The page that some settings ask for; None where they ask for none.

    Raises:
        UsageError: the address or the token is not allowed.
        RuntimeMissingError: the extra is not installed.
    """
    if settings.web is None:
        if settings.web_token is not None:
            raise UsageError("--web-token is for a page: give --web [HOST:]PORT too, or leave it out")
        return None
    from importlib.util import find_spec

    from signs_edge.edge.web.access import checked_token
    from signs_edge.edge.web.address import WebAddress

    address = WebAddress.parse(settings.web)
    given = checked_token(settings.web_token) if settings.web_token is not None else None
    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise RuntimeMissingError(f"--web needs {' and '.join(missing)}: pip install {' '.join(missing)}")
    return PageRequest(address, given)


def listen(stack: ExitStack, page: PageRequest) -> ListeningPage:
    """Take the port of a page, given back with the stack; UsageError where it cannot be had."""
    from signs_edge.edge.web.access import Access, make_token

    place = page.address
    listening = place.listen()
    stack.callback(listening.close)
    port = listening.getsockname()[1]
    token = page.token or (None if place.is_loopback else make_token())
    access = Access(place.names(), place.is_loopback, token, f"signs-edge-{port}")
    address = place.at(port)
    if page.token:
        address += "?token=... (the token that was given)"
    elif token:
        address += f"?token={token}"
    return ListeningPage(listening, access, address)


def open_window(
    controls: Controls, end: Callable[[], None], mirrored: bool, notice: Callable[[str], None]
) -> Sink | None:
    """The window of a run where there is a display; else None, and a notice says so."""
    from signs_edge.edge.display.tk_window import has_display
    from signs_edge.edge.display.viewer import Viewer

    if not has_display():
        notice("no display here, running as with --headless")
        return None
    return Viewer(controls, end, mirrored=mirrored)


def open_page(
    page: ListeningPage,
    controls: Controls,
    verdict: Callable[[], Verdict | None],
    mirrored: bool,
    notice: Callable[[str], None],
) -> Sink:
    """The page of a run, served from now on."""
    from signs_edge.edge.web.link import WebLink

    return WebLink(page.listening, page.access, controls, verdict, notice, mirrored)
