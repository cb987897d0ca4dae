"""Batches made ahead: in order, the same ones whatever the workers, and no thread left behind."""

import inspect
import threading
import time
from itertools import islice

import numpy as np
import pytest

from signs_edge.train.fit.feed import Feed


def numbered(epoch, step):
    """A batch that says which it is; later ones are often done before earlier ones."""
    time.sleep(0.002 * ((epoch * 7 + step * 3) % 4))
    return np.full((1, 2), epoch, np.float32), np.full((1, 2), step, np.float32)


def taken(feed, n):
    return [(int(inputs[0, 0]), int(targets[0, 0])) for inputs, targets in islice(iter(feed), n)]


def batch_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


@pytest.mark.parametrize(("workers", "ahead"), [(1, 1), (2, 8), (5, 3)])
def test_batches_come_in_order_whatever_the_workers(workers, ahead):
    feed = Feed(numbered, 3, workers=workers, ahead=ahead)
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
    asked = []

    def slow(epoch, step):
        asked.append(step)
        time.sleep(0.02)
        return numbered(epoch, step)

    feed = Feed(slow, 100, workers=2, ahead=50)
    assert batch_threads()
    feed.close()
    assert not batch_threads()
    assert len(asked) < 50


def test_only_waiting_is_counted():
    ready = Feed(lambda epoch, step: numbered(0, 0), 10, ahead=4)
    late = Feed(lambda epoch, step: time.sleep(0.05) or numbered(0, 0), 10, workers=1, ahead=1)
    try:
        batches = iter(ready)
        for _ in range(4):
            time.sleep(0.03)  # the network's step
            next(batches)
        assert ready.waited < 0.06
        assert late.waited == 0
        taken(late, 4)
        assert late.waited > 0.12
    finally:
        ready.close()
        late.close()


def test_keras_gets_the_generator_that_it_insists_on():
    feed = Feed(numbered, 2)
    try:
        assert inspect.isgenerator(iter(feed))
    finally:
        feed.close()
