"""How frames are handed from the thread that reads a camera to the one that answers."""

from __future__ import annotations

import threading

import numpy as np
from waiting import wait_until

from signs_edge.edge.cameras.process import Newest


def image(value: int) -> np.ndarray:
    return np.full((2, 2, 3), value, np.uint8)


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    newest = Newest(whole=False)
    for value in range(5):
        newest.put(float(value), image(value))
    newest.put(5.0, None)

    taken, told = newest.take()

    assert taken is not None
    assert taken[0, 0, 0] == 4
    assert told == {"captured": 4.0, "dropped": 4, "damaged": 1, "shape": (2, 2, 3)}
    newest.put(6.0, image(6))
    assert newest.take()[1] == {"captured": 6.0, "dropped": 0, "damaged": 0, "shape": (2, 2, 3)}


def test_where_all_are_wanted_the_reader_of_the_camera_waits_for_its_taker() -> None:
    newest, put = Newest(whole=True), list[int]()

    def read() -> None:
        for value in range(20):
            newest.put(float(value), image(value))
            put.append(value)
        newest.end("the stream ended")

    threading.Thread(target=read, daemon=True).start()
    wait_until(lambda: put == [0])
    seen = []
    while (taken := newest.take())[0] is not None:
        seen.append(int(taken[0][0, 0, 0]))
        assert taken[1]["dropped"] == 0
        assert len(put) <= len(seen) + 2

    assert seen == list(range(20))
    assert taken == (None, {"ended": "the stream ended"})


def test_one_that_waits_for_its_taker_is_let_go_at_the_end() -> None:
    newest = Newest(whole=True)
    newest.put(0.0, image(0))
    waiting = threading.Thread(target=newest.put, args=(1.0, image(1)), daemon=True)
    waiting.start()

    with newest.changed:
        newest.over = True
        newest.changed.notify_all()

    waiting.join(60)
    assert not waiting.is_alive()
