"""Real servers, HTTP and RTSP, stopped and started again while they are watched."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest

from signs_edge.edge.cameras.config import LiveConfig
from signs_edge.edge.cameras.devices.scripted import picture
from signs_edge.edge.cameras.watchdog import WatchConfig
from signs_edge.edge.errors import SourceError
from signs_edge.edge.sources.open import open_source

SYSTEM_PYTHON = "/usr/bin/python3"  # has Debian's GObject bindings, which no package index has
SERVE_RTSP = str(Path(__file__).parent / "rtsp_server.py")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MjpegServer:
    """An HTTP camera at a port that stays its own: pictures at 30 a second, `at(n)` gives the n-th as bytes."""

    def __init__(self, port: int, at: Callable[[int], bytes]) -> None:
        self.over = over = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                number = 0
                while not over.wait(1 / 30):
                    part = at(number)
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(part)}\r\n\r\n"
                    try:
                        self.wfile.write(head.encode() + part + b"\r\n")
                    except OSError:
                        return
                    number += 1

            def log_message(self, *_: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


def jpeg(number: int) -> bytes:
    return cv2.imencode(".jpg", picture(number))[1].tobytes()


@pytest.fixture
def serve_mjpeg() -> Iterator[Callable[..., MjpegServer]]:
    started: list[MjpegServer] = []

    def serve(port: int, at: Callable[[int], bytes] = jpeg) -> MjpegServer:
        started.append(MjpegServer(port, at))
        return started[-1]

    yield serve
    for server in started:
        server.close()


def test_an_http_server_that_goes_and_comes_back(watch, serve_mjpeg) -> None:
    port = free_port()
    servers = [serve_mjpeg(port)]
    returned = []

    def stop_and_start(seen) -> bool:
        if len(seen.pictures) == 5 and not returned and not servers[0].over.is_set():
            servers[0].close()
        if len(seen.frames) - len(seen.pictures) == 3 and not returned:  # after a second or two of absence
            returned.append(len(seen.frames))
            servers.append(serve_mjpeg(port))
        return "back" in seen.events

    seen = watch(f"http://127.0.0.1:{port}/stream", stop_and_start)

    assert seen.events == ["lost", "back"]
    assert seen.frames[-1].image.shape == (120, 160, 3)


def test_an_http_server_that_falls_silent_without_a_word(watch, serve_mjpeg) -> None:
    """As after a power cut: the connection is there and nothing comes."""
    silent, lost = threading.Event(), threading.Event()

    def at(number: int) -> bytes:
        if number == 20 and not silent.is_set():
            silent.set()
            lost.wait(60)
        return jpeg(number)

    def lost_and_back(seen) -> bool:
        if "lost" in seen.events:
            lost.set()
        return "back" in seen.events

    serve_mjpeg(port := free_port(), at)
    live = LiveConfig(WatchConfig(stalled_after=1.0))

    seen = watch(f"http://127.0.0.1:{port}/stream", lost_and_back, live)

    assert seen.events == ["lost", "back"]
    assert lost.is_set()


def test_an_http_camera_that_changes_its_size_in_mid_stream(watch, serve_mjpeg) -> None:
    def at(number: int) -> bytes:
        return jpeg(number) if number < 20 else cv2.imencode(".jpg", picture(number, (96, 128)))[1].tobytes()

    serve_mjpeg(port := free_port(), at)

    seen = watch(f"http://127.0.0.1:{port}/stream", lambda seen: bool(seen.frames) and len(seen.frames) >= 40)

    assert seen.frames[0].image.shape == (120, 160, 3)
    assert {frame.image.shape for frame in seen.pictures} <= {(120, 160, 3), (96, 128, 3)}
    assert [event for event in seen.events if event not in ("lost", "back")] == []


def test_a_slow_reader_of_an_http_stream_is_not_led_through_old_pictures(serve_mjpeg) -> None:
    served, more = [0], threading.Event()

    def at(number: int) -> bytes:
        served[0] = number
        more.set()
        return jpeg(number)

    serve_mjpeg(port := free_port(), at)
    dropped = 0
    with open_source(f"http://127.0.0.1:{port}/stream") as frames:
        next(frames)
        for _ in range(4):
            wanted = served[0] + 45
            while served[0] < wanted:
                more.clear()
                assert more.wait(60)
            dropped += next(frames).dropped

    assert dropped >= 45  # at least a fourth of what came


def has_rtsp_server() -> bool:
    if not Path(SYSTEM_PYTHON).exists():
        return False
    asked = "import gi; gi.require_version('GstRtspServer', '1.0')"
    return subprocess.run([SYSTEM_PYTHON, "-c", asked], capture_output=True).returncode == 0


needs_rtsp = pytest.mark.skipif(
    not has_rtsp_server(),
    reason="no GStreamer RTSP server: apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good",
)


@pytest.fixture
def serve_rtsp() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def serve(port: int, *login: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [SYSTEM_PYTHON, SERVE_RTSP, str(port), *login], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield serve
    for process in started:
        process.kill()
        process.communicate()


@needs_rtsp
def test_an_rtsp_server_that_goes_and_comes_back(watch, serve_rtsp) -> None:
    port = free_port()
    servers = [serve_rtsp(port)]

    def stop_and_start(seen) -> bool:
        if len(seen.pictures) == 5 and len(servers) == 1:
            servers[0].kill()
            servers[0].wait()
        if seen.events == ["lost"] and len(servers) == 1:
            servers.append(serve_rtsp(port))
        return "back" in seen.events and len(seen.pictures) >= 10

    seen = watch(f"rtsp://127.0.0.1:{port}/hand", stop_and_start)

    assert seen.events == ["lost", "back"]
    assert {frame.image.shape for frame in seen.pictures} == {(240, 320, 3)}


@needs_rtsp
def test_the_password_of_an_rtsp_server_is_used_and_kept(watch, serve_rtsp) -> None:
    port = free_port()
    servers = [serve_rtsp(port, "me", "hunter2")]

    def stop(seen) -> bool:
        if len(seen.pictures) == 3:
            servers[0].kill()
        return "lost" in seen.events

    seen = watch(f"rtsp://me:hunter2@127.0.0.1:{port}/hand", stop)

    assert {frame.source for frame in seen.frames} == {f"rtsp://***@127.0.0.1:{port}/hand"}
    assert seen.notices
    assert "hunter2" not in "".join(seen.notices)
    serve_rtsp(port, "me", "hunter2")
    with open_source(f"rtsp://me:wrong1@127.0.0.1:{port}/hand") as frames, pytest.raises(SourceError) as caught:
        next(frames)
    assert "wrong1" not in str(caught.value)
