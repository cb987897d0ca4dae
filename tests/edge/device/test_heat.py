"""Heat is asked for beside the loop."""

from __future__ import annotations

import pytest
from waiting import wait_until

from signs_edge.edge.device.board import Heat
from signs_edge.edge.device.heat import HeatWatch


@pytest.mark.parametrize(
    ("heat", "slow"),
    [
        (Heat(79.9, (), ()), False),
        (Heat(80.0, (), ()), True),
        (Heat(50.0, ("throttled",), ()), True),
        (Heat(50.0, (), ("throttled",)), False),  # it was, and is no more
        (Heat(None, None, None), False),
    ],
)
def test_it_gives_way_while_hot_or_throttled(heat: Heat, slow: bool) -> None:
    asked: list[int] = []

    def read() -> Heat:
        asked.append(0)
        return heat

    watch = HeatWatch(read=read, period_s=0.005)
    try:
        wait_until(lambda: len(asked) > 1)
        assert watch.throttled() == slow
    finally:
        watch.close()


def test_facts_are_told_in_steps_and_none_where_nothing_is_known() -> None:
    facts: list[tuple[str, object]] = []
    heats = iter([Heat(61.9, (), ()), Heat(None, None, None), Heat(62.6, ("under-voltage",), ())])
    watch = HeatWatch(
        lambda name, value: facts.append((name, value)), lambda: next(heats, Heat(None, None, None)), 0.001
    )
    wait_until(lambda: len(facts) == 4)
    watch.close()

    assert facts == [("celsius", 60), ("throttling", []), ("celsius", 65), ("throttling", ["under-voltage"])]
