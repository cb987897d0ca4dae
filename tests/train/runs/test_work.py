"""Work in threads: its order, what is told, and its end on an exception."""

import threading

import pytest

from signs_edge.train.runs.work import map_in_threads


def test_results_are_in_order_and_every_piece_is_told():
    told = []

    results = map_in_threads(lambda n: n * n, range(5), "squares", lambda *step: told.append(step), workers=2)

    assert results == [0, 1, 4, 9, 16]
    assert told == [("squares", done, 5) for done in range(1, 6)]


def test_an_exception_of_progress_leaves_the_waiting_pieces_undone():
    computed = []
    interrupted = threading.Event()

    def compute(piece):
        if piece > 1:
            assert interrupted.wait(60)  # so that none is computed before the interruption
        computed.append(piece)

    def interrupt(work, done, total):
        if done == 2:
            interrupted.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        map_in_threads(compute, range(1000), "work", interrupt, workers=1)

    assert len(computed) < 1000


def test_an_exception_of_the_function_comes_out():
    def fail(piece):
        raise ValueError(piece)

    with pytest.raises(ValueError, match="7"):
        map_in_threads(fail, [7], "work")
