"""Which frames the twin sees."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from signs_edge.edge.drift.sampler import PLANNED, Draw, ShadowConfig, ShadowSampler
from signs_edge.edge.errors import UsageError


def timed(config: ShadowConfig, frame_s: float, float_s: float) -> ShadowSampler:
    sampler = ShadowSampler(config, seed=1)
    sampler.frame_took(frame_s)
    sampler.float_took(float_s)
    return sampler


def test_the_budget_is_kept() -> None:
    """20 frames a second, 10 ms each: 10 % of a core is every second frame, less what is left over; hard frames come out of the same."""
    sampler = timed(ShadowConfig(budget=0.1, boost=3.0), 0.05, 0.01)
    rng = np.random.default_rng(0)
    assert sampler.base == pytest.approx(0.5 * PLANNED)

    taken = sum(sampler.draw(0.05 if rng.random() < 0.3 else 0.9).taken for _ in range(20_000))

    assert taken * 0.01 / (20_000 * 0.05) == pytest.approx(0.1 * PLANNED, rel=0.05)


def test_the_watchs_own_time_comes_out_of_the_budget() -> None:
    sampler = timed(ShadowConfig(budget=0.1), 0.05, 0.01)
    for _ in range(300):
        sampler.watch_took(0.002)

    assert sampler.base == pytest.approx(0.5 * PLANNED - 0.2)
    for _ in range(300):
        sampler.watch_took(0.02)
    assert sampler.base == sampler.config.floor


def test_weights_make_the_drawn_stand_for_all() -> None:
    """A tenth of the frames is hard; both the weighted sum and the plain draws count them rightly."""
    sampler = timed(ShadowConfig(boost=4.0), 0.05, 0.02)
    rng = np.random.default_rng(0)
    weighted, plain = np.zeros(2), np.zeros(2)
    for _ in range(40_000):
        hard = rng.random() < 0.1
        draw = sampler.draw(0.1 if hard else 0.5)
        assert draw.probability == pytest.approx(draw.base * (4.0 if hard else 1.0))
        weighted += draw.taken * draw.weight * np.array([hard, 1])
        plain += draw.plain * np.array([hard, 1])

    assert weighted[0] / weighted[1] == pytest.approx(0.1, abs=0.007)
    assert plain[0] / plain[1] == pytest.approx(0.1, abs=0.01)


def test_it_gives_way_to_the_floor_and_no_further() -> None:
    sampler = timed(ShadowConfig(floor=0.02), 0.05, 0.01)

    assert sampler.draw(0.9).probability == pytest.approx(0.5 * PLANNED)
    assert sampler.draw(0.0, throttled=True).probability == 0.02
    slow = timed(ShadowConfig(floor=0.02), 0.05, 10.0)
    assert slow.draw(0.9).probability == 0.02


def test_a_margin_that_is_no_number_is_hard() -> None:
    draw = ShadowSampler(ShadowConfig(boost=2.0)).draw(math.nan)

    assert draw.probability == pytest.approx(2 * draw.base)


def test_it_draws_on_as_if_never_stopped() -> None:
    sampler = timed(ShadowConfig(), 0.05, 0.02)
    for _ in range(100):
        sampler.draw(0.15)
    again = ShadowSampler.from_json(json.loads(json.dumps(sampler.to_json())))

    assert [again.draw(0.5) for _ in range(50)] == [sampler.draw(0.5) for _ in range(50)]


def test_what_is_no_draw() -> None:
    assert Draw.certain().weight == 1
    for wrong in ((0.1, 0.2, True, True), (0.0, 0.0, False, False), (0.2, 0.1, False, True)):
        with pytest.raises(ValueError, match="not a draw"):
            Draw(*wrong)


@pytest.mark.parametrize("wrong", [{"budget": 0.0}, {"floor": 0.0}, {"floor": 0.5, "ceiling": 0.4}, {"boost": 0.5}])
def test_configs_that_mean_nothing(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"not allowed|must be"):
        ShadowConfig(**wrong)
