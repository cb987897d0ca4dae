"""How often and how fast drift is found: `python benchmarks/drift.py [--quick] [--only SECTION]`, seeds fixed.

Streams are simulated look by look, or block by block, with the package's own detectors, a thousand streams at once; a
test holds that a single stream through `AgreementWatch` gives the same evidence. The planted faults run an hour of whole
frames each through the packaged models and `DriftMonitor`, of photos where $SIGNS_EDGE_DATA is set.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.drift.accuracy_estimate import AccuracyEstimate
from signs_edge.edge.drift.agreement import AgreementConfig
from signs_edge.edge.drift.input_shift import ShiftDetector, ShiftRule
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.drift.sequential.change_detector import ChangeDetector
from signs_edge.edge.drift.sequential.confidence_sequence import MeanSequence, log_evidence
from signs_edge.edge.reference.confidence_bins import ConfidenceBins
from signs_edge.edge.reference.quantiles import Reference
from signs_edge.edge.reference.statistics import PIXELS, STATISTICS, TURNS

sys.path.insert(0, str(Path(__file__).parent))

FRAMES, EVERY, CLASSES = 100_000, 0.1, 6
HOUR = 108_000  # frames, at 30 a second
Rate = Callable[[np.ndarray], np.ndarray]


def agreement_streams(
    streams: int, frames: int, wrong: Rate, seed: int, held: int = 1, rest: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Streams in which the twin sees each frame with probability 0.1.

    Args:
        streams: how many.
        frames: how long.
        wrong: the probability, at (streams,) frames, that the pose shown there is one that int8 gets wrong.
        seed: of all chance.
        held: frames that each pose is shown; it disagrees on all of them or on none.
        rest: as in `AgreementWatch`, not to count the frames after a disagreement.

    Returns:
        (streams,) the frame at which drift was first said, of all frames or of a class; -1 where it never was. And
        (streams,) ln of the evidence of all frames at the end.
    """
    config, hold = AgreementConfig(), BlockRule().hold
    rng = np.random.default_rng(seed)
    whole = ChangeDetector(config.rule(config.alpha), streams)
    classes = ChangeDetector(config.rule(config.class_alpha / CLASSES), streams * CLASSES)
    blocks = ChangeDetector(config.rule(config.block_alpha), streams)
    rule, in_block, block = BlockRule(), np.zeros((2, streams)), np.zeros(streams, np.int64)
    frame = np.full(streams, -1)
    first, resting_until, pose = np.full(streams, -1), np.zeros(streams, np.int64), np.full(streams, -1)
    is_wrong, group = np.zeros(streams), np.zeros(streams, np.int64)
    begun = rng.integers(held, size=streams)  # how far into a pose the stream starts
    every = np.arange(streams) * CLASSES
    while True:
        frame += rng.geometric(EVERY, streams)
        running = frame < frames
        # the block before is over, if there were looks in it
        over = (frame // rule.period != block) & (in_block[1] > 0)
        blocks.update(in_block[0] / np.maximum(in_block[1], 1), np.ones(streams), over & running)
        in_block[:, over] = 0
        block = frame // rule.period
        if not running.any():
            return first, whole.log_evidence
        now = (frame + begun) // held
        new = now != pose
        pose = now
        is_wrong = np.where(new, rng.random(streams) < wrong(frame), is_wrong).astype(float)
        group = np.where(new, rng.integers(CLASSES, size=streams), group)
        in_block += np.stack((is_wrong, np.ones(streams))) * (running & (frame % rule.period < rule.frames))
        used = running & ((frame >= resting_until) | (not rest))
        whole.update(is_wrong, np.ones(streams), used)
        mask = np.zeros(streams * CLASSES, bool)
        mask[every + group] = used
        classes.update(np.repeat(is_wrong, CLASSES), np.ones(streams * CLASSES), mask)
        resting_until = np.where(is_wrong > 0, frame + hold, resting_until)
        alarm = whole.alarm | blocks.alarm | classes.alarm.reshape(streams, CLASSES).any(axis=1)
        first = np.where((first < 0) & alarm & running, frame, first)


def shift_streams(streams: int, frames: int, seed: int, n: int = 600, references: int = 10) -> np.ndarray:
    """(streams,) whether an input shift was ever said of frames like the reference's, each block one held pose."""
    rng = np.random.default_rng(seed)
    said = []
    for _ in range(references):
        reference = Reference.of_values(rng.normal(size=(n, len(STATISTICS))), np.zeros((len(TURNS), PIXELS)))
        count = streams // references
        detector = ShiftDetector(reference, ShiftRule(), count)
        ever = np.zeros(count, bool)
        used = np.ones((count, len(STATISTICS)), bool)
        for _ in range(frames // BlockRule().period):
            values = rng.normal(size=(count, len(STATISTICS)))
            bins = (values[:, :, None] >= reference.edges).sum(axis=2)
            detector.update((bins[:, :, None] == np.arange(8)).astype(float), used)
            ever |= detector.alarm.any(axis=1)
        said.append(ever)
    return np.concatenate(said)


def sequence_misses(values: np.ndarray, means: np.ndarray, sequence: MeanSequence, level: float = 0.95) -> float:
    """How often the interval ever misses the running mean of (streams, n) values, whose expectations are `means`."""
    unit = (values - sequence.low) / (sequence.high - sequence.low)
    truth = np.cumsum((means - sequence.low) / (sequence.high - sequence.low) + np.zeros_like(unit), axis=1)
    total = np.cumsum(unit, axis=1)
    guess = (sequence.guess - sequence.low) / (sequence.high - sequence.low)
    expected = (guess + total - unit) / np.arange(1, unit.shape[1] + 1)
    spread = np.cumsum((unit - expected) ** 2, axis=1)
    wanted = math.log(2 / (1 - level))
    missed = (log_evidence(total - truth, spread) >= wanted) | (log_evidence(truth - total, spread) >= wanted)
    return float(missed.any(axis=1).mean())


def coverage(streams: int, blocks: int) -> dict[str, float]:
    """The share of streams whose interval held at every look; of the estimate without labels, at one look."""
    rng = np.random.default_rng(7)
    found = {}
    agreement = MeanSequence(guess=0.005)
    for rate in (0.005, 0.05):
        looks = rng.binomial(3, rate, (streams, blocks)) / 3
        found[f"agreement {1 - rate:.1%}, frames independent"] = 1 - sequence_misses(looks, np.array(rate), agreement)
        poses = (rng.random((streams, blocks)) < rate).astype(float)
        found[f"agreement {1 - rate:.1%}, poses held"] = 1 - sequence_misses(poses, np.array(rate), agreement)
    moving = 0.005 + 0.1 * (np.arange(blocks) > blocks // 2)
    poses = (rng.random((streams, blocks)) < moving).astype(float)
    found["agreement that falls from 99.5 % to 89.5 %"] = 1 - sequence_misses(poses, moving, agreement)
    differences = rng.choice([-1.0, 0.0, 1.0], p=[0.02, 0.97, 0.01], size=(streams, blocks))
    paired = MeanSequence(low=-1.0, high=1.0, guess=0.0)
    found["paired difference"] = 1 - sequence_misses(differences, np.array(-0.01), paired)
    held = 0
    truth, shares = np.array([0.55, 0.8, 0.95, 0.99]), np.array([0.05, 0.1, 0.25, 0.6])
    for _ in range(streams):
        n = rng.multinomial(400, [0.1, 0.2, 0.3, 0.4])
        bins = ConfidenceBins((0.25, 0.5, 0.75), tuple(n.tolist()), tuple(rng.binomial(n, truth).tolist()))
        estimate = AccuracyEstimate(bins)
        for place in rng.choice(4, p=shares, size=200):
            estimate.add(0.125 + 0.25 * place)
            estimate.close_block()
        guess = estimate.estimate
        assert guess is not None
        held += guess.interval.low <= truth @ shares <= guess.interval.high
    found["accuracy without labels, at one look"] = held / streams
    return found


def frame_cost(frames: int = 3000) -> dict[str, float]:
    """Milliseconds of processor time of `DriftMonitor.update` for a 64×64 picture, every tenth seen by the twin."""
    from signs_edge.edge.drift.answer import Answer
    from signs_edge.edge.drift.config import DriftConfig
    from signs_edge.edge.drift.monitor import DriftMonitor
    from signs_edge.edge.drift.sampler import ShadowConfig, ShadowSampler
    from signs_edge.edge.reference.expectation import Expectation

    cv2.setNumThreads(1)  # as `signs-edge run` does
    rng = np.random.default_rng(3)
    pictures = rng.integers(0, 256, (100, 64, 64, 3), dtype=np.uint8)
    scores = rng.dirichlet(np.full(6, 0.2), 100).astype(np.float32)
    expectation = Expectation.of(pictures, rng.integers(6, size=100), scores, scores)
    monitor = DriftMonitor(DriftConfig(), tuple("012345"), expectation)
    sampler = ShadowSampler(ShadowConfig(ceiling=EVERY, boost=1.0))
    times, sizes = [], []
    for _chunk in range(5):
        start = time.process_time()
        for i in range(frames // 5):
            draw = sampler.draw(1.0)
            answer = Answer(scores[i % 100])
            monitor.update(pictures[i % 100], answer, draw, answer if draw.taken else None)
        times.append((time.process_time() - start) / (frames // 5) * 1000)
        sizes.append(len(json.dumps(monitor.to_json())))
    return {"best ms": min(times), "mean ms": float(np.mean(times)), "first state, bytes": sizes[0], "last": sizes[-1]}


def false_drift(streams: int, frames: int) -> None:
    """Streams without drift."""
    for name, rate, held in (
        ("99.5 %, frames independent", 0.005, 1),
        ("99.0 %, the floor, frames independent", 0.01, 1),
        ("99.5 %, poses held for 60 frames", 0.005, 60),
        ("99.0 %, the floor, poses held for 60 frames", 0.01, 60),
    ):
        first, _ = agreement_streams(streams, frames, lambda frame, rate=rate: rate + 0 * frame, 1, held)
        print(f"  agreement {name}: drift in {(first >= 0).sum()} of {streams}")
    first, _ = agreement_streams(streams, frames, lambda frame: 0.005 + 0 * frame, 1, 60, rest=False)
    print(f"  (99.5 %, poses held, every frame counted: {(first >= 0).sum()} of {streams})")
    print(f"  input like the reference: drift in {shift_streams(streams, frames, 2).sum()} of {streams}")


def delays(streams: int) -> None:
    """Agreement that falls from 99.5 % to 95 %, or is 95 % from the start."""
    for good in (0, 50_000):
        for held in (1, 60):

            def rate(frame: np.ndarray, good: int = good) -> np.ndarray:
                return np.where(frame < good, 0.005, 0.05)

            first, _ = agreement_streams(streams, good + 80_000, rate, 4, held)
            early, missed = int(((first >= 0) & (first < good)).sum()), int((first < 0).sum())
            after = np.median(np.where(first < 0, 10**9, first)) - good
            print(
                f"  95 % after {good} good frames, poses held for {held}: median {after:.0f} frames; "
                f"false before {early}, missed {missed} of {streams}"
            )
    for rate_seen in (0.0, 0.0025, 0.005):
        blocks = BlockRule()
        rng = np.random.default_rng(5)
        config, needed = AgreementConfig(), []
        for _ in range(20):
            sequence = MeanSequence(guess=(1 - config.floor) / 2)
            while not sequence.surely_below(1 - config.ok_floor, config.ok_alpha) and sequence.n < 3000:
                looks = rng.binomial(blocks.frames, EVERY)
                if looks:
                    sequence = sequence.add(rng.binomial(looks, rate_seen) / looks)
            needed.append(sequence.n / (1 - (1 - EVERY) ** blocks.frames) * blocks.period)
        print(f"  ok at {1 - rate_seen:.2%} agreement: median {np.median(needed):.0f} frames")


def planted(frames: int, rooms: bool) -> None:
    """Each fault in a stream of its own."""
    from planted_faults import FAULTS, Bench

    bench = Bench(rooms=rooms)
    if rooms and not bench.photos:
        print("  needs the photos in $SIGNS_EDGE_DATA")
        return
    right = 0
    for fault in FAULTS:
        verdict, first, _ = bench.watch(fault, frames)
        named = verdict.fault == fault.expected
        right += named
        told = ", ".join(map(str, verdict.moved[:3]))
        print(
            f"  {'' if named else 'WRONG '}{fault.name}: {verdict.status} {verdict.fault or ''} at {first}; {told}",
            flush=True,
        )
    print(f"  {right} of {len(FAULTS)} named rightly, on {'photos' if bench.photos else 'drawn hands'}")


def main() -> None:
    """Print every section's figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter streams, in about a minute")
    parser.add_argument("--only", help="one section: false, delays, coverage, cost, planted or rooms")
    options = parser.parse_args()
    quick = options.quick
    sections: dict[str, Callable[[], object]] = {
        "false": lambda: false_drift(*((200, 20_000) if quick else (1000, FRAMES))),
        "delays": lambda: delays(100 if quick else 1000),
        "coverage": lambda: [
            print(f"  {name}: {held:.1%}") for name, held in coverage(*((300, 300) if quick else (1000, 1000))).items()
        ],
        "cost": lambda: print("  " + ", ".join(f"{name} {value:.3g}" for name, value in frame_cost().items())),
        "planted": lambda: planted(16_000 if quick else HOUR, False),
        "rooms": lambda: planted(16_000 if quick else HOUR, True),
    }
    if options.only not in (None, *sections):
        parser.error(f"--only {options.only}: give one of {', '.join(sections)}")
    for name, section in sections.items():
        if options.only == name or (options.only is None and not (quick and name in ("planted", "ladder"))):
            start = time.process_time()
            print(f"{name}:")
            section()
            print(f"  ({time.process_time() - start:.0f} s of processor time)", flush=True)


if __name__ == "__main__":
    main()
