"""Batches made ahead: in order, the same ones whatever the workers, and no thread left behind."""

import inspect
import threading
from itertools import islice

import numpy as np
import pytest
from waiting import wait_until

from signs_edge.train.training.feed import Feed


def numbered(epoch, step):
    """A batch that says which it is."""
    return np.full((1, 2), epoch, np.float32), np.full((1, 2), step, np.float32)


def taken(feed, n):
    return [(int(inputs[0, 0]), int(targets[0, 0])) for inputs, targets in islice(iter(feed), n)]


def batch_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


@pytest.mark.parametrize(("workers", "ahead"), [(1, 1), (2, 8), (5, 3)])
def test_batches_come_in_order_whatever_the_workers(workers, ahead):
    """With several workers, each even batch is done after the odd one that follows it."""
    done = {number: threading.Event() for number in range(40)}

    def make(epoch, step):
        number = epoch * 3 + step
        if workers > 1 and number % 2 == 0:
            assert done[number + 1].wait(60)
        done[number].set()
        return numbered(epoch, step)

    feed = Feed(make, 3, workers=workers, ahead=ahead)
    try:
        assert taken(feed, 10) == [(step // 3, step % 3) for step in range(10)]
    finally:
        feed.close()


def test_a_resumed_run_begins_in_its_epoch():
    feed = Feed(numbered, 4, first_epoch=2)
    try:
        assert taken(feed, 3) == [(2, 0), (2, 1), (2, 2)]
    finally:
        feed.close()


def test_an_error_of_a_worker_is_raised_where_its_batch_is_due():
    def fail(epoch, step):
        if step == 2:
            raise ValueError("broken picture")
        return numbered(epoch, step)

    feed = Feed(fail, 5)
    batches = iter(feed)
    try:
        next(batches)
        next(batches)
        with pytest.raises(ValueError, match="broken picture"):
            next(batches)
    finally:
        feed.close()
    assert not batch_threads()


def test_close_ends_the_threads_and_what_was_not_begun_is_left():
    asked, begun, go = [], threading.Event(), threading.Event()

    def slow(epoch, step):
        asked.append(step)
        begun.set()
        assert go.wait(60)
        return numbered(epoch, step)

    feed = Feed(slow, 100, workers=2, ahead=50)
    assert batch_threads()
    assert begun.wait(60)
    closing = threading.Thread(target=feed.close)
    closing.start()
    wait_until(lambda: sum(future.cancelled() for future in feed._ready) >= 48)
    go.set()
    closing.join()
    assert not batch_threads()
    assert len(asked) <= 2


def test_only_waiting_is_counted():
    now, going, go = [0.0], threading.Event(), threading.Event()

    def make(epoch, step):
        if step == 1:
            going.set()
            assert go.wait(60)
            now[0] += 2.5
        return numbered(epoch, step)

    feed = Feed(make, 10, workers=1, ahead=2, clock=lambda: now[0])
    try:
        batches = iter(feed)
        assert going.wait(60)  # the first batch is ready, the second is being made
        now[0] += 7.0  # the network's step
        next(batches)
        assert feed.waited == 0
        waiting = threading.Thread(target=next, args=(batches,))
        waiting.start()
        wait_until(lambda: len(feed._ready) == 1)  # it has taken the batch that is not ready
        go.set()
        waiting.join()
        assert feed.waited == 2.5
    finally:
        go.set()
        feed.close()


def test_keras_gets_the_generator_that_it_insists_on():
    feed = Feed(numbered, 2)
    try:
        assert inspect.isgenerator(iter(feed))
    finally:
        feed.close()
