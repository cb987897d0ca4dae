"""What small things cost, in processor time, the best of several: `python benchmarks/costs.py`.

Statistics of a picture, a frame in the drift monitor, reading and checking a model file at the start, `--help`. Each has a
goal; figures of one run on one machine are compared with each other, or with those of another version in the same run.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import signs_edge
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.bundle.store import packaged_model
from signs_edge.edge.drift.sampler import ShadowConfig, ShadowSampler
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.inference.self_test import self_test
from signs_edge.edge.reference.statistics import picture_statistics

ROUNDS = 8
NO_TEMPLATES = np.zeros((4, 434))


def best_ms(work: Callable[[], object], times: int) -> float:
    """Milliseconds of processor time of one call, the best of several rounds."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(times):
            work()
        found.append((time.process_time() - began) / times)
    return 1000 * min(found)


def help_ms() -> float:
    """Milliseconds of processor time of `signs-edge --help`, the best of several starts."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    found = []
    for _ in range(ROUNDS):
        before = used()
        command = Path(sys.executable).with_name("signs-edge")
        subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)
        found.append(used() - before)
    return 1000 * min(found)


def main() -> None:
    """Print the figures."""
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = packaged_model()
    assert path is not None
    model = ModelFile.read(path)
    monitor = signs_edge.DriftMonitor(
        signs_edge.DriftConfig(), model.labels, model.expectation or signs_edge.Expectation.unknown()
    )
    sampler, answer = ShadowSampler(ShadowConfig(ceiling=0.1, boost=1.0)), signs_edge.Answer(np.full(6, 1 / 6, "f4"))
    classifier = TFLiteClassifier.open(path)

    def frame() -> None:
        draw = sampler.draw(1.0)
        monitor.update(picture, answer, draw, answer if draw.taken else None)

    def start() -> None:
        ModelFile.read(path)
        self_test(classifier)

    print(
        f"statistics of a picture         {best_ms(lambda: picture_statistics(picture, NO_TEMPLATES), 100):7.3f} ms (goal 0.3)"
    )
    print(f"a frame in the drift monitor    {best_ms(frame, 460):7.3f} ms (goal 0.3)")
    print(f"a model file's digest, self-test {best_ms(start, 1):6.1f} ms (goal 50)")
    print(f"signs-edge --help               {help_ms():7.0f} ms (goal 300)")


if __name__ == "__main__":
    main()
