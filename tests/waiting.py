"""Waiting in tests: until a condition holds, or until a process has ended. Only a hang reaches the time limits."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 60.0
_EVERY_S = 0.02


def wait_until(holds: Callable[[], object], seconds: float = PATIENCE_S, woken: threading.Event | None = None) -> None:
    """Return once `holds()` is true; fail where it still is not after `seconds`.

    Args:
        holds: the condition.
        seconds: the limit, far above what a busy machine needs.
        woken: an event that whoever changes the condition sets; without it the condition is asked again and again, as is
            needed where another process changes it.
    """
    assert comes_true(holds, seconds, woken), f"the condition still does not hold after {seconds:g} s"


def comes_true(holds: Callable[[], object], seconds: float, woken: threading.Event | None = None) -> bool:
    """Wait as `wait_until` does; whether the condition held in time."""
    woken = woken or threading.Event()
    for _ in range(int(seconds / _EVERY_S)):
        if holds():
            return True
        woken.wait(_EVERY_S)
    return bool(holds())


def wait_for_end(process: int, seconds: float = PATIENCE_S) -> None:
    """Return once a process has ended, ours or not; fail where it still runs after `seconds`."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        ready, _, _ = select.select([descriptor], [], [], seconds)
    finally:
        os.close(descriptor)
    assert ready, f"process {process} still runs after {seconds:g} s"


def children_of(process: int) -> set[int]:
    """The processes that a process has started and that have not been waited for."""
    return {
        int(number)
        for task in Path(f"/proc/{process}/task").iterdir()
        for number in (task / "children").read_text().split()
    }


def command_of(process: int) -> str:
    """The command line of a process, its arguments separated by blanks."""
    return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ").strip()
