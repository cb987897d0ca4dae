"""What the drift watch costs the frame rate: `python benchmarks/shadow.py [--frames 300] [--rounds 9]`.

The real runner, with the packaged models and finder, counts the same drawn frames of 640×480 as fast as it can, in turns
without the float twin and with the default budget, `--shadow 10%`; the watch goes on from turn to turn, as in a long run.
Of each pair of turns the ratio of frame rates is taken, and the median told. The watch's own cost is processor time beside
the twin's inference, a frame.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.bundle.store import find_model, find_twin
from signs_edge.edge.frame import Frame
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.shadow_options import ShadowOptions
from signs_edge.edge.session.region import open_region
from signs_edge.edge.session.settings import RunSettings
from signs_edge.edge.synthetic.hands import synthetic_frames

PACKAGED = Path("packaged")


class Timed:
    """A classifier, with its calls and the processor time that they took."""

    def __init__(self, inner: TFLiteClassifier) -> None:
        self._inner, self.labels, self.seconds, self.calls = inner, inner.labels, 0.0, 0

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        """See `signs_edge.edge.inference.classifier.Classifier`."""
        began = time.process_time()
        answer = self._inner.probabilities(picture)
        self.seconds += time.process_time() - began
        self.calls += 1
        return answer


class TimedWatch(Shadow):
    """The watch, with the processor time of its looks, the twin's included."""

    seconds = 0.0
    looks = 0

    def look(self, *values, **named):
        """See `Shadow`."""
        began = time.process_time()
        found = super().look(*values, **named)
        self.seconds += time.process_time() - began
        self.looks += 1
        return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    cv2.setNumThreads(1)  # as `signs-edge run` does
    classifier = TFLiteClassifier.open(find_model(PACKAGED))
    twin = Timed(TFLiteClassifier.open(find_twin(PACKAGED)))
    watch = TimedWatch(twin, classifier.labels, classifier.expectation, ShadowOptions())
    settings = RunConfig(classifier.contract, min_confidence=classifier.abstain_below)
    frames = drawn(60)
    shown = [Frame(index, frames[index // 10 % len(frames)], "drawn") for index in range(options.frames)]
    ratios = []
    for number in range(options.rounds + 1):
        rates = {}
        for name in ("without", "with") if number % 2 else ("with", "without"):
            region = open_region(RunSettings(), print)
            watched = watch if name == "with" else None
            watch.note(Frame(0, None, "drawn"))  # the turn without was no frame of the watch's
            began = time.perf_counter()
            run(shown, Pipeline(classifier, settings, region, watched))
            rates[name] = options.frames / (time.perf_counter() - began)
        if number:  # the first pair is to get warm
            ratios.append(rates["with"] / rates["without"])
            print(
                f"  {rates['without']:.0f} frames a second without, {rates['with']:.0f} with: {ratios[-1]:.1%}",
                flush=True,
            )
    own = (watch.seconds - twin.seconds) / max(watch.looks, 1) * 1000
    print(
        f"frame rate with the default budget: {statistics.median(ratios):.1%} of that without (goal 90 %), of "
        f"{min(ratios):.1%} to {max(ratios):.1%}\nthe twin looked at {twin.calls / max(watch.looks, 1):.1%} of "
        f"{watch.looks} frames, {twin.seconds / max(twin.calls, 1) * 1000:.2f} ms each; the watch itself {own:.3f} ms a frame "
        "(goal 0.1 ms)"
    )


def drawn(n: int) -> list[np.ndarray]:
    """Frames of 640×480 BGR; of the drawn hands each eighth."""
    pictures = itertools.islice(synthetic_frames(), 0, 8 * n, 8)
    return [np.ascontiguousarray(picture[..., ::-1]) for picture, _count in pictures]


if __name__ == "__main__":
    main()
