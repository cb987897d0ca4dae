"""Sequences of means: by hand, against their own definition, and simulated at every look."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from signs_edge.edge.drift.sequential.confidence_sequence import (
    BETS,
    PENALTIES,
    SHARES,
    MeanSequence,
    log_evidence,
    sum_bound,
)
from signs_edge.edge.drift.sequential.recent_window import RecentSequence
from signs_edge.edge.errors import UsageError


def test_the_evidence_is_the_mixture_of_its_formula() -> None:
    by_hand = math.log(sum(s * math.exp(b * 7 - p * 2) for s, b, p in zip(SHARES, BETS, PENALTIES, strict=True)))

    assert SHARES.sum() == pytest.approx(1)
    assert float(log_evidence(7.0, 2.0)) == pytest.approx(by_hand)
    assert PENALTIES[0] == pytest.approx(-math.log(0.1) - 0.9)


@pytest.mark.parametrize("alpha", [0.2, 0.05, 0.001])
def test_the_bound_is_where_the_evidence_reaches_its_level(alpha: float) -> None:
    spreads = np.array([0.0, 1e-4, 0.3, 5.0, 400.0, 1e5])

    assert log_evidence(sum_bound(spreads, alpha), spreads) == pytest.approx(math.log(1 / alpha), abs=1e-6)


def test_observations_that_never_differ() -> None:
    """233 blocks without a disagreement rule out 2 % at 5 %, where one λ of 0.9 alone, with share 0.3, would."""
    sequence = MeanSequence(guess=0.0)
    n = 0
    while not sequence.surely_below(0.02, 0.05):
        sequence = sequence.add(0.0)
        n += 1

    assert (math.log(20) - 1e-9) / (0.9 * 0.02) < n <= math.ceil(math.log(20 / 0.3) / (0.9 * 0.02))


def test_the_interval_in_the_units_of_the_observations() -> None:
    sequence = MeanSequence(low=-1.0, high=1.0, guess=0.0)
    assert sequence.interval() is None
    assert sequence.mean is None
    for value in (-0.5, 0.0, 0.5, 1.0):
        sequence = sequence.add(value)

    interval = sequence.interval()

    assert sequence.mean == pytest.approx(0.25)
    assert interval is not None
    assert -1 <= interval.low < 0.25 < interval.high <= 1
    with pytest.raises(ValueError, match="outside"):
        sequence.add(1.5)


@pytest.mark.parametrize(("before", "after"), [(0.02, 0.02), (0.3, 0.3), (0.02, 0.4)])
def test_it_ever_misses_the_running_mean_no_oftener_than_stated(before: float, after: float) -> None:
    """500 streams, 400 looks each, at 80 %: a fixed-time interval would miss in half of them."""
    rng = np.random.default_rng(4)
    rates = np.where(np.arange(400) < 200, before, after)
    missed = 0
    for stream in (rng.random((500, 400)) < rates).astype(float):
        total, n = np.cumsum(stream), np.arange(1, 401)
        expected = (0.01 + total - stream) / n
        spread = np.cumsum((stream - expected) ** 2)
        off = np.abs(total - np.cumsum(rates))
        missed += bool((log_evidence(off, spread) >= math.log(2 / 0.2)).any())

    assert missed / 500 <= 0.2


def test_one_by_one_is_what_the_arrays_of_the_simulation_are() -> None:
    values = (np.random.default_rng(1).random(50) < 0.2).astype(float)
    sequence = MeanSequence()
    for value in values:
        sequence = sequence.add(float(value))
    expected = (0.01 + np.cumsum(values) - values) / np.arange(1, 51)

    assert sequence.total == values.sum()
    assert sequence.spread == pytest.approx(((values - expected) ** 2).sum())


def test_how_many_more_are_needed() -> None:
    sequence = MeanSequence(guess=0.0)
    for _ in range(100):
        sequence = sequence.add(0.0)
    needed = sequence.units_to_below(0.02, 0.05)
    assert needed is not None
    for _ in range(needed + 40):
        sequence = sequence.add(0.0)

    assert 50 < needed < 200
    assert sequence.surely_below(0.02, 0.05)
    assert sequence.units_to_below(0.02, 0.05) == 0


def test_a_mean_above_the_limit_never_gets_below() -> None:
    sequence = MeanSequence()
    for _ in range(50):
        sequence = sequence.add(0.5)

    assert sequence.units_to_below(0.02, 0.05) is None


def test_a_recent_sequence_forgets() -> None:
    recent = RecentSequence.start(20, MeanSequence())
    for _ in range(100):
        recent = recent.add(1.0)
    lengths = []
    for _ in range(20):
        recent = recent.add(0.0)
        lengths.append(recent.sequence.n)

    assert recent.sequence.mean == 0.0
    assert min(lengths) >= 10
    assert max(lengths) < 20
    with pytest.raises(UsageError, match="even"):
        RecentSequence.start(5, MeanSequence())


def test_they_go_on_where_they_stopped() -> None:
    sequence, recent = MeanSequence(), RecentSequence.start(8, MeanSequence())
    for value in (0.0, 1.0, 0.25, 0.5, 0.75, 0.0, 1.0):
        sequence, recent = sequence.add(value), recent.add(value)
    written = json.dumps([sequence.to_json(), recent.to_json()])
    one, other = json.loads(written)

    assert MeanSequence().resume(one) == sequence
    assert RecentSequence.start(8, MeanSequence()).resume(other) == recent
