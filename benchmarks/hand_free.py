"""How often frames without a hand get a count: `python benchmarks/hand_free.py [-n 600] [--finder FILE]`.

Whole 640×480 frames through the packaged finder and model, as `signs-edge run` looks at them: backgrounds of the kinds that
training shows (none of them seen there), drawn ones, and the first with a person, drawn but for the faces, which are
photographs (no training shows them). The share that gets a count, at the model's own least confidence and at what is asked
for behind the finder.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.bundle.store import find_finder, packaged_model
from signs_edge.edge.inference.classifier import TFLiteClassifier, mean_probabilities
from signs_edge.edge.region.finder import HandFinder
from signs_edge.edge.region.square import picture_of
from signs_edge.edge.region.tracked import BEHIND_FINDER, TrackedRegion
from signs_edge.edge.synthetic.backdrop import draw_backdrop
from signs_edge.train.augment.backgrounds import training_backgrounds
from signs_edge.train.augment.people import add_person, load_faces

WIDTH, HEIGHT = 320, 240  # of what is made; frames are enlarged to twice that, as backgrounds have no finer structure


def frames(kind: str, n: int) -> Iterator[np.ndarray]:
    """(480, 640, 3) uint8 BGR frames without a hand."""
    squares = [] if kind == "drawn" else training_backgrounds(n, seed=991, size=WIDTH)
    faces = load_faces(unseen=True)
    for i in range(n):
        rng = np.random.default_rng((3, i))
        if kind == "drawn":
            picture = draw_backdrop(rng, (HEIGHT, WIDTH))
        else:
            top = rng.integers(WIDTH - HEIGHT + 1)
            picture = np.ascontiguousarray(squares[i][top : top + HEIGHT])
        if kind == "persons":
            skin = np.array([190.0, 150.0, 125.0]) * rng.uniform(0.4, 1.2)
            picture = add_person(picture, faces, skin, rng)
        yield cv2.cvtColor(cv2.resize(picture, (640, 480), interpolation=cv2.INTER_CUBIC), cv2.COLOR_RGB2BGR)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=600, help="frames of each kind")
    parser.add_argument("--finder", type=Path, help="another than the packaged one")
    options = parser.parse_args()
    n, model, finder = options.n, packaged_model(), find_finder(options.finder)
    assert model is not None
    assert finder is not None
    classifier, hands = TFLiteClassifier.open(model), HandFinder.open(finder)
    for kind in ("backgrounds", "drawn", "persons"):
        sure, counts = np.zeros(n), Counter[str]()
        for i, frame in enumerate(frames(kind, n)):
            squares = TrackedRegion(hands).squares(frame)
            if squares:
                scores = mean_probabilities(
                    classifier, [picture_of(frame, one, classifier.contract) for one in squares]
                )
                sure[i] = scores.max()
                counts[classifier.labels[int(scores.argmax())]] += 1
        shares = [
            f"{(sure >= least).mean():.1%} at {least:.4g}"
            for least in (classifier.abstain_below, BEHIND_FINDER * classifier.abstain_below)
        ]
        answers = ", ".join(f"{label} {times}" for label, times in counts.most_common())
        print(f"{kind:12} {'; '.join(shares)}; a hand is seen in {(sure > 0).mean():.1%}: {answers}", flush=True)


if __name__ == "__main__":
    main()
