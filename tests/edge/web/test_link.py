"""The page's process, over real sockets: what it serves, what it withstands, and that the loop never waits for it."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from running import controls
from waiting import wait_for_end, wait_until

from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.prediction import NO_HAND_FOUND
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.util import child_process
from signs_edge.edge.util.backoff import Backoff
from signs_edge.edge.util.child_process import ChildLost
from signs_edge.edge.web import link as web_link
from signs_edge.edge.web.access import Access
from signs_edge.edge.web.address import WebAddress
from signs_edge.edge.web.link import WebLink
from signs_edge.edge.web.server.limits import MOST, MOST_OF_ONE
from signs_edge.edge.web.server.process import NICE
from signs_edge.edge.web.server_process import ServerProcess
from signs_edge.edge.web.view import View

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
STEP = 20  # of brightness from one frame to the next, beyond what JPEG changes


class Six:
    labels = ("0", "1", "2", "3", "4", "5")

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        raise AssertionError("no model is asked")


class Run:
    """A run without a model: frames as bright as their number says, some 60 a second, and its page."""

    def __init__(self, patience_s: float = 1.0) -> None:
        self.controls = controls()
        self.given: list[tuple[int, str | None]] = []
        self.notices: list[str] = []
        listening = WebAddress.parse("0").listen()
        self.port = listening.getsockname()[1]
        access = Access(("localhost",), loopback=True)
        self.link = WebLink(listening, access, self.controls, notice=self.notices.append, patience_s=patience_s)
        self.over = threading.Event()
        self.counted = 0
        self.another = threading.Event()  # frame was counted
        self.loop = threading.Thread(target=self._count, daemon=True)
        self.loop.start()

    def _count(self) -> None:
        summary = RunSummary()
        for index in range(10**9):
            if self.over.wait(1 / 60):
                return
            image, paused = np.full((48, 64, 3), index % 10 * STEP, np.uint8), self.controls.pause.paused
            state = FrameState.PAUSED if paused else FrameState.OK
            frame = Frame(index, image, "camera", captured=time.monotonic(), state=state)
            result = FrameResult(frame, *((None, None, None) if paused else (NO_HAND_FOUND, index % 6, 1.0)))
            summary.frames += 1
            self.link.frame(result, summary)
            self.given += [(one.frame.index, one.frame.label) for one in self.controls.labels.take()]
            self.counted += 1
            self.another.set()

    def count_on(self, frames: int) -> None:
        """Return once so many more frames have been counted."""
        until = self.counted + frames
        while self.counted < until:
            self.another.clear()
            assert self.another.wait(60)

    def close(self) -> None:
        self.over.set()
        self.loop.join()
        self.link.close()

    def ask(self, method: str, path: str, told: object = None) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/json"}
            connection.request(
                method, path, None if told is None else json.dumps(told), headers if told is not None else {}
            )
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def frame(self, after: int | None = None) -> tuple[dict, np.ndarray]:
        """The state and the picture of a frame."""
        status, headers, body = self.ask("GET", "/frame" + (f"?after={after}" if after else ""))
        assert status == 200
        return json.loads(headers["signs-edge-state"]), cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)

    def raw(self, sent: bytes, patience: float = 60.0) -> bytes:
        """All that comes back on a connection of its own until it is closed."""
        with socket.create_connection(("127.0.0.1", self.port), patience) as one:
            answer = b""
            with suppress(ConnectionError):  # cut, and not only closed
                one.sendall(sent)
                while more := one.recv(65536):
                    answer += more
            return answer


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """One that the tests share."""
    run = Run()
    yield run
    run.close()


@pytest.fixture
def own() -> Iterator[Run]:
    """One that a test has for itself."""
    run = Run()
    yield run
    run.close()


def test_state_and_picture_belong_together_and_each_frame_is_newer(run: Run) -> None:
    last, number = -1, None
    for _ in range(8):
        state, picture = run.frame(number)
        assert abs(int(picture.mean()) - state["frame"] % 10 * STEP) < STEP / 4
        assert state["frame"] > last
        assert state["number"] != number
        last, number = state["frame"], state["number"]
    assert state["history"][-1] == state["count"] == last % 6
    assert state["age_ms"] >= 0
    assert state["labels"] == [*Six.labels, "none"]


def test_a_label_reaches_the_frame_that_is_seen(run: Run) -> None:
    state, _ = run.frame()

    status, _, body = run.ask("POST", "/label", {"frame": state["number"], "label": "4"})

    assert (status, json.loads(body)) == (200, {"done": "labelled 4"})
    wait_until(lambda: run.given)
    assert run.given == [(state["frame"], "4")]
    status, _, body = run.ask("POST", "/label", {"frame": state["number"] - 100, "label": "4"})
    assert (status, json.loads(body)) == (409, {"refused": "that frame is too old: label one that is shown"})


def test_stop_go_on_and_look(run: Run) -> None:
    number = run.frame()[0]["number"]
    assert run.ask("POST", "/pause", {"paused": True})[0] == 200
    assert run.controls.pause.paused
    assert run.frame(number)[0]["paused"] is True
    run.ask("POST", "/pause", {"paused": False})
    run.ask("POST", "/look", {"roi": "auto"})
    assert (run.controls.pause.paused, run.controls.region.roi) == (False, "auto")


def test_while_paused_the_last_counted_frame_is_shown_and_takes_the_label(own: Run) -> None:
    number = own.frame()[0]["number"]
    own.ask("POST", "/pause", {"paused": True})
    state, picture = own.frame(number)
    while state["state"] != "paused":
        state, picture = own.frame(state["number"])
    later, _ = own.frame(state["number"])

    _, _, body = own.ask("POST", "/label", {"frame": later["number"], "label": "4"})

    assert json.loads(body) == {"done": "labelled 4"}
    assert later["frame"] == state["frame"]
    assert (later["count"], later["raw_count"], later["confidence"]) == (None, None, None)
    assert abs(int(picture.mean()) - state["frame"] % 10 * STEP) < STEP / 4
    wait_until(lambda: own.given)
    assert own.given == [(state["frame"], "4")]


def test_the_stream_for_other_programs(run: Run) -> None:
    stream = cv2.VideoCapture(f"http://127.0.0.1:{run.port}/stream.mjpg")
    pictures = [stream.read() for _ in range(3)]
    stream.release()

    assert all(done and picture.shape == (48, 64, 3) for done, picture in pictures)


def test_more_commands_than_a_person_gives_are_refused(own: Run) -> None:
    answers = [own.ask("POST", "/look", {"roi": "center"}) for _ in range(30)]

    assert {status for status, _, _ in answers} == {200, 409}
    assert json.loads(answers[-1][2]) == {"refused": "too much at once, try again"}


def test_nothing_is_encoded_or_kept_where_nobody_looks(own: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[View] = []
    monkeypatch.setattr(View, "jpeg", lambda view: encoded.append(view) or b"x")
    own.count_on(60)
    assert (encoded, len(own.link.shown), own.link._newest) == ([], 0, None)

    own.ask("GET", "/frame")
    assert len(encoded) == 1
    own.count_on(30)
    assert len(encoded) == 1
    assert own.link._newest is None


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_the_process_is_small_nice_and_without_image_library_or_model(run: Run) -> None:
    run.frame()
    assert run.link.pid is not None

    libraries = Path(f"/proc/{run.link.pid}/maps").read_text()

    assert not any(name in libraries for name in ("cv2", "numpy", "litert", "tensorflow"))
    assert os.getpriority(os.PRIO_PROCESS, run.link.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICE)
    assert os.getpgid(run.link.pid) != os.getpgid(0)  # Ctrl-C is not for it
    assert os.getsid(run.link.pid) == os.getsid(0)  # or autogroups would undo the niceness
    resident = int(Path(f"/proc/{run.link.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert resident < 80e6


def test_a_killed_process_is_told_and_started_again_on_the_same_port(own: Run) -> None:
    own.frame()
    first = own.link.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    wait_until(lambda: own.link.pid not in (None, first))

    assert own.frame()[0]["frame"] > 0
    assert own.notices == ["the page's process was ended by signal 9; it is started again, and counting goes on"]


def test_a_stuck_process_makes_nobody_wait_and_is_replaced(own: Run) -> None:
    own.frame()
    child = own.link._child
    assert child is not None
    child.silent_s = 3600.0
    os.kill(child.pid, signal.SIGSTOP)

    own.count_on(60)
    assert own.link.pid == child.pid
    child.silent_s = 0.1
    wait_until(lambda: own.link.pid not in (None, child.pid))

    assert own.frame()[0]["frame"] > 0
    assert len(own.notices) == 1
    assert "said nothing for 0.1 s" in own.notices[0]


@pytest.mark.parametrize("stopped", [False, True])
def test_closing_leaves_no_process_behind(stopped: bool) -> None:
    run = Run()
    run.frame()
    pid = run.link.pid
    assert pid is not None
    with socket.create_connection(("127.0.0.1", run.port)):  # somebody still looks
        if stopped:
            os.kill(pid, signal.SIGSTOP)
        run.close()

    wait_for_end(pid)
    assert run.notices == []


def test_closing_ends_the_threads_also_while_a_process_waits_to_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process.sys, "executable", "/bin/false")
    monkeypatch.setattr(web_link, "Backoff", lambda *_: Backoff(60.0, 60.0))
    run = Run()
    wait_until(lambda: run.notices)

    run.close()

    assert not any(thread.is_alive() for thread in run.link._threads)


def test_a_frame_that_cannot_be_shown_is_told_and_the_next_one_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = Run(patience_s=10.0)
    number = own.frame()[0]["number"]
    jpeg, failures = View.jpeg, [ZeroDivisionError("of a test")] * 2

    def fail_twice(view: View) -> bytes:
        if failures:
            raise failures.pop()
        return jpeg(view)

    monkeypatch.setattr(View, "jpeg", fail_twice)
    try:
        assert own.frame(number)[0]["number"] > number
    finally:
        own.close()
    assert own.notices == ["the page could not show a frame (ZeroDivisionError('of a test')); counting goes on"]
    assert failures == []


def test_a_command_that_fails_is_told_and_the_next_one_is_obeyed(own: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(own.controls.pause, "pause", lambda _paused: 1 / 0)
        status, _, body = own.ask("POST", "/pause", {"paused": True})

    assert (status, json.loads(body)) == (409, {"refused": "that failed: the run's standard error says why"})
    assert own.notices == ["what the page asked for failed (ZeroDivisionError('division by zero')); counting goes on"]
    own.ask("POST", "/pause", {"paused": True})
    assert own.controls.pause.paused


def test_slow_requests_are_cut(run: Run) -> None:
    run.frame()

    assert run.raw(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ") == b""
    assert run.raw(b"") == b""
    body = b"POST /pause HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Type: application/json\r\n"
    assert run.raw(body + b"Content-Length: 500\r\n\r\n{") == b""

    assert not run.controls.pause.paused


def is_cut(one: socket.socket, sent: bytes) -> bool:
    """Whether a connection is cut, in a minute, while something is sent on it again and again."""
    one.setblocking(False)
    poll = select.poll()
    poll.register(one, select.POLLRDHUP)
    rest = b""
    for _ in range(1200):
        rest = rest or sent  # whole requests: half of one would be refused
        with suppress(BlockingIOError, ConnectionError):
            rest = rest[one.send(rest) :]
        if poll.poll(50):
            return True
    return False


def test_a_dripping_request_is_cut_too(run: Run) -> None:
    run.frame()
    with socket.create_connection(("127.0.0.1", run.port), 10) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")

        assert is_cut(one, b"X: 1\r\n")


def test_a_viewer_that_takes_nothing_is_cut(run: Run) -> None:
    run.frame()
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one.connect(("127.0.0.1", run.port))

        assert is_cut(one, b"GET /page.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50)
    run.frame()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404),
        (b"GET //etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404),
        (b"GET /..\\..\\page.js HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404),
        (b"GET /%2e%2e/page.js HTTP/1.1\r\nHost: 127.0.0.1\r\n", 404),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n", 421),
        (b"GET / HTTP/1.1\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 17_000 + b"\r\n", 431),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n", 414),
        (b"POST /pause HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Type: application/json\r\n"
         b"Content-Length: 999999999\r\n", 413),
        (b"\x16\x03\x01 this is no HTTP\r\n", 400),
    ],
)  # fmt: skip
def test_hostile_requests_get_short_answers(run: Run, sent: bytes, status: int) -> None:
    answer = run.raw(sent + b"Connection: close\r\n\r\n")

    assert answer.split(b" ", 2)[1] == str(status).encode()
    assert len(answer) < 1200
    assert b"root:" not in answer


def test_too_many_connections_are_told_so_and_later_all_is_well(run: Run) -> None:
    run.frame()
    assert MOST_OF_ONE < MOST
    many = [socket.create_connection(("127.0.0.1", run.port), 10) for _ in range(MOST_OF_ONE)]
    try:
        wait_until(lambda: run.raw(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").startswith(b"HTTP/1.1 503"))
    finally:
        for one in many:
            one.close()
    wait_until(lambda: run.ask("GET", "/")[0] == 200)
    assert run.notices == []


@pytest.mark.parametrize(
    ("words", "reason"), [("x" * 3000, "sent a line that is too long"), ("no JSON\\n", "sent what is not JSON")]
)
def test_a_process_that_breaks_the_protocol_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, reason: str
) -> None:
    script = tmp_path / "script"
    script.write_text(f"#!/usr/bin/env bash\nprintf '{words}' >&$4\nexec cat <&$4 >/dev/null\n")
    script.chmod(0o700)
    monkeypatch.setattr(child_process.sys, "executable", str(script))
    with WebAddress.parse("0").listen() as listening:
        child = ServerProcess(listening, {})
        try:
            with pytest.raises(ChildLost, match=reason):
                hear_all(child)
        finally:
            child.close()


def hear_all(process: ServerProcess) -> None:
    for _ in range(200):
        process.hear(60.0)


def test_a_run_of_deaths_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process.sys, "executable", "/bin/false")
    monkeypatch.setattr(web_link, "Backoff", lambda *_: web_link_backoff)
    run = Run()
    wait_until(lambda: web_link_backoff.tries > 3)
    run.close()

    assert run.notices == ["the page's process ended with exit code 1; it is started again, and counting goes on"]


web_link_backoff = web_link.Backoff(0.01, 0.01)
