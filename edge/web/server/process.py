"""The process that serves the page: `python -m signs_edge.edge.web.server.process LINK LISTENING`, numbers of two sockets.

It is apart from the loop, so that nobody who looks, and nothing that comes from the network, makes the loop wait. It
holds no image library and no model, opens no file after its start, and ends with the link.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from signs_edge.edge.util.child_process import connect_to_parent

if TYPE_CHECKING:
    from collections.abc import Iterator

NICE = 15
"""How far it stands behind the loop for a processor: beside a busy loop it gets some 4 % of one."""


def _serve(link: socket.socket, listening: socket.socket) -> None:
    """Serve until the link ends."""
    import logging

    import uvicorn

    from signs_edge.edge.web.access import MOST_HEAD, Access
    from signs_edge.edge.web.protocol import ALIVE_S
    from signs_edge.edge.web.server.app import make_app
    from signs_edge.edge.web.server.feed import Feed, LinkEnded
    from signs_edge.edge.web.server.limits import Bounded

    class Server(uvicorn.Server):
        """Without uvicorn's handlers: the loop's process decides when all ends."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    async def serve() -> None:
        feed = Feed(*await asyncio.open_connection(sock=link))
        hello, _ = await feed.message()
        access = Access.from_json(hello["hello"])
        Bounded.patience_s = hello["patience_s"]
        config = uvicorn.Config(
            make_app(feed, access), http=Bounded, ws="none", loop="asyncio", lifespan="off", interface="asgi3",
            log_config=None, access_log=False, server_header=False, proxy_headers=False,
            h11_max_incomplete_event_size=MOST_HEAD,
        )  # fmt: skip
        tasks = [
            asyncio.ensure_future(work)
            for work in (Server(config).serve([listening]), feed.listen(), feed.tell_alive(ALIVE_S))
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            with suppress(LinkEnded):
                task.result()
        os._exit(0)  # not waiting for those who still look

    logging.disable(logging.CRITICAL)  # what viewers send is nobody's log
    with suppress(LinkEnded):
        asyncio.run(serve())


def main() -> None:
    """Serve the sockets whose numbers are the arguments until the other end of the first one is closed."""
    os.nice(NICE)
    _serve(connect_to_parent(), socket.socket(fileno=int(sys.argv[2])))
    os._exit(0)


if __name__ == "__main__":
    main()
