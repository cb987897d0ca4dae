"""How right the accuracy is that is guessed without labels: `python benchmarks/estimate.py`, of $SIGNS_EDGE_DATA, seeds fixed.

Judged on the test photos under the 12 corruptions at 5 strengths of `train.corruptions`, which nothing was tuned on: with an
expectation of the photos held out from training, made as an export makes it, and with the packaged one, as a user gets it
(its labelled pictures are the same test photos, uncorrupted). When to be silent was chosen on the damages listed here, which
are others; they are shown too, the told apart from the silenced.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.drift.answer import Answer
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.monitor import DriftMonitor
from signs_edge.edge.drift.sampler import Draw
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.train.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt

sys.path.insert(0, str(Path(__file__).parent))

from planted_faults import SIDE, Bench, turn

Pictures = np.ndarray
Damage = Callable[[Pictures], Pictures]
NOT_DRAWN = Draw(0.1, 0.1, False, False)


def each(change: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Damage:
    """Of pictures one by one, as float32, each with a generator of its own."""

    def damage(pictures: Pictures) -> Pictures:
        changed = [change(one.astype(np.float32), np.random.default_rng((5, i))) for i, one in enumerate(pictures)]
        return np.clip(changed, 0, 255).astype(np.uint8)

    return damage


def affine(matrix: np.ndarray) -> Damage:
    """Moved by a matrix, what stands at the border drawn outwards."""
    return each(lambda x, _: cv2.warpAffine(x, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE))


def turned_by(angle: float, zoom: float = 1.0) -> Damage:
    """About the middle."""
    return affine(np.asarray(cv2.getRotationMatrix2D((31.5, 31.5), angle, zoom)))


def hue(step: int) -> Damage:
    """Colours moved around the circle, in units of 2 degrees."""

    def change(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
        hsv = cv2.cvtColor(x.astype(np.uint8), cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + step) % 180
        return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)

    return each(change)


def covered(side: int) -> Damage:
    """A square of one colour somewhere over the picture."""

    def change(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        top, left = rng.integers(8, 56 - side, 2)
        x[top : top + side, left : left + side] = rng.uniform(0, 255, 3)
        return x

    return each(change)


def salted(share: float) -> Damage:
    """Pixels black and white."""

    def change(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        chance = rng.random((SIDE, SIDE))
        x[chance < share / 2], x[chance > 1 - share / 2] = 0, 255
        return x

    return each(change)


def dropped(share: float) -> Damage:
    """Blocks of 8×8 lost on the way."""

    def change(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        lost = (rng.random((8, 8)) < share).repeat(8, 0).repeat(8, 1)
        return np.where(lost[..., None], x.mean(), x)

    return each(change)


def doubled(share: float) -> Damage:
    """A share of another picture shines through."""
    return lambda x: (x * (1 - share) + x[np.random.default_rng(6).permutation(len(x))] * share).astype(np.uint8)


def squashed(height: float) -> Damage:
    """A share of the height."""
    return affine(np.array([[1, 0, 0], [0, height, 31.5 * (1 - height)]]))


def shifted(x: float, y: float) -> Damage:
    """Pixels to the right and down."""
    return affine(np.array([[1.0, 0, x], [0, 1, y]]))


def rows(height: float) -> Damage:
    """Waves across the picture, as of a lamp's flicker."""
    wave = np.arange(SIDE) / 2
    return each(lambda x, rng: x + height * np.sin(wave + rng.uniform(0, 6))[:, None, None])


DAMAGES: dict[str, Damage] = {
    **{f"hue {step}": hue(step) for step in (15, 45, 90)},
    **{f"covered {side}": covered(side) for side in (12, 20, 28)},
    **{f"turned {angle}": turned_by(angle) for angle in (15, 30, 60, 90, 180)},
    **{f"zoomed {zoom}": turned_by(0, zoom) for zoom in (1.3, 1.6, 0.5, 0.35)},
    **{f"squashed {height}": squashed(height) for height in (0.6, 0.4)},
    **{f"salted {share}": salted(share) for share in (0.02, 0.06, 0.15)},
    **{f"blocks lost {share}": dropped(share) for share in (0.1, 0.25)},
    **{f"doubled {share}": doubled(share) for share in (0.2, 0.4)},
    **{f"rows {height}": rows(height) for height in (30, 70)},
    **{f"shifted {x}, {y}": shifted(x, y) for x, y in ((12, 0), (0, -20), (20, 20))},
    **{f"gamma {g}": each(lambda x, _, g=g: 255 * (x / 255) ** g) for g in (0.4, 2.5, 4)},
    **{f"levels {n}": each(lambda x, _, n=n: np.floor(x / 256 * n) * (255 / (n - 1))) for n in (4, 2)},
    **{
        f"sharpened {a}": each(lambda x, _, a=a: x + a * (x - np.asarray(cv2.GaussianBlur(x, (0, 0), 1.5))))
        for a in (2, 5)
    },
    **{f"median {n}": lambda x, n=n: np.stack([cv2.medianBlur(one, n) for one in x]) for n in (5, 9, 15)},
    "colours swapped": lambda x: np.ascontiguousarray(x[..., ::-1]),
    "negative": lambda x: 255 - x,
    "mirrored": turn("mirrored"),
}


def show(title: str, int8: TFLiteClassifier, expected: Expectation, streams: dict[str, Pictures], labels: np.ndarray):
    """Guess each stream's accuracy, print how far from the truth that was, and what would have been said where it was not."""
    told, silenced = {}, {}
    for name, pictures in streams.items():
        scores = predict_all(int8, pictures)
        truth = float((scores.argmax(axis=1) == labels).mean())
        # each picture stands for itself, in an order that has no classes one after the other
        monitor = DriftMonitor(DriftConfig(blocks=BlockRule(1, 0)), int8.labels, expected)
        for place in np.random.default_rng(0).permutation(len(pictures)):
            monitor.update(pictures[place], Answer(scores[place]), NOT_DRAWN)
        guess = monitor.report().int8_accuracy
        worth = [expected.int8_bins.accuracy[expected.int8_bins.bin(one)] for one in scores.max(axis=1)]
        (silenced if guess is None else told)[name] = (float(np.mean(worth)), truth)
    print(f"{title}:")
    for what, found in (("told", told), ("silent", silenced)):
        if not found:
            continue
        off = np.array([guess - truth for guess, truth in found.values()])
        worst = sorted(found, key=lambda name: -abs(found[name][0] - found[name][1]))[:4]
        names = ", ".join(f"{name} {found[name][0]:.0%} for {found[name][1]:.0%}" for name in worst)
        print(
            f"  {what} on {len(found)}: mean absolute error {np.abs(off).mean():.2%}, mean error {off.mean():+.2%}, "
            f"largest {np.abs(off).max():.1%}; {names}"
        )


def main() -> None:
    """Print the figures."""
    if not os.environ.get("SIGNS_EDGE_DATA"):
        raise SystemExit("estimate: set SIGNS_EDGE_DATA to the folder of the SIGNS photos")
    bench = Bench(rooms=True)
    packaged = bench.int8.expectation
    assert packaged is not None
    pictures, labels = bench.pictures, bench.labels
    rungs = {f"{name} {n}": corrupt(pictures, name, n) for name in CORRUPTIONS for n in STRENGTHS}
    show("corruptions, expectation of held-out photos", bench.int8, bench.expectation, rungs, labels)
    show("corruptions, packaged expectation", bench.int8, packaged, rungs, labels)
    others = bench.known.pictures.take(np.arange(bench.known.tests))
    damages = {name: damage(others.images.copy()) for name, damage in DAMAGES.items()}
    show(
        "what silence was chosen on, held-out photos, packaged expectation",
        bench.int8,
        packaged,
        damages,
        others.labels,
    )


if __name__ == "__main__":
    main()
