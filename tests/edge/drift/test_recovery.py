"""What a drift leaves behind: nothing that names another fault, and no long silence."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.drift.answer import Answer
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.monitor import DriftMonitor
from signs_edge.edge.drift.sampler import Draw
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.reference.expectation import Expectation

LABELS = tuple("012345")
Kind = tuple[str, str | None]


class World:
    """Separate noisy grey pictures; a float model that is sure in good light and less so in bad, and an int8 model beside."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def frame(self, light: float = 1.0, sure: float = 1.0, wrong: float = 0.0) -> tuple[np.ndarray, Answer, Answer]:
        level = self.rng.normal(120, 15) * light
        picture = self.rng.normal(level, 12, (16, 16, 3)).clip(0, 255).astype(np.uint8).repeat(4, 0).repeat(4, 1)
        highest, truth = self.rng.uniform(0.6, 0.98) * sure, int(self.rng.integers(6))
        scores = np.full(6, (1 - highest) / 5, np.float32)
        scores[truth] = highest
        close = np.abs(scores + self.rng.normal(0, 0.004, 6)).astype(np.float32)
        int8 = np.roll(close / close.sum(), 1) if self.rng.random() < wrong else close / close.sum()
        return picture, Answer(int8), Answer(scores)


@pytest.fixture(scope="module")
def expectation() -> Expectation:
    world = World(1)
    pictures, int8, float32 = zip(*(world.frame() for _ in range(300)), strict=True)
    answers = [np.stack([one.probabilities for one in model]) for model in (int8, float32)]
    return Expectation.of(np.stack(pictures), answers[1].argmax(axis=1), *answers)


def watch(monitor: DriftMonitor, n: int, world: World, every: int = 1, **what: float) -> list[Kind]:
    kinds = []
    for number in range(n):
        picture, int8, float32 = world.frame(**what)
        seen = number % every == 0
        draw = Draw(1 / every, 1 / every, seen, seen)
        kinds.append(monitor.update(picture, int8, draw, float32 if seen else None).kind)
    return kinds


def monitor(expectation: Expectation) -> DriftMonitor:
    return DriftMonitor(DriftConfig(blocks=BlockRule(1, 0)), LABELS, expectation)


def test_after_a_device_fault_it_is_ok_as_soon_as_at_the_start(expectation: Expectation) -> None:
    watched, world = monitor(expectation), World(2)
    start = watch(watched, 400, world).index(("ok", None))
    fault = watch(watched, 300, world, wrong=0.5)
    assert fault[-1] == ("drift", "device")

    after = watch(watched, 800, world)

    ended = next(number for number, (status, _) in enumerate(after) if status != "drift")
    assert ended < 400
    assert after.index(("ok", None)) - ended <= start + 5  # not only when 500 frames have put the fault behind
    assert {status for status, _ in after[ended:]} == {"unknown", "ok"}


def test_after_an_input_drift_that_both_found_hard_no_device_is_blamed(expectation: Expectation) -> None:
    watched, world = monitor(expectation), World(3)
    watch(watched, 300, world, every=4)
    dark = watch(watched, 300, world, every=4, light=0.4, sure=0.5, wrong=0.1)
    assert dark[-1] == ("drift", "input")

    after = watch(watched, 1000, world, every=4)

    assert {fault for _, fault in after} == {"input", None}
    assert after[-1] == ("ok", None)


def test_a_device_fault_that_outlasts_an_input_drift_is_found(expectation: Expectation) -> None:
    watched, world = monitor(expectation), World(4)
    watch(watched, 300, world)
    watch(watched, 200, world, light=0.4, wrong=0.3)

    assert watch(watched, 400, world, wrong=0.3)[-1] == ("drift", "device")


def test_it_resumes_within_an_input_drift(expectation: Expectation) -> None:
    watched, world = monitor(expectation), World(5)
    watch(watched, 200, world, light=0.4, sure=0.5, wrong=0.1)
    resumed = DriftMonitor.from_json(watched.to_json(), watched.config, LABELS, expectation)

    assert watch(resumed, 300, World(6)) == watch(watched, 300, World(6))
