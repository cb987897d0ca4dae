"""Two models against the truth."""

from __future__ import annotations

import json

import pytest

from signs_edge.edge.drift.sequential.paired_sequence import PairedSequence


def test_counts_and_interval() -> None:
    pairs = PairedSequence()
    assert pairs.interval is None
    for i in range(400):
        pairs = pairs.add(i % 10 != 0, True).close_block()

    assert (pairs.counts.both, pairs.counts.only_first, pairs.counts.only_second) == (360, 0, 40)
    assert pairs.counts.difference == pytest.approx(-0.1)
    assert pairs.interval is not None
    assert -0.25 < pairs.interval.low < -0.1 < pairs.interval.high < 0
    assert pairs.p_equal < 1e-9
    assert PairedSequence.from_json(json.loads(json.dumps(pairs.to_json()))) == pairs


def test_frames_in_the_pause_are_counted_but_are_no_observation() -> None:
    pairs = PairedSequence().add(True, False).add(True, True).add(False, True, in_block=False)

    closed = pairs.close_block()

    assert closed.counts.n == 3
    assert closed.differences.n == 1
    assert closed.differences.mean == pytest.approx(0.5)
    assert closed.close_block() == closed
