"""A Python module that runs in a child process, with a socket between the two: the parent's end and the child's end.

The child ends with its parent, however that ends: it watches the socket. Ctrl-C in the terminal does not reach the child,
since the parent decides when it ends. It gets no secrets of the environment, and no standard streams.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from signs_edge.edge.util.environment import without_secrets

_SEND_S = 5.0  # for the child to take a message
_KILLED_S = 0.6  # for a killed process to go; a driver may keep it longer


class ChildLost(Exception):  # noqa: N818 (an event, not a mistake)
    """The child has ended, does not listen, or breaks the protocol; the message continues "the process …"."""


class ChildProcess:
    """The parent's end. One thread may receive while others send and close."""

    def __init__(
        self,
        module: str,
        share: Sequence[socket.socket] = (),
        on_descriptor: Callable[[int], None] | None = None,
    ) -> None:
        """Start `python -P -m MODULE SOCKET [SHARED…]`, whose arguments are numbers of file descriptors.

        Args:
            module: calls `connect_to_parent` first.
            share: sockets that the child gets too; they stay open here.
            on_descriptor: takes each file descriptor that the child sends; None: the child cannot send any.

        Raises:
            OSError: the machine has no memory, descriptors or processes left, which may pass.
        """
        ours, theirs = socket.socketpair()
        with theirs, ExitStack() as failed:
            failed.callback(ours.close)
            numbers = [theirs.fileno(), *(one.fileno() for one in share)]
            # A process group keeps the terminal's Ctrl-C away. A session would do so too, but a kernel that groups tasks by
            # session (sched_autogroup) would then give the child as much time as the parent, however nice it is.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *map(str, numbers)],
                pass_fds=numbers, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                process_group=0, env=without_secrets(os.environ),
            )  # fmt: skip
            failed.pop_all()
        self._socket = ours
        self._socket.settimeout(_SEND_S)
        self._poll = select.poll()
        self._poll.register(ours.fileno(), select.POLLIN)
        self._sending = threading.Lock()
        self._on_descriptor = on_descriptor
        self._rest = b""
        self.heard_at: float | None = None
        """`time.monotonic()` when the child last sent anything; None: it has not."""

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def send(self, message: bytes) -> None:
        """Send a message, waiting for seconds at most; ChildLost where the child does not take it."""
        try:
            with self._sending:
                self._socket.sendall(message)
        except OSError:  # part of it may have gone out, and the child would understand nothing that follows
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            raise ChildLost("stopped listening") from None

    def receive(self, timeout_s: float, longest: int | None = None) -> bytes | None:
        """Receive the next line, without its end; None where there is none within `timeout_s` seconds.

        Raises:
            ChildLost: there will be none, or the line has more than `longest` bytes.
        """
        until = time.monotonic() + timeout_s
        while b"\n" not in self._rest:
            left = until - time.monotonic()
            if not self._poll.poll(max(0.0, left) * 1000):
                if left <= 0:
                    return None
                continue
            data = self._received()
            if not data:
                raise ChildLost(self._ending())
            self._rest += data
            self.heard_at = time.monotonic()
            if longest is not None and len(self._rest.partition(b"\n")[0]) > longest:
                raise ChildLost("sent a line that is too long")
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def close(self, patience_s: float = 0.5) -> None:
        """Close the socket, which tells the child to end; kill it where it has not ended within `patience_s` seconds."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes a thread that receives
        self._socket.close()
        if patience_s > 0:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience_s)
                return
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILLED_S)

    def _received(self) -> bytes:
        try:
            if self._on_descriptor is None:
                return self._socket.recv(4096)
            data, descriptors, _flags, _address = socket.recv_fds(self._socket, 4096, 1)
        except OSError:
            return b""
        for descriptor in descriptors:
            self._on_descriptor(descriptor)
        return data

    def _ending(self) -> str:
        """Say how the child ended."""
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(_KILLED_S)
            return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return "stopped listening"


def json_line(value: Any) -> bytes:
    """Encode a value as one line of JSON."""
    return json.dumps(value).encode() + b"\n"


def connect_to_parent(grace_s: float = 0.0) -> socket.socket:
    """Open the child's end, to be called once before anything else.

    From then on signals to end are ignored, since service managers send them to every process and the parent decides; and
    the process ends `grace_s` seconds after the parent has closed its end or has ended, even if the main thread is blocked.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    link = socket.socket(fileno=int(sys.argv[1]))
    threading.Thread(target=_end_with, args=(link.fileno(), grace_s), name="parent", daemon=True).start()
    return link


def _end_with(descriptor: int, grace_s: float) -> None:
    poll = select.poll()
    poll.register(descriptor, select.POLLHUP)
    poll.poll()
    time.sleep(grace_s)
    os._exit(0)
