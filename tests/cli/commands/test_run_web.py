"""`signs-edge run --web` as a user starts it, in processes of their own."""

from __future__ import annotations

import http.client
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from waiting import children_of, command_of, wait_for_end

from signs_edge.edge.cameras import link
from signs_edge.edge.errors import RuntimeMissingError
from signs_edge.edge.session.settings import RunSettings
from signs_edge.edge.session.views import requested_page
from signs_edge.edge.web import server_process

COMMAND = str(Path(sys.executable).parent / "signs-edge")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SIGNS_EDGE"))}
TOKEN = "geheim-geheim-geheim"


class Started:
    """A run with a page, of a camera that is played."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        line = [COMMAND, "run", "--headless", "--model", "packaged", "--source", "chaos:ok*999999", *arguments]
        self.process = subprocess.Popen(
            line, cwd=folder, env=ENVIRONMENT | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
            # Under nohup SIGHUP is ignored, and that is inherited.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )  # fmt: skip
        self.said: list[str] = []

    def address(self) -> str:
        """As it is printed."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if line.startswith("page: "):
                return line.removeprefix("page: ").strip()
        raise AssertionError(self.said)

    def ask(self, address: str, **headers: str) -> tuple[int, dict[str, str]]:
        """Get an address; status and headers."""
        host, port, path = re.fullmatch(r"http://([^/]+):(\d+)(/\S*).*", address).groups()  # type: ignore[union-attr]
        connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=30)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal: exit code, what was printed on standard output and standard error."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, "".join(self.said) + err


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def start(*arguments: str, **variables: str) -> Started:
        started.append(Started(tmp_path, *arguments, **variables))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_all_soon_although_somebody_looks(start, number: int) -> None:
    run = start("--web", "0")
    address = run.address()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
    assert run.ask(f"{address}frame")[0] == 200
    started = children_of(run.process.pid)
    port = int(address.rstrip("/").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as viewer:
        viewer.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        viewer.recv(1000)

        code, out, err = run.end(number)

    assert code == 0
    assert "frames" in out
    assert "Traceback" not in err
    assert "notice" not in err
    assert len(started) == 2
    for child in started:
        wait_for_end(child)


def test_control_c_for_all_in_the_terminal_ends_it_without_a_word_of_the_page(start) -> None:
    run = start("--web", "0")
    run.ask(f"{run.address()}frame")
    os.killpg(run.process.pid, signal.SIGINT)

    out, err = run.process.communicate(timeout=30)

    assert run.process.returncode == 0
    assert "frames" in out
    assert "notice" not in err


def test_after_a_killed_run_nothing_is_left(start) -> None:
    run = start("--web", "0")
    run.ask(f"{run.address()}frame")
    started = children_of(run.process.pid)
    assert len(started) == 2

    run.process.kill()
    run.process.wait()

    for child in started:
        wait_for_end(child)


def test_with_a_host_a_token_is_made_and_told_once(start) -> None:
    run = start("--web", "0.0.0.0:0")
    address = run.address()
    plain, _, token = address.partition("?token=")
    assert len(token) >= 32
    local = f"http://127.0.0.1:{plain.rstrip('/').rpartition(':')[2]}/"

    assert run.ask(f"{local}frame")[0] == 401
    status, headers = run.ask(f"{local}?token={token}")
    assert (status, headers["location"]) == (303, "/")
    assert run.ask(f"{local}frame", Cookie=headers["set-cookie"].partition(";")[0])[0] == 200
    assert run.ask(f"{local}frame", Authorization=f"Bearer {token}")[0] == 200
    _, out, err = run.end()
    assert (out + err).count(token) == 1


@pytest.mark.parametrize("given", ["option", "variable", "file"])
def test_a_token_that_is_given_is_asked_for_on_loopback_too_and_never_printed(
    start, tmp_path: Path, given: str
) -> None:
    (tmp_path / "f.toml").write_text(f'web_token = "{TOKEN}"\n')
    arguments = {"option": ("--web-token", TOKEN), "file": ("--config", "f.toml")}.get(given, ())
    run = start("--web", "0", *arguments, **({"SIGNS_EDGE_WEB_TOKEN": TOKEN} if given == "variable" else {}))
    address = run.address().partition("?")[0]

    assert run.ask(f"{address}frame")[0] == 401
    assert run.ask(f"{address}frame", Authorization=f"Bearer {TOKEN}")[0] == 200
    started = {command_of(child).partition(" -m ")[2].split()[0]: child for child in children_of(run.process.pid)}
    assert started.keys() == {server_process.MODULE, link.MODULE}
    for child in started.values():
        assert TOKEN not in command_of(child)
        assert TOKEN.encode() not in Path(f"/proc/{child}/environ").read_bytes()
    _, out, err = run.end()
    assert TOKEN not in out + err


def refused(start, *arguments: str) -> str:
    run = start(*arguments)
    out, err = run.process.communicate(timeout=30)
    assert (run.process.returncode, out) == (1, "")
    assert err.count("\n") == 1
    return str(err)


def test_what_cannot_be_served_is_said_in_one_line_before_the_run_begins(start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"--web 127.0.0.1:{port} cannot be served (Address already in use)" in refused(start, "--web", str(port))
    assert "--web '99999' is not allowed" in refused(start, "--web", "99999")
    assert "--web-token is for a page" in refused(start, "--web-token", TOKEN)
    assert "--web-token is not allowed: give 16" in refused(start, "--web", "0", "--web-token", "geheim")


def test_a_missing_extra_is_named_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(RuntimeMissingError, match="pip install starlette uvicorn"):
        requested_page(RunSettings(web="0"))
