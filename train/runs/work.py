"""Long work in pieces: what is called after each, and how it is spread over threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias, TypeVar

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called after each piece of work with its name, the number of pieces done and the number of all."""

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def silent(work: str, done: int, total: int) -> None:
    """A `Progress` that does nothing."""


def map_in_threads(
    function: Callable[[Piece], Result],
    pieces: Sequence[Piece],
    work: str,
    progress: Progress = silent,
    workers: int | None = None,
) -> list[Result]:
    """Apply a function to every piece in several threads; the results are in the order of the pieces.

    An exception, of the function or of `progress`, ends the work after the pieces that are being computed: so Ctrl-C
    does not wait for the rest.

    Args:
        function: works outside Python's lock, as OpenCV does, or threads gain nothing.
        pieces: what to apply it to.
        work: the name of the work, for `progress`.
        progress: called in this thread.
        workers: number of threads; None: one for each core.

    >>> map_in_threads(abs, [-2, 1, -3], "absolute values")
    [2, 1, 3]
    """
    results: list[Result] = []
    pool = ThreadPoolExecutor(workers or os.cpu_count() or 1)
    try:
        for done, result in enumerate(pool.map(function, pieces), start=1):
            results.append(result)
            progress(work, done, len(pieces))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return results
