"""The statistics, against published figures, hand calculations and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from signs_edge.edge.metrics.agreement import Agreement, PairedAccuracy
from signs_edge.edge.metrics.intervals import Interval, paired_difference_interval, wilson_interval


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (8, 10, 0.4901625, 0.9433178),  # statsmodels 0.14, proportion_confint(8, 10, method="wilson")
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998) 857, Table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson_interval(successes, n)

    assert interval is not None
    assert interval.low == pytest.approx(low, abs=5e-5 if n != 10 else 5e-8)
    assert interval.high == pytest.approx(high, abs=5e-5 if n != 10 else 5e-8)


@pytest.mark.parametrize(("successes", "n"), [(3, 7), (119, 120), (60, 120), (1, 1000)])
def test_wilson_bounds_solve_the_score_equation(successes: int, n: int) -> None:
    """At each bound π, |p − π| is z standard errors √(π(1 − π)/n)."""
    interval = wilson_interval(successes, n)

    assert interval is not None
    for bound in (interval.low, interval.high):
        assert abs(successes / n - bound) / math.sqrt(bound * (1 - bound) / n) == pytest.approx(1.959963985, rel=1e-8)


def test_wilson_at_the_ends() -> None:
    assert wilson_interval(0, 0) is None
    z2 = 1.959963984540054**2
    for n in (1, 7, 120, 10**9):
        none, all_ = wilson_interval(0, n), wilson_interval(n, n)
        assert none is not None
        assert all_ is not None
        assert none.low == 0.0
        assert all_.high == 1.0
        assert none.high == pytest.approx(z2 / (n + z2))
        assert all_.low == pytest.approx(n / (n + z2))


def test_wilson_at_another_level() -> None:
    narrow, wide = wilson_interval(8, 10, 0.5), wilson_interval(8, 10, 0.99)

    assert narrow is not None
    assert wide is not None
    assert 0.49 < narrow.low < narrow.high < 0.95
    assert wide.low < 0.49
    assert wide.high > 0.9433
    for bound in (wide.low, wide.high):
        assert abs(0.8 - bound) / math.sqrt(bound * (1 - bound) / 10) == pytest.approx(2.575829304, rel=1e-8)


@pytest.mark.parametrize(("p", "n"), [(0.9, 30), (0.975, 120), (0.5, 20)])
def test_wilson_covers_as_often_as_it_says(p: float, n: int) -> None:
    draws = np.random.default_rng(1).binomial(n, p, 4000)
    intervals = [wilson_interval(k, n) for k in range(n + 1)]

    covered = np.mean([intervals[k].low <= p <= intervals[k].high for k in draws])

    assert 0.92 < covered < 0.985


def test_the_paired_interval_by_hand() -> None:
    """b = 7, c = 2, n = 120: b' = 7.5, c' = 2.5, n' = 122; d = 5/122; s = √(10 − 25/122)/122."""
    interval = paired_difference_interval(7, 2, 120)

    d, half = 5 / 122, 1.959963985 * math.sqrt(10 - 25 / 122) / 122
    assert interval is not None
    assert interval.low == pytest.approx(d - half)
    assert interval.high == pytest.approx(d + half)
    assert (interval.low, interval.high) == pytest.approx((-0.009296, 0.091263), abs=1e-6)


def test_the_paired_interval_at_the_ends() -> None:
    assert paired_difference_interval(0, 0, 0) is None
    equal = paired_difference_interval(0, 0, 120)
    assert equal is not None
    assert equal.low == -equal.high
    assert 0 < equal.high < 0.02  # two equal models are not proven equal
    assert paired_difference_interval(1, 0, 1).high <= 1.0
    assert paired_difference_interval(0, 1, 1).low >= -1.0


def test_the_paired_interval_turns_with_its_models() -> None:
    one, other = paired_difference_interval(9, 4, 50), paired_difference_interval(4, 9, 50)

    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@pytest.mark.parametrize(("only_first", "only_second", "n"), [(0.05, 0.05, 120), (0.02, 0.06, 120), (0.1, 0.02, 60)])
def test_the_paired_interval_covers_as_often_as_it_says(only_first: float, only_second: float, n: int) -> None:
    cells = np.random.default_rng(2).multinomial(n, [only_first, only_second, 1 - only_first - only_second], 3000)

    intervals = [paired_difference_interval(int(b), int(c), n) for b, c, _ in cells]
    covered = np.mean([interval.low <= only_first - only_second <= interval.high for interval in intervals])

    assert 0.93 < covered < 0.99


def test_agreement() -> None:
    assert Agreement(99, 120).rate == 0.825
    assert Agreement(99, 120).interval == wilson_interval(99, 120)
    assert Agreement(0, 0).rate is None
    assert Agreement(0, 0).interval is None


def test_paired_accuracy() -> None:
    paired = PairedAccuracy(both=100, only_first=7, only_second=2, n=120)

    assert paired.first == pytest.approx(107 / 120)
    assert paired.second == pytest.approx(102 / 120)
    assert paired.difference == pytest.approx(paired.first - paired.second)
    assert paired.interval == paired_difference_interval(7, 2, 120)


def test_paired_accuracy_of_nothing_is_not_known() -> None:
    nothing = PairedAccuracy(0, 0, 0, 0)

    assert (nothing.first, nothing.second, nothing.difference, nothing.interval) == (None,) * 4


def test_an_interval_for_people_and_programs() -> None:
    assert Interval(0.5, 0.98765).percent() == "50.0% to 98.8%"
    assert Interval(-0.1, 0.2).to_json() == [-0.1, 0.2]
