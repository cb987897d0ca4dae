"""Download SIGNS: resumed after an interruption, and under its own name only when it is complete and verified.

A file grows as `NAME.part` beside its place and is renamed in one step, after its identity was checked. So `NAME` is
always absent, what it was before, or right; a kill, Ctrl-C or a lost network leaves a `NAME.part` that the next call
continues.

Why not pooch 1.9, which the scientific packages use: it downloads each file from its beginning again, has no lock
between processes, and knows no git blob id, the only identity known of one of the files. Its transport, requests, would
replace urllib in `remote.py` alone; the checks of Content-Range and the reasons of failures there would remain. The
lock is filelock's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from signs_edge.edge.errors import DataError, UsageError
from signs_edge.train.download.identity import KNOWN, Identity, measure
from signs_edge.train.download.lock import alone
from signs_edge.train.download.remote import Answer, AnswerError, Fault, address_of, open_answer

DEFAULT_URL = "https://raw.githubusercontent.com/tejaslodaya/keras-signs-resnet/master/datasets/"
"""A public copy of both original files."""

LARGEST = 100_000_000
"""Bytes; seven times the largest file there is. Whatever brings more is something else."""

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called with file name, bytes so far, and bytes in all (`None`: not known). Bytes fall when it has to start over."""


def fetch(
    folder: Path,
    url: str = DEFAULT_URL,
    *,
    identities: Mapping[str, tuple[Identity, ...]] = KNOWN,
    timeout: float = 20.0,
    attempts: int = 4,
    progress: Progress | None = None,
    backoff: float = 0.5,
    limit: int = LARGEST,
) -> tuple[Path, ...]:
    """Bring the files into a folder; those that are there and right are kept, and nothing is asked of the network.

    Args:
        folder: made if it is not there.
        url: the folder they are taken from: http, https or file.
        identities: file name -> what is accepted under it.
        timeout: seconds without a single byte after which a connection is given up.
        attempts: requests for a file before it is given up, at least 1. Each goes on where the last one ended.
        progress: called with every piece that arrives.
        backoff: seconds of rest before the second request, doubled before each further one.
        limit: bytes above which a file is refused, unread.

    Returns:
        The files' paths, in the order of `identities`.

    Raises:
        DataError: a file did not arrive or is not the right one, the folder cannot be written, or another process is
            fetching into it. What had arrived before is kept as `NAME.part`, unless it is wrong.
        UsageError: `timeout`, `attempts` or `backoff` is out of range.
    """
    if not (timeout > 0 and attempts >= 1 and backoff >= 0):
        raise UsageError(
            f"timeout must be above 0, attempts at least 1 and backoff at least 0. "
            f"Received: {timeout=}, {attempts=}, {backoff=}"
        )
    orders = [
        _Order(address_of(name, url), folder / name, known, timeout, attempts, backoff, limit, progress or _silent)
        for name, known in identities.items()
    ]
    try:
        # Looked at before the lock is taken: a folder that one may only read will do if everything is there.
        missing = [order for order in orders if not order.is_done()]
        if missing:
            folder.mkdir(parents=True, exist_ok=True)
            with alone(folder):
                for order in missing:
                    _bring(order)
    except OSError as error:
        raise DataError(
            f"{error.filename or folder}: {error.strerror or error}. Mend that and try again (what has arrived is "
            f"resumed), or give another folder with --to."
        ) from error
    return tuple(order.path for order in orders)


@dataclass(frozen=True)
class _Order:
    """One file to bring; the fields are those of `fetch`."""

    address: str
    path: Path
    known: tuple[Identity, ...]
    timeout: float
    attempts: int
    backoff: float
    limit: int
    progress: Progress

    @property
    def part(self) -> Path:
        """Where it grows."""
        return self.path.with_name(self.path.name + ".part")

    def accepts(self, received: Identity) -> bool:
        """Tell whether a measured file is the one that is wanted."""
        return any(identity.accepts(received) for identity in self.known)

    def is_done(self) -> bool:
        """Tell whether the right file is in its place already; report it in full if so."""
        if not self.path.exists():
            return False
        received = measure(self.path)
        if self.accepts(received):
            self.progress(self.path.name, received.size or 0, received.size)
            return True
        return False


def _bring(order: _Order) -> None:
    """Put the right file into its place, or nothing."""
    # A kill between the last byte and the new name leaves a part that lacks nothing; also saves asking beyond its end.
    if order.part.exists() and order.accepts(measure(order.part)):
        _adopt(order)
        return
    for _ in range(2):
        pieced = _collect(order)
        received = measure(order.part)
        if order.accepts(received):
            _adopt(order)
            return
        with order.part.open("rb") as file:
            page = file.read(1) == b"<"  # a log-in or error page that came as 200, the usual stranger
        order.part.unlink()
        # Pieces may be of two different files, each of them right; what came in one answer will come so again.
        if not pieced:
            break
    raise DataError(
        f"{order.path.name} from {order.address} is not the SIGNS file. Received: {received}"
        f"{', a web page by its looks' if page else ''}. Allowed: {' or '.join(map(str, order.known))}. "
        f"It was thrown away; give another copy with --url."
    )


def _adopt(order: _Order) -> None:
    """Give the finished part its name, once the disk has it: else a power cut could leave the name and no bytes."""
    with order.part.open("rb+") as file:
        os.fsync(file.fileno())
    order.part.replace(order.path)
    size = order.path.stat().st_size
    order.progress(order.path.name, size, size)


def _collect(order: _Order) -> bool:
    """Let the part grow until the other side says that this is all; True if it came in more than one answer.

    Raises:
        DataError: it says so no sooner than the attempts run out, or never will.
    """
    resumable = True
    reason = ""
    for attempt in range(order.attempts):
        if attempt:
            time.sleep(order.backoff * 2 ** (attempt - 1))
        offset = order.part.stat().st_size if resumable and order.part.exists() else 0
        try:
            with open_answer(order.address, offset, order.timeout) as answer:
                _write(order, answer)
                return answer.start > 0
        except AnswerError as error:
            reason = str(error)
            if error.fault is Fault.BEYOND:  # all there is, or too much: its identity will tell
                return True
            if error.fault is Fault.LASTING:
                break
            resumable = resumable and error.fault is not Fault.RANGE
    kept = order.part.stat().st_size if order.part.exists() else 0
    if not kept:
        order.part.unlink(missing_ok=True)
    raise DataError(
        f"{order.path.name} did not arrive from {order.address}: {reason}, at attempt {attempt + 1} of "
        f"{order.attempts}. {f'Try again to resume ({kept:,} bytes are kept)' if kept else 'Try again'}, "
        f"or give another copy with --url."
    )


def _write(order: _Order, answer: Answer) -> None:
    """Put an answer's bytes where they belong in the part; start it over if the answer starts at 0."""
    have = answer.start
    with order.part.open("ab" if have else "wb") as file:
        order.progress(order.path.name, have, answer.total)
        while max(have, answer.total or 0) <= order.limit and (data := answer.read()):
            file.write(data)
            file.flush()  # what was reported as arrived must outlive a kill
            have += len(data)
            order.progress(order.path.name, have, answer.total)
    if max(have, answer.total or 0) > order.limit:
        order.part.unlink()
        raise DataError(
            f"{order.path.name} from {order.address} is too large for SIGNS. Received: "
            f"{max(have, answer.total or 0):,} bytes or more. Allowed: {order.limit:,}. Give another copy with --url."
        )
    if answer.total is not None and have < answer.total:
        raise AnswerError(Fault.PASSING, f"the answer ended after {have:,} of {answer.total:,} bytes")


def _silent(_name: str, _have: int, _total: int | None) -> None:
    pass
