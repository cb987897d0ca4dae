"""Batches made ahead of time by worker threads, the same ones whatever the number of workers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

Batch = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


class Feed:
    """Endless batches, each made from its epoch and step alone.

    Threads are enough: OpenCV and the network both work outside Python's lock.

    Attributes:
        steps: batches per epoch.
        first_epoch: the epoch of the first batch, counted from 0.
        waited: seconds that the consumer has waited for a batch.
    """

    def __init__(
        self,
        make: Callable[[int, int], Batch],
        steps: int,
        *,
        first_epoch: int = 0,
        workers: int = 2,
        ahead: int = 8,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Start making batches.

        Args:
            make: (epoch, step) to (inputs, targets).
            steps: per epoch.
            first_epoch: where to begin, counted from 0.
            workers: threads.
            ahead: batches kept ready.
            clock: in seconds, of `waited`.
        """
        self.waited = 0.0
        self.steps, self.first_epoch = steps, first_epoch
        self._make, self._clock = make, clock
        self._next = first_epoch * steps
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="batches")
        self._ready: deque[Future[Batch]] = deque()
        for _ in range(ahead):
            self._order()

    def __iter__(self) -> Iterator[Batch]:
        """The batches, without end (Keras insists on a generator); errors of the worker that made one are raised here."""
        while True:
            began = self._clock()
            batch = self._ready.popleft().result()
            self.waited += self._clock() - began
            self._order()
            yield batch

    def close(self) -> None:
        """Stop the workers."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _order(self) -> None:
        epoch, step = divmod(self._next, self.steps)
        self._ready.append(self._pool.submit(self._make, epoch, step))
        self._next += 1
