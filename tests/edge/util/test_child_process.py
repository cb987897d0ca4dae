"""A module in a child process: what it is told, what it tells, and that it never outlives its parent."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from waiting import wait_for_end

from signs_edge.edge.util import child_process
from signs_edge.edge.util.child_process import ChildLost, ChildProcess, json_line

PRELUDE = """
import json, os, socket, sys, threading
from signs_edge.edge.util.child_process import connect_to_parent, json_line
link = connect_to_parent()
"""
ECHO = PRELUDE + "for line in link.makefile('rb'): link.sendall(line)"
BLOCKED = PRELUDE + "link.sendall(b'ready\\n'); threading.Event().wait()"
ANSWER_S = 60.0  # that no answer takes


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ChildProcess]]:
    """A function that starts code in a child process."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    started: list[ChildProcess] = []

    def start(code: str, **options) -> ChildProcess:
        (tmp_path / "of_a_test.py").write_text(code)
        started.append(ChildProcess("of_a_test", **options))
        return started[-1]

    yield start
    for child in started:
        child.close(0.0)


def told(child: ChildProcess) -> object:
    line = child.receive(ANSWER_S)
    assert line is not None
    return json.loads(line)


def test_lines_go_there_and_back(start) -> None:
    child = start(ECHO)

    child.send(json_line({"one": 1}) + json_line("zwei"))

    assert [told(child), told(child)] == [{"one": 1}, "zwei"]
    assert child.receive(0.0) is None


def test_a_line_in_parts_is_one_line(start) -> None:
    child = start(PRELUDE + "for part in (b'[1,', b'2]', b'\\n3\\n'): link.sendall(part)\nlink.recv(1)")

    assert [told(child), told(child)] == [[1, 2], 3]


@pytest.mark.parametrize(
    ("last", "how"), [("sys.exit(3)", "ended with exit code 3"), ("os.kill(os.getpid(), 9)", "was ended by signal 9")]
)
def test_it_is_told_how_it_ended(start, last: str, how: str) -> None:
    child = start(f"{PRELUDE}link.sendall(b'1\\n')\n{last}")

    assert told(child) == 1
    with pytest.raises(ChildLost, match=how):
        child.receive(ANSWER_S)


def test_one_that_hangs_up_and_lives_on(start) -> None:
    child = start(
        "import socket, sys, threading\nsocket.socket(fileno=int(sys.argv[1])).close()\nthreading.Event().wait()"
    )

    with pytest.raises(ChildLost, match="stopped listening"):
        child.receive(ANSWER_S)


def test_a_line_that_is_too_long(start) -> None:
    child = start(PRELUDE + "link.sendall(b'x' * 9000)\nlink.recv(1)")

    with pytest.raises(ChildLost, match="too long"):
        child.receive(ANSWER_S, longest=2000)


@pytest.mark.parametrize("code", [ECHO, BLOCKED])
def test_it_is_closed_with_its_end_whatever_it_does(start, code: str) -> None:
    child = start(code)
    child.send(json_line("ready"))
    child.receive(ANSWER_S)

    child.close(ANSWER_S)  # which nothing waits for, as it ends by itself

    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_a_stopped_process_is_killed(start) -> None:
    child = start(BLOCKED)
    child.receive(ANSWER_S)
    os.kill(child.pid, signal.SIGSTOP)

    child.close(0.01)

    wait_for_end(child.pid)


def test_signals_that_end_others_are_not_for_it(start) -> None:
    child = start(ECHO)
    child.send(json_line("ready"))
    assert told(child) == "ready"
    assert os.getpgid(child.pid) != os.getpgid(0)  # Ctrl-C is for the terminal's group
    assert os.getsid(child.pid) == os.getsid(0)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(child.pid, number)

    child.send(json_line("still here"))
    assert told(child) == "still here"


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs pidfd_open")
@pytest.mark.parametrize("code", [ECHO, BLOCKED])
def test_it_does_not_outlive_a_killed_parent(tmp_path: Path, code: str) -> None:
    (tmp_path / "of_a_test.py").write_text(code)
    parent = (
        "from signs_edge.edge.util.child_process import ChildProcess\n"
        "child = ChildProcess('of_a_test'); child.send(b'1\\n'); child.receive(60); print(child.pid, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()

    wait_for_end(child)


def test_descriptors_come_along(start) -> None:
    code = PRELUDE + (
        "import tempfile\nfile = tempfile.TemporaryFile()\nfile.write(b'shared'); file.flush()\n"
        "socket.send_fds(link, [b'here\\n'], [file.fileno()])\nlink.recv(1)"
    )
    received: list[int] = []
    child = start(code, on_descriptor=received.append)

    assert child.receive(ANSWER_S) == b"here"
    (descriptor,) = received
    try:
        assert os.pread(descriptor, 100, 0) == b"shared"
    finally:
        os.close(descriptor)


def test_a_socket_is_shared_and_stays_open_here(start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        child = start(
            PRELUDE + "other = socket.socket(fileno=int(sys.argv[2]))\nlink.sendall(json_line(other.getsockname()[1]))",
            share=[listening],
        )

        assert told(child) == listening.getsockname()[1]


def test_it_gets_no_secrets_and_no_standard_streams(start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNS_EDGE_WEB_TOKEN", "a-token-of-sixteen-or-more")
    monkeypatch.setenv("OTHER", "kept")
    child = start(
        PRELUDE
        + "link.sendall(json_line([os.environ.get('SIGNS_EDGE_WEB_TOKEN'), os.environ['OTHER'], sys.stdin.read()]))"
    )

    assert told(child) == [None, "kept", ""]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_one_that_cannot_be_started_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process.sys, "executable", "/there/is/none")
    before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208

    with pytest.raises(FileNotFoundError) as kept:  # with its frames, and what they hold
        ChildProcess("of_a_test")

    assert sorted(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    assert kept.value.filename == "/there/is/none"
