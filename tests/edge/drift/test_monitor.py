"""The monitor: verdicts on made-up frames, its state, its cost; and planted faults through the packaged models."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from signs_edge.edge.bundle.store import packaged_model
from signs_edge.edge.drift.answer import Answer
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.monitor import DriftMonitor
from signs_edge.edge.drift.sampler import Draw, ShadowConfig, ShadowSampler
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.reference.confidence_bins import ConfidenceBins
from signs_edge.edge.reference.expectation import Expectation

LABELS = tuple("012345")


class World:
    """Noisy grey pictures, and two models that agree but for what a test plants."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)

    def picture(self, light: float = 1.0) -> np.ndarray:
        level = self.rng.normal(120, 15) * light
        return self.rng.normal(level, 12, (16, 16, 3)).clip(0, 255).astype(np.uint8).repeat(4, 0).repeat(4, 1)

    def scores(self) -> tuple[np.ndarray, int]:
        truth = int(self.rng.integers(6))
        sure = self.rng.uniform(0.6, 0.98)
        scores = np.full(6, (1 - sure) / 5)
        scores[truth] = sure
        return scores.astype(np.float32), truth

    def noisy(self, scores: np.ndarray) -> np.ndarray:
        close = np.abs(scores + self.rng.normal(0, 0.004, 6))
        return (close / close.sum()).astype(np.float32)


@pytest.fixture(scope="module")
def expectation() -> Expectation:
    world = World(1)
    pictures = np.stack([world.picture() for _ in range(300)])
    scores, truths = zip(*(world.scores() for _ in range(300)), strict=True)
    float32 = np.stack(scores)
    return Expectation.of(pictures, np.array(truths), np.stack([world.noisy(one) for one in float32]), float32)


def watch(
    monitor: DriftMonitor, n: int, seed: int = 2, light: float = 1.0, wrong: float = 0.0, hold: int = 10
) -> list[tuple[str, str | None]]:
    """Frames, each held for `hold`, a share `wrong` of which int8 gets wrong; the kinds of the verdicts."""
    world, sampler = World(seed), ShadowSampler(ShadowConfig(ceiling=0.1, boost=1.0), seed)
    kinds = []
    for i in range(n):
        if i % hold == 0:
            picture = world.picture(light)
            float32, truth = world.scores()
            int8 = world.noisy(float32)
            if world.rng.random() < wrong:
                int8 = np.roll(int8, 1)
        draw = sampler.draw(1.0)
        twin = Answer(float32) if draw.taken else None
        kinds.append(monitor.update(picture, Answer(int8), draw, twin, truth).kind)
    return kinds


def test_good_frames_are_unknown_and_then_ok(expectation: Expectation) -> None:
    monitor = DriftMonitor(DriftConfig(), LABELS, expectation)
    assert "not enough seen" in str(monitor.verdict)

    kinds = watch(monitor, 30_000)

    assert set(kinds) == {("unknown", None), ("ok", None)}
    assert 10_000 < kinds.index(("ok", None)) < 26_000
    report = monitor.report()
    assert report.verdict.kind == ("ok", None)
    assert report.paired.difference == 0
    assert report.paired_p == 1
    assert report.int8_accuracy is not None
    assert report.float_accuracy is not None
    assert report.float_accuracy.accuracy > 0.9
    assert json.dumps(report.to_json(), allow_nan=False)
    assert str(report).startswith("ok; agreement 100.00%")


def test_labels_in_the_pause_between_blocks_are_in_no_block(expectation: Expectation) -> None:
    """They would be in the next one, with poses of the one before."""
    monitor = DriftMonitor(DriftConfig(blocks=BlockRule(2, 3)), LABELS, expectation)
    picture, answer = World().picture(), Answer(World().scores()[0])
    differences = []
    for _ in range(10):
        monitor.update(picture, answer, Draw(0.5, 0.5, False, False))
        monitor.label(False, True)
        differences.append(monitor.to_json()["paired"]["block"])

    assert differences == [[-1, 1], [0, 0], [0, 0], [0, 0], [-1, 1], [-2, 2], [0, 0], [0, 0], [0, 0], [-1, 1]]
    assert monitor.report().paired.n == 10


def test_a_device_fault(expectation: Expectation) -> None:
    monitor = DriftMonitor(DriftConfig(), LABELS, expectation)

    kinds = watch(monitor, 4_000, wrong=0.3)

    assert kinds[-1] == ("drift", "device")
    assert set(kinds) <= {("unknown", None), ("drift", "unclear"), ("drift", "device")}
    report = monitor.report()
    assert report.ordinary.status == "drift"
    assert "device fault" in str(report)
    assert report.paired.difference is not None
    assert report.paired.difference < -0.1


def test_an_hour_without_a_hand_is_input_drift_until_one_comes(expectation: Expectation) -> None:
    monitor = DriftMonitor(DriftConfig(handless=500), LABELS, expectation)
    watch(monitor, 1_000)
    for _ in range(499):
        assert monitor.no_hand().kind == ("unknown", None)

    assert monitor.no_hand().kind == ("drift", "input")
    assert str(monitor.verdict).startswith(
        "drift: input drift: the frames are not like the reference (hands found lower);"
    )
    resumed = DriftMonitor.from_json(json.loads(json.dumps(monitor.to_json())), monitor.config, LABELS, expectation)
    assert resumed.verdict == monitor.verdict
    for one in (monitor, resumed):
        assert watch(one, 1, seed=3) == [("unknown", None)]
        assert one.no_hand().kind == ("unknown", None)


def test_a_device_fault_stays_one_where_no_hand_is_found(expectation: Expectation) -> None:
    monitor = DriftMonitor(DriftConfig(handless=3), LABELS, expectation)
    watch(monitor, 4_000, wrong=0.3)

    verdicts = [monitor.no_hand() for _ in range(3)]

    assert [verdict.kind for verdict in verdicts] == [("drift", "device")] * 3
    assert [verdict.input_status for verdict in verdicts] == ["ok", "ok", "drift"]


def test_an_input_drift(expectation: Expectation) -> None:
    monitor = DriftMonitor(DriftConfig(), LABELS, expectation)

    kinds = watch(monitor, 6_000, light=0.3)

    assert kinds[-1] == ("drift", "input")
    assert monitor.verdict.moved[0].direction == "lower"
    assert "brightness" in {one.name for one in monitor.verdict.moved}
    report = monitor.report()
    assert report.verdict.agreement.status != "drift"


def test_the_accuracy_is_guessed_in_other_light_but_not_where_int8_is_less_sure_too(expectation: Expectation) -> None:
    """Wrong where it is below 0.7 sure in four of ten."""
    known = replace(expectation, int8_bins=ConfidenceBins((0.7,), (100, 300), (60, 297)))
    reports = []
    for sure, light in ((0.95, 0.3), (0.6, 0.3), (0.6, 1.0)):
        monitor, world = DriftMonitor(DriftConfig(), LABELS, known), World(3)
        for _ in range(6_000):
            scores = np.full(6, (1 - sure) / 5, np.float32)
            scores[0] = sure
            monitor.update(world.picture(light), Answer(scores), Draw(0.1, 0.1, False, False))
        reports.append(monitor.report())

    surely, unsure, unsure_in_good_light = reports
    assert surely.verdict.fault == "input"
    assert surely.silent is None
    assert surely.int8_accuracy is not None
    assert surely.int8_accuracy.accuracy == pytest.approx(297.5 / 301)
    assert unsure.silent is not None
    assert "too unlike" in unsure.silent
    assert unsure.int8_accuracy is None
    assert unsure_in_good_light.silent is not None
    assert "far less sure" in unsure_in_good_light.silent


def test_without_a_reference_agreement_is_judged_and_the_input_is_not() -> None:
    good, bad = (DriftMonitor(DriftConfig(), LABELS, Expectation.unknown()) for _ in range(2))

    kinds = watch(good, 25_000)

    assert set(kinds) == {("unknown", None)}  # for nothing says whether the frames are as they should be
    assert (good.verdict.agreement.status, good.verdict.input_status) == ("ok", "unknown")
    assert "it may stay so" in str(good.verdict)
    report = good.report()
    assert (report.statistics, report.int8_accuracy) == ((), None)
    assert report.silent == "the model came without a reference"
    assert watch(bad, 4_000, wrong=0.3)[-1] == ("drift", "unclear")
    assert bad.verdict.moved == ()


def test_without_a_twin_agreement_stays_unknown(expectation: Expectation) -> None:
    monitor, world = DriftMonitor(DriftConfig(), LABELS, expectation), World(5)
    for _ in range(3_000):
        monitor.update(world.picture(), Answer(world.scores()[0]), Draw(0.1, 0.1, False, False))

    assert monitor.verdict.kind == ("unknown", None)
    assert monitor.verdict.input_status == "ok"
    assert monitor.report().paired_p is None


def test_who_is_sure_enough_is_no_disagreement() -> None:
    sure, other = np.array([0.8, 0.2], np.float32), np.array([0.2, 0.8], np.float32)

    assert Answer(sure).same_as(Answer(sure, abstained=True))
    assert Answer(sure, abstained=True).same_as(Answer(other, abstained=True))
    assert not Answer(sure).same_as(Answer(other, abstained=True))
    assert Answer(sure, abstained=True).given is None


def test_a_twin_that_was_not_drawn_is_refused(expectation: Expectation) -> None:
    monitor, answer = DriftMonitor(DriftConfig(), LABELS, expectation), Answer(np.full(6, 1 / 6, np.float32))

    with pytest.raises(ValueError, match="not drawn"):
        monitor.update(np.zeros((64, 64, 3), np.uint8), answer, Draw(0.1, 0.1, False, False), answer)


def test_answers_of_nan_are_counted_and_break_nothing(expectation: Expectation) -> None:
    monitor, broken = DriftMonitor(DriftConfig(), LABELS, expectation), np.full(6, np.nan, np.float32)
    world = World(6)
    for _ in range(300):
        good = Answer(world.scores()[0])
        monitor.update(world.picture(), Answer(broken, abstained=True), Draw.certain(), good)

    assert monitor.verdict.agreement.rate is not None
    assert monitor.verdict.agreement.rate < 0.5
    assert json.dumps(monitor.to_json(), allow_nan=False)
    assert json.dumps(monitor.report().to_json(), allow_nan=False)


def test_it_goes_on_where_it_stopped_and_its_state_does_not_grow(expectation: Expectation) -> None:
    """Stopped in the middle of a block, it gives the very verdicts of one that was never stopped."""
    config = DriftConfig()
    whole, first = (DriftMonitor(config, LABELS, expectation) for _ in range(2))
    for monitor in (whole, first):
        watch(monitor, 1_010, wrong=0.1)
    text = json.dumps(first.to_json(), allow_nan=False)
    second = DriftMonitor.from_json(json.loads(text), config, LABELS, expectation)
    assert second.verdict == first._judge()
    assert watch(second, 3_000, seed=4) == watch(whole, 3_000, seed=4)

    assert second.to_json() == whole.to_json()
    assert second.report() == whole.report()
    assert len(json.dumps(second.to_json())) < len(text) + 2_000 < 30_000


def test_states_of_others_are_refused(expectation: Expectation) -> None:
    config = DriftConfig()
    state = DriftMonitor(config, LABELS, expectation).to_json()

    for changed in ({"version": 0}, {"labels": ["a"]}, {"shift": {}}, {"agreement": None}, {"in_bins": [1]}):
        with pytest.raises(ModelError, match="restart the statistics"):
            DriftMonitor.from_json({**state, **changed}, config, LABELS, expectation)


def test_an_expectation_goes_through_json(expectation: Expectation) -> None:
    again = Expectation.from_json(json.loads(json.dumps(expectation.to_json())))

    assert again.int8_bins == expectation.int8_bins
    assert again.reference.n == 300
    with pytest.raises(ModelError, match="not understood"):
        Expectation.from_json({"version": 2})


def test_configs_say_their_level() -> None:
    assert DriftConfig().alpha == pytest.approx(0.01)
    assert DriftConfig(blocks=BlockRule(1, 0)).blocks.period == 1
    with pytest.raises(UsageError, match="handless 0"):
        DriftConfig(handless=0)
    with pytest.raises(UsageError, match="not allowed"):
        DriftConfig(least_blocks=0)


@pytest.fixture(scope="module")
def planted() -> Iterator[ModuleType]:
    path = Path(__file__).parents[3] / "benchmarks/planted_faults.py"
    spec = importlib.util.spec_from_file_location("planted_faults_of_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)  # its dataclasses look themselves up there
        patch.delenv("SIGNS_EDGE_DATA", raising=False)
        spec.loader.exec_module(module)
        yield module


def test_planted_faults_are_named(planted: ModuleType) -> None:
    """A few of the benchmark's, on few drawn hands; each is there from the first frame."""
    assert packaged_model() is not None
    bench = planted.Bench(n=240)
    wanted = {"nothing", "swapped colours on the int8 side", "dimmed light", "camera upside down", "no hand"}
    for fault in planted.FAULTS:
        if fault.name in wanted:
            wanted.discard(fault.name)
            verdict, first, _ = bench.watch(fault, 4_000)
            assert verdict.fault == fault.expected, f"{fault.name}: {verdict}"
            assert (first is None) == (fault.expected is None)
    assert not wanted
