"""HTTP connections with limits, so that slow, stuck and too many ones cost little: uvicorn has none for most of this."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 192
"""Connections at once; those beyond are told so and closed."""
MOST_OF_ONE = 128
"""Of these, from one address: a school's pupils may share one."""
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 18\r\nConnection: close\r\n\r\n"
    b"Too many viewers.\n"
)


class Bounded(H11Protocol):
    """A connection that is cut where a request does not come as a whole, or an answer is not taken, in time.

    Attributes:
        patience_s: seconds for either, of all connections.
    """

    patience_s = 10.0
    _refused = False  # there are too many
    _coming: asyncio.TimerHandle | None = None  # cuts it unless a whole request comes
    _taking: asyncio.TimerHandle | None = None  # cuts it unless what was sent is taken

    def connection_made(self, transport: Any) -> None:
        """Take it, or say that there are too many."""
        super().connection_made(transport)
        here = _address(self)
        same = sum(_address(other) == here for other in self.connections)
        if len(self.connections) > MOST or same > MOST_OF_ONE:
            self._refused = True
            transport.write(_FULL)
            transport.write_eof()
            self.loop.call_later(1.0, transport.abort)  # closed at once, what it sends meanwhile would undo the answer
            return
        self._expect_request()

    def data_received(self, data: bytes) -> None:
        """Part of a request, or all of it."""
        if self._refused or self.transport.is_closing():
            return
        super().data_received(data)
        self._wait_no_more()

    def on_response_complete(self) -> None:
        """The answer is on its way; another request may come, on a connection that has taken it."""
        self._expect_request()
        super().on_response_complete()
        self._wait_no_more()  # where the next request has come already

    def pause_writing(self) -> None:
        """What was sent is not taken as fast as it comes."""
        super().pause_writing()
        if self._taking is None:
            self._taking = self.loop.call_later(self.patience_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It was taken."""
        super().resume_writing()
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._cancel()
        if self._taking is not None:
            self._taking.cancel()
        super().connection_lost(exc)

    def _expect_request(self) -> None:
        self._cancel()
        self._coming = self.loop.call_later(self.patience_s, self.transport.abort)

    def _wait_no_more(self) -> None:
        """Once a whole request is there and not yet answered."""
        if self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body:
            self._cancel()

    def _cancel(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
            self._coming = None


def _address(connection: object) -> str:
    """The address at its other end."""
    client: tuple[str, int] | None = getattr(connection, "client", None)
    return client[0] if client else ""
