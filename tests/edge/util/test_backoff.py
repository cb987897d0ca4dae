"""Waits that grow to a limit."""

from __future__ import annotations

import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.util.backoff import Backoff


def test_each_wait_is_twice_the_one_before_up_to_the_longest() -> None:
    backoff = Backoff(first=0.25, longest=1.5)

    assert [backoff.next() for _ in range(6)] == [0.25, 0.5, 1.0, 1.5, 1.5, 1.5]


def test_after_a_success_it_is_short_again() -> None:
    backoff = Backoff()
    for _ in range(3):
        backoff.next()

    backoff.reset()

    assert backoff.next() == 0.25


def test_weeks_of_tries_take_no_longer() -> None:
    backoff = Backoff(tries=10_000_000)

    assert backoff.next() == 1.0


@pytest.mark.parametrize("values", [{"first": 0}, {"first": 2, "longest": 1}, {"factor": 0.5}])
def test_values_that_mean_nothing_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="is not allowed: give 0 < first <= longest"):
        Backoff(**values)
