"""The page of a run as an ASGI app: what is shown, and what a person can do about it.

GET /                     the page, and its files
GET /frame?after=N        a JPEG of a frame that is not number N, with its state in the header `signs-edge-state`;
                          waits for one; 204 where none comes, or one without a picture
GET /state                the state of the next frame as JSON
GET /stream.mjpg          Motion JPEG
POST /pause /look /label  {"paused": true}, {"roi": "auto"}, {"frame": N, "label": "3"}: {"done": TEXT} or
                          {"refused": TEXT} with status 409
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from importlib import resources
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from signs_edge.edge.web.access import Access, Guard
from signs_edge.edge.web.server.feed import Feed, Shown

STATE = "signs-edge-state"
"""The header that carries a frame's state."""
_WAIT_S = 8.0  # for a newer frame
_FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/picture.js": ("picture.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


def make_app(feed: Feed, access: Access) -> Guard:
    """The app of a feed, behind its guard. Its files are read once, so no path of a request ever meets a folder."""
    folder = resources.files("signs_edge.edge.web.server").joinpath("static")
    files = {path: (folder.joinpath(name).read_bytes(), kind) for path, (name, kind) in _FILES.items()}

    def file(request: Request) -> Response:
        content, kind = files[request.url.path]
        return Response(content, media_type=kind)

    async def frame(request: Request) -> Response:
        text = request.query_params.get("after", "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 16):
            return PlainTextResponse("after is a number of a frame\n", 400)
        shown = await feed.newer(int(text) if text else None, _WAIT_S)
        if shown is None:
            return Response(status_code=204)
        headers = {STATE: shown.state}
        if not shown.picture:
            return Response(status_code=204, headers=headers)
        return Response(shown.picture, media_type="image/jpeg", headers=headers)

    async def state(_request: Request) -> Response:
        shown = await feed.newer(feed.number, _WAIT_S)
        if shown is None:
            return JSONResponse({"refused": "no frame came"}, 503)
        return Response(shown.state, media_type="application/json")

    async def stream(_request: Request) -> Response:
        return StreamingResponse(_parts(feed), media_type="multipart/x-mixed-replace; boundary=frame")

    async def pause(request: Request) -> Response:
        paused = _object(request).get("paused")
        return await _obeyed(feed, {"pause": paused} if isinstance(paused, bool) else None)

    async def look(request: Request) -> Response:
        roi = _object(request).get("roi")
        return await _obeyed(feed, {"look": roi} if isinstance(roi, str) and len(roi) <= 40 else None)

    async def label(request: Request) -> Response:
        told = _object(request)
        number, name = told.get("frame"), told.get("label")
        right = type(number) is int and 0 <= number < 2**53 and isinstance(name, str) and len(name) <= 40
        return await _obeyed(feed, {"label": name, "frame": number} if right else None)

    routes = [Route(path, file) for path in files]
    routes += [Route("/frame", frame), Route("/state", state), Route("/stream.mjpg", stream)]
    routes += [Route(f"/{each.__name__}", each, methods=["POST"]) for each in (pause, look, label)]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return Guard(app, access)


async def _parts(feed: Feed) -> AsyncIterator[bytes]:
    """Frames with a picture, for as long as they are taken."""
    shown: Shown | None = None
    while True:
        shown = await feed.newer(shown.number if shown else None, _WAIT_S) or shown
        if shown is not None and shown.picture:
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(shown.picture)}\r\n\r\n"
            yield head.encode() + shown.picture + b"\r\n"


def _object(request: Request) -> dict[str, Any]:
    """The JSON object of a request; empty where it is none."""
    try:
        told = json.loads(request.scope["body"])
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


async def _obeyed(feed: Feed, told: dict[str, Any] | None) -> Response:
    """The answer to a command; None is one that was not understood."""
    if told is None:
        return JSONResponse({"refused": "not understood"}, 400)
    answer = await feed.command(told)
    return JSONResponse(answer, 200 if "done" in answer else 409)
