"""The parent's end of the process that serves the page: start it, talk to it, and find out when it is stuck."""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress
from typing import Any

from signs_edge.edge.util.child_process import ChildLost, ChildProcess
from signs_edge.edge.web.protocol import MOST_LINE, pack

MODULE = "signs_edge.edge.web.server.process"
"""The module that the process runs."""
START_S = 30.0
"""Seconds for Python and Starlette to be loaded, from a slow card, beside other work."""
SILENT_S = 15.0
"""Seconds without a word from the process after which it is taken to be stuck."""
_BAD_LINE = "sent what is not JSON"


class ServerProcess:
    """A process that serves the page. One thread receives from it, others may send."""

    def __init__(self, listening: socket.socket, hello: dict[str, Any]) -> None:
        """Start the process.

        Args:
            listening: takes the viewers' connections; stays open here, so that none is refused during a restart.
            hello: the first message.

        Raises:
            OSError: the process cannot be started.
        """
        self._child = ChildProcess(MODULE, share=[listening])
        self._started_at = time.monotonic()
        self.silent_s = SILENT_S
        self.send(hello)

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._child.pid

    def send(self, told: dict[str, Any], picture: bytes = b"") -> None:
        """Send a message, waiting for seconds at most; where that fails, `hear` raises ChildLost."""
        with suppress(ChildLost):
            self._child.send(pack(told, picture))

    def hear(self, timeout_s: float) -> dict[str, Any] | None:
        """Receive the next message; None where there is none within so many seconds, or it has no meaning.

        Raises:
            ChildLost: there will be none; the process talks to the network, so it is given up where it breaks the protocol.
        """
        line = self._child.receive(timeout_s, longest=MOST_LINE)
        if line is None:
            heard_at = self._child.heard_at
            if time.monotonic() > (self._started_at + START_S if heard_at is None else heard_at + self.silent_s):
                raise ChildLost(f"said nothing for {START_S if heard_at is None else self.silent_s:g} s")
            return None
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            raise ChildLost(_BAD_LINE) from None
        return told if isinstance(told, dict) else None

    def close(self) -> None:
        """End the process."""
        self._child.close()
