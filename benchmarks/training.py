"""What our training loop costs beside the network: `python benchmarks/training.py [--preset slim] [--data PATH]`.

Two figures for each preset, by the clock on the wall, so leave the machine alone meanwhile:

- images/s of `Model.fit` fed by our batches (the preset's recipe at its full strength, made by threads) and of plain
  `Model.fit` on arrays that lie in memory (no augmentation): same network, same batch size, the two in turns. Goal for
  resnet50: a ratio of at least 0.95.
- the share of a training step that waits for its batch: the time blocked in `next(batches)` against the whole step,
  in a bare loop. Goal for slim: under 10 %.

Weights do not matter for either. `--steps` and `--rounds` make it longer, and surer.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from signs_edge.train.network.keras_import import import_keras

import_keras()

import keras  # noqa: E402  # quietly
import numpy as np  # noqa: E402

from signs_edge.train.data.dataset import SignsDataset, load_splits  # noqa: E402
from signs_edge.train.network.resnet import build_resnet  # noqa: E402
from signs_edge.train.runs.config import PRESETS, TrainConfig  # noqa: E402
from signs_edge.train.training import fit as loop  # noqa: E402
from signs_edge.train.training.batches import Batches, arrays  # noqa: E402
from signs_edge.train.training.feed import Feed  # noqa: E402
from signs_edge.train.training.training_data import prepare  # noqa: E402

WARM_UP_STEPS = 3


@dataclass(frozen=True)
class Waiting:
    """Seconds of some training steps, and how many of them went by before the batch was there."""

    waited: float
    total: float

    @property
    def share(self) -> float:
        """Of the time that was spent waiting, 0..1."""
        return self.waited / self.total


class EpochTimes(keras.callbacks.Callback):
    """Seconds of each epoch but the first, in which feeders and compilers start up."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop it; the epoch's figures have been fetched, so its last step is done."""
        if epoch > 0:
            self.seconds.append(time.perf_counter() - self._started)


def gather_all(train: SignsDataset, config: TrainConfig) -> Batches:
    """What `fit` makes its batches from; nothing is held out."""
    everything, nothing = np.arange(len(train)), np.empty(0, np.int64)
    with tempfile.TemporaryDirectory() as folder:
        return prepare(config, train, everything, nothing, Path(folder) / "cutouts.png").batches


def our_feed(batches: Batches, config: TrainConfig) -> Feed:
    """What `fit` feeds the network with, from the epochs on when augmentation is at its strongest."""
    return Feed(batches, batches.steps, first_epoch=config.epochs)


def time_epochs(model: Any, pictures: int, epochs: int, **feed: Any) -> float:
    """Images a second of `Model.fit`, at its fastest epoch of a call: what others do on the machine only slows."""
    times = EpochTimes()
    model.fit(**feed, epochs=1 + epochs, callbacks=[times], verbose=0)
    return pictures / min(times.seconds)


def compare_rates(
    model: Any, train: SignsDataset, batches: Batches, config: TrainConfig, rounds: int, epochs: int = 2
) -> tuple[list[float], list[float]]:
    """Images a second of our loop and of plain `Model.fit`, each of so many rounds, in turns."""
    x, y = arrays(train)
    ours, plain = [], []
    for _ in range(rounds):
        with closing(our_feed(batches, config)) as feed:
            ours.append(
                time_epochs(model, len(train), epochs, x=iter(feed), steps_per_epoch=batches.steps, shuffle=False)
            )
        plain.append(time_epochs(model, len(train), epochs, x=x, y=y, batch_size=config.batch_size))
    return ours, plain


def measure_waiting(batches: Iterator[Any], step: Callable[[Any], object], steps: int) -> Waiting:
    """Time any iterator of batches in a loop with any training step that returns when it is done."""
    for _ in range(WARM_UP_STEPS):
        step(next(batches))
    waited = 0.0
    started = time.perf_counter()
    for _ in range(steps):
        asked = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - asked
        step(batch)
    return Waiting(waited, time.perf_counter() - started)


def report(name: str, data: str, whole: SignsDataset, steps: int, rounds: int) -> None:
    """Print both figures of one preset."""
    preset = PRESETS[name]
    config = TrainConfig(data, preset.model, **preset.recipe)
    loop.make_deterministic(config.seed)
    steps = min(steps, len(whole) // config.batch_size)
    train = whole.take(np.arange(steps * config.batch_size))  # whole batches, for one compiled step
    model = build_resnet(config.model, train.images.shape[1:], len(train.names))
    loop._compile(model, config, steps)
    batches = gather_all(train, config)
    ours, plain = compare_rates(model, train, batches, config, rounds)
    ratios = [a / b for a, b in zip(ours, plain, strict=True)]
    print(
        f"{name}: {max(ours):.0f} images/s from our batches, {max(plain):.0f} from arrays in memory; ratio "
        f"{median(ratios):.2f} (median of {len(ratios)} rounds: {', '.join(f'{r:.2f}' for r in ratios)})",
        flush=True,
    )
    with closing(our_feed(batches, config)) as feed:
        waiting = measure_waiting(iter(feed), lambda batch: model.train_on_batch(*batch), steps)
    print(
        f"{name}: {waiting.share:.1%} of a step waits for its batch "
        f"({1000 * waiting.waited / steps:.1f} of {1000 * waiting.total / steps:.1f} ms, {steps} steps)"
    )
    print(f"{name}: the feed itself counts {feed.waited:.2f} s of waiting, warm-up included")


def main() -> None:
    """Print both figures for each preset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, help="only this one")
    parser.add_argument("--data", default="synthetic", help="as for `signs-edge train`")
    parser.add_argument("--steps", type=int, default=30, help="of an epoch, and of the waiting loop")
    parser.add_argument("--rounds", type=int, default=3, help="of both kinds of feeding, in turns")
    chosen = parser.parse_args()
    whole = load_splits(chosen.data).train
    for name in [chosen.preset] if chosen.preset else PRESETS:
        report(name, chosen.data, whole, chosen.steps, chosen.rounds)


if __name__ == "__main__":
    main()
