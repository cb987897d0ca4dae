"""Fixture: an HTTP camera on this machine."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np
import pytest


class CameraServer:
    """An HTTP camera on this machine: streams `frames` as MJPEG at /stream, then closes or, with `stall`, says no more.

    With `login`, such as "me:secret", it wants that first.
    """

    def __init__(self, frames: list[np.ndarray], stall: bool = False, login: str = "") -> None:
        self.parts = [cv2.imencode(".jpg", frame)[1].tobytes() for frame in frames]
        self.stall = stall
        self.over = threading.Event()
        self.paths: list[str] = []  # as asked for
        allowed = f"Basic {base64.b64encode(login.encode()).decode()}" if login else None
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.paths.append(self.path)
                if allowed and self.headers["Authorization"] != allowed:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if not self.path.startswith("/stream"):
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                for part in camera.parts:
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(part)}\r\n\r\n"
                    self.wfile.write(head.encode() + part + b"\r\n")
                if camera.stall:
                    camera.over.wait()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def serve_camera() -> Iterator[Callable[..., CameraServer]]:
    """A function that starts a `CameraServer` of its arguments."""
    started: list[CameraServer] = []

    def serve(frames: list[np.ndarray], **options: Any) -> CameraServer:
        started.append(CameraServer(frames, **options))
        return started[-1]

    yield serve
    for server in started:
        server.close()
