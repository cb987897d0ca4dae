"""This side of the capture process: start it, ask it, and end it whatever it is doing."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

from signs_edge.edge.arrays import Image
from signs_edge.edge.cameras.shared_frame import FrameReader

START_S = 30.0  # for Python and OpenCV to be loaded, from a slow card, beside other work
_GO_S = 0.6  # for the process to close its camera and go; then it is killed


class LinkLost(Exception):  # noqa: N818 (an event, not a mistake)
    """The capture process has died, or cannot be started."""


class CaptureLink:
    """A capture process. One question at a time: `ask`, then `answer` until there is one."""

    def __init__(self) -> None:
        """Start it; LinkLost where the machine has no memory or no processes left, which may pass."""
        try:
            ours, theirs = socket.socketpair()
        except OSError:
            raise LinkLost from None
        with theirs:
            command = [sys.executable, "-P", "-m", "signs_edge.edge.cameras.process", str(theirs.fileno())]
            # In a session of its own Ctrl-C does not reach it. No password is on its command line.
            try:
                self._process = subprocess.Popen(
                    command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
            except OSError:
                ours.close()
                raise LinkLost from None
        self._socket = ours
        self._poll = select.poll()
        self._poll.register(ours.fileno(), select.POLLIN)
        self._rest = b""
        self._reader = FrameReader()
        self.asked_at = time.monotonic()
        self.heard = False  # it has answered once, so it has started

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def ask(self, question: dict[str, Any]) -> None:
        """Send one line."""
        self.asked_at = time.monotonic()
        try:
            self._socket.sendall(json.dumps(question).encode() + b"\n")
        except OSError:
            raise LinkLost from None

    def answer(self, timeout_s: float) -> dict[str, Any] | None:
        """The answer, or None where there is none within so many seconds."""
        until = time.monotonic() + timeout_s
        while b"\n" not in self._rest:
            left = until - time.monotonic()
            if not self._poll.poll(max(0.0, left) * 1000):
                if left <= 0:
                    return None
                continue
            try:
                data, descriptors, _flags, _address = socket.recv_fds(self._socket, 4096, 1)
            except OSError:
                raise LinkLost from None
            for descriptor in descriptors:
                self._reader.attach(descriptor)
            if not data:
                raise LinkLost
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        self.heard = True
        answer: dict[str, Any] = json.loads(line)
        return answer

    def image(self, answer: dict[str, Any]) -> Image:
        """The frame that an answer tells of, ours to keep."""
        return self._reader.take(tuple(answer["shape"]))

    def close(self, at_once: bool = False) -> None:
        """End the process: let it close its camera, unless it blocks or `at_once`."""
        with suppress(OSError):
            self._socket.close()
        if at_once:
            self._process.kill()
        try:
            self._process.wait(_GO_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):  # a driver may keep even a killed process
                self._process.wait(_GO_S)
