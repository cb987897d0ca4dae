"""The detector: its weights, its bets, when it says so, and how seldom without cause."""

from __future__ import annotations

import json

import numpy as np
import pytest

from signs_edge.edge.drift.sequential.change_detector import ChangeDetector, ChangeRule, start_weight
from signs_edge.edge.errors import UsageError

ONE = np.ones(1)
USED = np.array([True])


def test_the_weights_of_all_starts_are_one_at_most() -> None:
    total = float(start_weight(np.arange(3_000_000), 5000.0).sum())

    assert 0.9 < total <= 1


def test_one_step_by_hand() -> None:
    detector = ChangeDetector(ChangeRule(limit=0.1, rates=(0.5,)))

    detector.update(ONE, 0.5 * ONE, USED)

    bet = 0.4 / 0.09
    assert detector.log_evidence[0] == pytest.approx(np.log(0.25 * (1 + bet * 0.5 * 0.9)))


def test_each_bet_is_fair_at_the_limit() -> None:
    rule = ChangeRule()

    up, down = 1 + rule.bets * (1 - rule.limit), 1 - rule.bets * rule.limit

    assert rule.limit * up + (1 - rule.limit) * down == pytest.approx(1)
    assert (down > 0).all()


def test_streams_at_the_limit_almost_never_alarm() -> None:
    """Worst case: every observation at the limit, 2,000 of them, looked at after each; stated 20 %."""
    rng = np.random.default_rng(0)
    detector = ChangeDetector(ChangeRule(limit=0.1, alpha=0.2, rates=(0.15, 0.3), patience=50), streams=400)
    ever = np.zeros(400, bool)
    for _ in range(2000):
        detector.update((rng.random(400) < 0.1).astype(float), np.ones(400), np.ones(400, bool))
        ever |= detector.alarm

    assert 0.0 < ever.mean() <= 0.2


def test_weights_undo_the_oftener_drawing_of_hard_frames() -> None:
    """Half of the frames are hard, disagree at 1.8 % and are drawn twice as often; over all it is 0.9 %: no drift."""
    rng = np.random.default_rng(5)
    weighted, bare = ChangeDetector(ChangeRule(), 200), ChangeDetector(ChangeRule(), 200)
    ever = np.zeros(200, bool), np.zeros(200, bool)
    for _ in range(5000):
        hard = rng.random(200) < 2 / 3
        wrong = (hard & (rng.random(200) < 0.018)).astype(float)
        weighted.update(wrong, np.where(hard, 0.5, 1.0), np.ones(200, bool))
        bare.update(wrong, np.ones(200), np.ones(200, bool))
        for one, detector in zip(ever, (weighted, bare), strict=True):
            one |= detector.alarm

    assert ever[0].mean() == 0
    assert ever[1].mean() > 0


def test_it_alarms_where_the_mean_rises_and_ends_where_it_falls() -> None:
    """The exact steps of a seeded stream are pinned."""
    rng = np.random.default_rng(2)
    rates = np.repeat([0.002, 0.2, 0.002], [3000, 300, 1500])
    detector = ChangeDetector(ChangeRule())
    alarms = []
    for rate in rates:
        detector.update(np.array([float(rng.random() < rate)]), ONE, USED)
        alarms.append(bool(detector.alarm[0]))

    begin = alarms.index(True)
    end = begin + alarms[begin:].index(False)
    assert 3000 < begin < 3120
    assert 3300 < end < 4300
    assert not any(alarms[end:])


def test_what_is_not_used_changes_nothing() -> None:
    detector = ChangeDetector(ChangeRule(), 2)

    detector.update(np.ones(2), np.ones(2), np.array([True, False]))

    assert detector.seen.tolist() == [1, 0]
    assert detector.log_evidence[0] > 0 > detector.log_evidence[1]


def test_it_goes_on_where_it_stopped() -> None:
    rng = np.random.default_rng(3)
    whole, first = ChangeDetector(ChangeRule()), ChangeDetector(ChangeRule())
    values = (rng.random(400) < 0.1).astype(float)
    for value in values[:200]:
        first.update(value * ONE, ONE, USED)
    second = ChangeDetector(ChangeRule())
    second.resume(json.loads(json.dumps(first.to_json())))
    for value in values[200:]:
        second.update(value * ONE, ONE, USED)
    for value in values:
        whole.update(value * ONE, ONE, USED)

    assert second.log_evidence.tolist() == whole.log_evidence.tolist()
    assert second.alarm.tolist() == whole.alarm.tolist()
    with pytest.raises(ValueError, match="state"):
        ChangeDetector(ChangeRule(), 2).resume(first.to_json())


@pytest.mark.parametrize("wrong", [{"limit": 0.0}, {"alpha": 1.0}, {"rates": ()}, {"rates": (0.005,)}])
def test_rules_that_mean_nothing(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="must"):
        ChangeRule(**wrong)  # type: ignore[arg-type]
