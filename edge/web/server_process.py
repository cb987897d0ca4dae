"""The loop's handle on the process that serves the page: start it, talk to it, end it whatever it is doing."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from typing import Any

from signs_edge.edge.util.environment import without_secrets
from signs_edge.edge.web.protocol import MOST_LINE, pack

MODULE = "signs_edge.edge.web.server.process"
"""What the process runs, after `python -m`."""
START_S = 30.0
"""For Python and Starlette to be loaded, from a slow card, beside other work."""
SILENT_S = 15.0
"""One that says nothing for so long is stuck."""
_SEND_S = 5.0  # for a message to be taken
_GO_S = 0.5  # for the process to go; then it is killed


class ChildLost(Exception):  # noqa: N818 (an event, not a mistake)
    """The process has died or is stuck; the text says which."""


class WebChild:
    """One process. A thread reads what it says, others may send."""

    def __init__(self, listening: socket.socket, hello: dict[str, Any]) -> None:
        """Start it.

        Args:
            listening: takes the viewers' connections; stays open here, so that none is refused while it starts again.
            hello: the first message, with what it has to know.
        """
        ours, theirs = socket.socketpair()
        with theirs, ExitStack() as failed:
            failed.callback(ours.close)
            numbers = [theirs.fileno(), listening.fileno()]
            # Ctrl-C goes to the terminal's own process group. In a session of its own, a kernel that groups tasks by
            # session (sched_autogroup) would give it as much time as the loop, however nice it is.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", MODULE, *map(str, numbers)],
                pass_fds=numbers, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                process_group=0, env=without_secrets(os.environ),
            )  # fmt: skip
            failed.pop_all()
        self._socket = ours
        self._socket.settimeout(_SEND_S)
        self._poll = select.poll()
        self._poll.register(ours.fileno(), select.POLLIN)
        self._sending = threading.Lock()
        self._rest = b""
        self._heard_at = time.monotonic() + START_S - SILENT_S
        self.send(hello)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def send(self, told: dict[str, Any], picture: bytes = b"") -> bool:
        """Send a message, waiting for seconds at most; whether it was sent. One that was not is the end of the link."""
        try:
            with self._sending:
                self._socket.sendall(pack(told, picture))
        except OSError:  # part of it may have gone out, and nothing that follows would be understood
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            return False
        return True

    def hear(self, timeout_s: float) -> dict[str, Any] | None:
        """The next line, None where there is none within so many seconds, or one that means nothing.

        Raises:
            ChildLost: there will be none.
        """
        if b"\n" not in self._rest:
            if not self._poll.poll(timeout_s * 1000):
                if time.monotonic() - self._heard_at > SILENT_S:
                    raise ChildLost(f"said nothing for {SILENT_S:g} s")
                return None
            try:
                data = self._socket.recv(4096)
            except OSError:
                data = b""
            if not data:
                raise ChildLost(self._end())
            self._rest += data
            self._heard_at = time.monotonic()
        line, found, rest = self._rest.partition(b"\n")
        if len(line) > MOST_LINE:
            raise ChildLost("said what it should not")
        if not found:
            return None
        self._rest = rest
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            raise ChildLost("said what it should not") from None
        return told if isinstance(told, dict) else None

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # also where another thread waits on it
        self._socket.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GO_S)
            return
        self._process.kill()
        self._process.wait()

    def _end(self) -> str:
        """How it ended, for people."""
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(_GO_S)
            return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return "stopped listening"
