"""The page's end of the link: the newest frame for all viewers, asked for only while there are any."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any

from signs_edge.edge.web.protocol import HEADER

FRESH_S = 0.5
"""A frame that came longer ago is shown to nobody: a newer one is asked for."""
_ANSWER_S = 5.0  # for the loop's process to obey
_RATE, _BURST = 5.0, 10.0  # commands a second, and at once


@dataclass(frozen=True)
class Shown:
    """A frame as it is shown.

    Attributes:
        number: of the frame on the page.
        state: JSON, ASCII.
        picture: JPEG; empty where there is none.
        came: `time.monotonic()` when it came.
    """

    number: int
    state: str
    picture: bytes
    came: float


class LinkEnded(Exception):  # noqa: N818 (an event, not a mistake)
    """The loop's process has gone."""


class Feed:
    """The newest frame, and commands to the loop. Lives in one event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """On both directions of the link."""
        self._reader, self._writer = reader, writer
        self._newest: Shown | None = None
        self._changed = asyncio.Event()  # one for each frame
        self._asked = False
        self._waiting = 0
        self._spent = time.process_time()  # when the newest frame came
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._allowance, self._since = _BURST, time.monotonic()

    @property
    def number(self) -> int | None:
        """Of the newest frame; None before the first."""
        return self._newest.number if self._newest is not None else None

    async def newer(self, after: int | None, wait_s: float) -> Shown | None:
        """A frame that came just now and is not number `after`; None where none comes within so many seconds."""
        until = time.monotonic() + wait_s
        self._waiting += 1
        try:
            while True:
                newest = self._newest
                if newest and newest.number != after and time.monotonic() - newest.came < FRESH_S:
                    return newest
                self._ask_on()
                try:
                    await asyncio.wait_for(self._changed.wait(), until - time.monotonic())
                except TimeoutError:
                    return None
        finally:
            self._waiting -= 1

    async def command(self, told: dict[str, Any]) -> dict[str, Any]:
        """Have the loop's process obey: {"done": TEXT} or {"refused": TEXT}."""
        now = time.monotonic()
        self._allowance = min(_BURST, self._allowance + (now - self._since) * _RATE)
        self._since = now
        if self._allowance < 1:
            return {"refused": "too much at once, try again"}
        self._allowance -= 1
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            self._say({"ask": number, **told})
            return await asyncio.wait_for(answer, _ANSWER_S)
        except TimeoutError:
            return {"refused": "no answer from the run"}
        finally:
            del self._answers[number]

    async def message(self) -> tuple[dict[str, Any], bytes]:
        """The next message; LinkEnded where there will be none."""
        try:
            words, pixels = HEADER.unpack(await self._reader.readexactly(HEADER.size))
            text, picture = await self._reader.readexactly(words), await self._reader.readexactly(pixels)
        except (asyncio.IncompleteReadError, OSError):
            raise LinkEnded from None
        told: dict[str, Any] = json.loads(text)
        return told, picture

    async def listen(self) -> None:
        """Take messages until the link ends."""
        while True:
            told, picture = await self.message()
            if "answer" in told:
                future = self._answers.get(told.pop("answer"))
                if future is not None and not future.done():
                    future.set_result(told)
                continue
            self._asked, self._spent = False, time.process_time()
            state = json.dumps(told, separators=(",", ":"))
            self._newest = Shown(told["number"], state, picture, time.monotonic())
            self._changed.set()
            self._changed = asyncio.Event()

    async def tell_alive(self, every_s: float) -> None:
        """Say so for ever."""
        while True:
            self._say({"alive": True})
            await asyncio.sleep(every_s)

    def _ask_on(self) -> None:
        """Ask for a newer frame, once; not before as much time has gone by as handing out the last one took."""
        if self._asked:
            return
        self._asked = True
        took = time.process_time() - self._spent
        gone = time.monotonic() - self._newest.came if self._newest is not None else took
        asyncio.get_running_loop().call_later(max(0.0, 2 * took - gone), self._ask_now)

    def _ask_now(self) -> None:
        if self._waiting:
            self._say({"next": True})
        else:
            self._asked = False

    def _say(self, told: dict[str, Any]) -> None:
        self._writer.write(json.dumps(told).encode() + b"\n")
