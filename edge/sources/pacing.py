"""Recorded frames at the speed at which they were taken, as if a camera gave them."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator

from signs_edge.edge.frame import Frame

_NAP_S = 0.05  # how soon a stop request is seen
_PATIENCE_S = 0.25  # of a reader, while frames are dropped to catch up


def paced(
    frames: Iterator[Frame],
    rate: float,
    stopped: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Frame]:
    """Each frame when its time has come; those whose successor's time has come too are dropped and counted.

    Where the recording cannot be read as fast as it was taken, all are late: then one is given now and then all the same.

    Args:
        frames: in their order.
        rate: frames a second.
        stopped: asked while waiting.
        clock: monotonic, in seconds.
        wait: waits so many seconds.
    """
    began, dropped = clock(), 0
    back = began  # when the reader came for another frame
    waiting: Frame | None = None
    for number, frame in enumerate(frames):
        due = began + number / rate
        if waiting is not None:
            if clock() >= due and clock() - back < _PATIENCE_S:
                dropped += 1
            else:
                yield dataclasses.replace(waiting, dropped=dropped)
                dropped, back = 0, clock()
        while clock() < due:
            if stopped():
                return
            wait(min(_NAP_S, due - clock()))
        waiting = dataclasses.replace(frame, captured=due)
    if waiting is not None and not stopped():
        yield dataclasses.replace(waiting, dropped=dropped)
