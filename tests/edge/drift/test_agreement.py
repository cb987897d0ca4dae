"""Agreement over all, lately, on ordinary frames and per class; and the benchmark's simulation against it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from signs_edge.edge.drift.agreement import AgreementConfig, AgreementTest, Look
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.errors import UsageError

SEPARATE = BlockRule(1, 0)


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    path = Path(__file__).parents[3] / "benchmarks/drift.py"
    spec = importlib.util.spec_from_file_location("benchmark_of_drift", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def feed(watch: AgreementTest, n: int, every: int = 10, wrong_every: int = 0, answer: int = 0) -> None:
    for i in range(n):
        same = not (wrong_every and (i // every) % wrong_every == 0)
        watch.update(Look(same, True, answer) if i % every == 0 else None)


def test_blocks_and_pauses() -> None:
    rule = BlockRule(3, 2, step=2)

    assert [rule.counts(frame) for frame in range(10)] == [True] * 3 + [False] * 2 + [True] * 3 + [False] * 2
    assert [frame for frame in range(10) if rule.closes(frame)] == [2, 7]
    assert [frame for frame in range(10) if rule.measures(frame)] == [0, 2, 5, 7]
    assert all(SEPARATE.counts(frame) and SEPARATE.closes(frame) and SEPARATE.measures(frame) for frame in range(5))
    for wrong in ((0, 1, 1), (1, -1, 1), (1, 0, 0)):
        with pytest.raises(UsageError, match="not allowed"):
            BlockRule(*wrong)


def test_unknown_then_ok_when_it_was_said() -> None:
    watch = AgreementTest(AgreementConfig(), BlockRule(), 6)
    assert watch.verdict().status == "unknown"
    assert watch.verdict().rate is None
    feed(watch, 12_000)
    needed = watch.verdict().frames_needed
    assert watch.verdict().status == "unknown"
    assert needed is not None
    assert 5_000 < needed < 16_000

    feed(watch, round(1.2 * needed))

    verdict = watch.verdict()
    assert verdict.status == "ok"
    assert verdict.rate == 1.0
    assert verdict.frames_needed == 0
    assert verdict.interval is not None
    assert verdict.interval.low > 0.97
    assert not watch.drift


def test_drift_of_all_and_of_a_class() -> None:
    watch = AgreementTest(AgreementConfig(), BlockRule(), 6)
    feed(watch, 6_000, wrong_every=10, answer=3)

    assert watch.drift
    assert watch.ordinary_drift
    assert watch.verdict().status == "drift"
    assert watch.verdict().rate == pytest.approx(0.9)
    assert watch.verdict(2 + 3).status == "drift"
    assert watch.verdict(2 + 1).status == "unknown"


def test_one_bad_pose_is_one_disagreement_however_long_it_is_looked_at() -> None:
    """A pose that disagrees on all its 60 frames is no more evidence than a single look; frames apart would alarm."""
    held, apart = (AgreementTest(AgreementConfig(), blocks, 6) for blocks in (BlockRule(), SEPARATE))
    for watch in (held, apart):
        for _i in range(60):
            watch.update(Look(False, True, 0))

    assert apart.drift
    assert not held.drift


def test_whole_poses_that_disagree_are_found_by_blocks() -> None:
    """One pose in ten disagrees. Here nothing but the blocks may say so."""
    watch = AgreementTest(AgreementConfig(alpha=1e-9, class_alpha=1e-9), BlockRule(), 1)
    rng = np.random.default_rng(0)
    for _ in range(500):
        wrong = rng.random() < 0.1
        for i in range(60):
            watch.update(Look(not wrong, True, 0) if i % 10 == 0 else None)

    assert watch.drift


def test_unordinary_frames_and_abstentions_are_in_no_group_of_theirs() -> None:
    watch = AgreementTest(AgreementConfig(), SEPARATE, 2)
    for _ in range(50):
        watch.update(Look(False, False, None))

    assert [watch.verdict(group).looks for group in range(4)] == [50, 0, 0, 0]
    assert watch.drift
    assert not watch.ordinary_drift


def test_the_benchmarks_streams_are_this_watch(benchmark: ModuleType) -> None:
    """One stream of the simulation, frame by frame through the watch: the same evidence, the same alarm."""
    for seed, held in ((0, 1), (3, 60)):
        frames = 6_000
        seen: list[tuple[int, float, int]] = []
        first, evidence = benchmark.agreement_streams(1, frames, lambda frame: 0.03 + 0 * frame, seed, held)
        # the same chance again
        rng = np.random.default_rng(seed)
        frame, pose, wrong, group = -1, -1, 0.0, 0
        begun = int(rng.integers(held, size=1)[0])
        while True:
            frame += int(rng.geometric(0.1, 1)[0])
            if frame >= frames:
                break
            new = (frame + begun) // held != pose
            pose = (frame + begun) // held
            chance, other = float(rng.random(1)[0]), int(rng.integers(6, size=1)[0])
            wrong, group = (float(chance < 0.03), other) if new else (wrong, group)
            seen.append((frame, wrong, group))
        looks = {at: Look(not bad, False, answer) for at, bad, answer in seen}
        watch = AgreementTest(AgreementConfig(), BlockRule(), 6)
        alarm = -1
        for at in range(frames):
            watch.update(looks.get(at))
            if watch.drift and alarm < 0:
                alarm = at

        assert watch.log_evidence == pytest.approx(float(evidence[0]), abs=1e-9)
        # a block's alarm is said at its end there, at the next look here
        assert (alarm < 0) == (first[0] < 0)
        assert abs(alarm - first[0]) <= 100


def test_no_false_drift_in_the_worst_case_that_is_allowed(benchmark: ModuleType) -> None:
    first, _ = benchmark.agreement_streams(300, 10_000, lambda frame: 0.01 + 0 * frame, 5, 60)
    counted, _ = benchmark.agreement_streams(300, 10_000, lambda frame: 0.01 + 0 * frame, 5, 60, rest=False)

    assert (first >= 0).mean() <= 0.01
    assert (counted >= 0).mean() > 0.3  # what counting every frame of a held pose would say


def test_a_fall_to_95_percent_is_found_soon(benchmark: ModuleType) -> None:
    first, _ = benchmark.agreement_streams(40, 20_000, lambda frame: 0.05 + 0 * frame, 6)

    assert (first >= 0).all()
    assert np.median(first) < 4000


def test_input_like_the_reference_is_no_drift(benchmark: ModuleType) -> None:
    assert benchmark.shift_streams(100, 20_000, 2, references=2).mean() <= 0.01


def test_it_goes_on_where_it_stopped() -> None:
    whole, first = (AgreementTest(AgreementConfig(), BlockRule(), 6) for _ in range(2))
    for watch in (whole, first):
        feed(watch, 2_017, wrong_every=40, answer=2)
    second = AgreementTest(AgreementConfig(), BlockRule(), 6)
    second.resume(json.loads(json.dumps(first.to_json())))
    for watch in (whole, second):
        feed(watch, 1_500, wrong_every=30)

    assert second.to_json() == whole.to_json()
    assert second.verdict() == whole.verdict()


def test_configs_that_mean_nothing() -> None:
    for wrong in ({"floor": 1.0}, {"floor": 0.9, "ok_floor": 0.95}, {"ok_alpha": 0.0}):
        with pytest.raises(UsageError, match="not allowed"):
            AgreementConfig(**wrong)
