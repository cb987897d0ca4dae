"""What training leaves behind after every epoch, and how it goes on from there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from signs_edge.edge.errors import ModelError
from signs_edge.edge.util.atomic_file import write_json
from signs_edge.train.runs.run_folder import RunFolder


class Plan(Protocol):
    """What an observer wants to know of a configuration."""

    @property
    def data(self) -> str:
        """What the photos come from."""

    @property
    def epochs(self) -> int:
        """Passes over the training pictures."""


class Observer(Protocol):
    """Told how training gets on; the command line draws a progress bar from it."""

    def started(self, config: Plan, parameters: int, pictures: dict[str, int], finished: int, steps: int) -> None:
        """Before the first step: `finished` epochs were done by an earlier call; `steps` per epoch."""

    def worked(self, work: str, done: int, total: int) -> None:
        """After each piece of preparation and of the final evaluation; see `signs_edge.train.runs.work.Progress`."""

    def stepped(self, epoch: int, step: int) -> None:
        """After each step, both counted from 0."""

    def epoch_ended(self, record: dict[str, float]) -> None:
        """After each epoch, once its checkpoint lies on the disk."""


def restore(model: Any, folder: RunFolder) -> tuple[list[dict[str, float]], int]:
    """Load the last finished epoch into a compiled model; its history and number."""
    if folder.metrics_file.exists():
        raise ModelError(f"{folder.path} is finished: nothing to resume; give another --out to train again")
    checkpoint = folder.checkpoint()
    if checkpoint is None:
        return [], 0
    finished, weights = checkpoint
    try:
        model.load_weights(weights)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"checkpoint {weights} cannot be loaded ({str(error).splitlines()[0]}): train again") from None
    return folder.history()[:finished], finished


class Recorder(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """After each epoch: history first, then the checkpoint, whose name says how much of the history counts."""

    def __init__(
        self, folder: RunFolder, history: list[dict[str, float]], observer: Observer | None, seed: int
    ) -> None:
        """`history` is what earlier epochs left; `seed` is of the dropout."""
        super().__init__()
        self._folder, self._history, self._observer, self._seed = folder, history, observer, seed
        self._epoch = 0
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        self._epoch, self._started = epoch, time.perf_counter()
        for layer in self.model.layers:  # dropout draws from (seed, epoch) too, so that a resumed run drops the same
            if hasattr(layer, "seed_generator"):
                layer.seed_generator.state.assign([self._seed, epoch])

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Pass the step on."""
        if self._observer:
            self._observer.stepped(self._epoch, batch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the record and the checkpoint; ModelError where the loss is no number any more."""
        record = {"epoch": float(epoch + 1), **{name: float(value) for name, value in (logs or {}).items()}}
        record["seconds"] = round(time.perf_counter() - self._started, 3)
        if not np.isfinite(list(record.values())).all():
            raise ModelError(
                f"training diverged in epoch {epoch + 1} (loss {record['loss']:g}): train again with a lower --learning-rate or --l2"
            )
        self._history.append(record)
        write_json(self._folder.history_file, self._history, error=ModelError)
        checkpoint = self._folder.checkpoint_file(epoch + 1)
        self._save(checkpoint)
        self._folder.drop_checkpoints(keep=checkpoint)
        if self._observer:
            self._observer.epoch_ended(record)

    def _save(self, checkpoint: Path) -> None:
        temporary = checkpoint.with_name("writing.weights.h5")  # Keras insists on this ending
        self.model.save_weights(temporary, overwrite=True)
        temporary.replace(checkpoint)
