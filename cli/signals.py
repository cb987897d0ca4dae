"""End a run or the whole process on a signal."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

INTERRUPTED = 130  # exit code after Ctrl-C, as shells have it


@contextmanager
def stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    """Set `stop` on SIGINT, SIGTERM and SIGHUP, which ends the loop after the frame in hand; a second one ends the program."""
    signals = [signal.SIGINT, signal.SIGTERM]
    # The terminal or the connection has gone; nohup asks to ignore that.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)

    def handle(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    previous = {number: signal.signal(number, handle) for number in signals}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def end_with(line: str, code: int = INTERRUPTED) -> NoReturn:
    """End the process with a line that is the last one on stderr.

    TensorFlow's threads write to stderr after an interruption, and again when the interpreter ends. So stderr is turned
    off for them before the line is written, and the process ends without the interpreter's finalizers. What must not be
    lost has to be on the disk by now.

    Args:
        line: one line, without its end.
        code: the exit code.
    """
    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a reader that has gone
            stream.flush()
    with suppress(OSError):
        ours = os.dup(2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.write(ours, f"{line}\n".encode(errors="replace"))
    os._exit(code)
