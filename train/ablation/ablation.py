"""Residual against plain: what skip connections do to gradients, to learning and to the answers, by depth."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.train.ablation.config import AblationConfig, Twin
from signs_edge.train.ablation.folder import AblationFolder
from signs_edge.train.ablation.gradients import Batch, LayerGradient, gradient_norms
from signs_edge.train.ablation.result import Ablation, TwinResult
from signs_edge.train.data.dataset import SignsDataset, load_splits, split
from signs_edge.train.network.keras_classifier import KerasClassifier
from signs_edge.train.network.resnet import build_resnet
from signs_edge.train.training.fit import make_deterministic

GRADIENT_BATCHES = 2  # the first of the training pictures in a fixed order: the same for all twins and epochs
_LEAST = 1e-7  # of a probability in the cross-entropy, as in Keras


class Observer(Protocol):
    """Told how an ablation gets on; the command line draws a progress bar from it."""

    def started(self, config: AblationConfig, finished: int, steps: int) -> None:
        """Before the first network: so many were finished by an earlier call; `steps` per epoch."""

    def twin_started(self, twin: Twin, parameters: int) -> None:
        """Before each network that is trained now."""

    def stepped(self, epoch: int, step: int) -> None:
        """After each step, both counted from 0."""

    def twin_ended(self, result: TwinResult) -> None:
        """After each network, once its result lies on the disk."""


def ablate(config: AblationConfig, path: Path, observer: Observer | None = None) -> Ablation:
    """Train every twin that the folder does not hold yet, and leave the results there, one file each.

    Twins of one depth start from equal weights where they share layers and see the same batches in the same order.
    An interrupted ablation goes on where it stopped: only the network in the works is lost.

    Raises:
        DataError: the pictures cannot be had.
        ModelError: the folder holds an ablation with other settings, or a damaged result, or cannot be written.
        UsageError: gradients cannot be measured on Keras' backend.
    """
    folder = AblationFolder(path)
    splits = load_splits(config.data, config.seed)
    folder.start(config)
    kept, held_out = split(splits.train, config.validation, config.seed)
    parts = {"train": splits.train.take(kept), "validation": splits.train.take(held_out), "test": splits.test}
    results = {twin: folder.result(twin) for twin in config.twins()}
    if observer:
        steps = -(-len(kept) // config.batch_size)
        observer.started(config, sum(result is not None for result in results.values()), steps)
    finished = []
    for twin, result in results.items():
        if result is None:
            result = train_twin(twin, config, parts, observer)
            folder.keep(result)
            if observer:
                observer.twin_ended(result)
        finished.append(result)
    ablation = Ablation(config, splits.train.names, tuple(finished))
    folder.finish(ablation)
    return ablation


def train_twin(
    twin: Twin, config: AblationConfig, parts: dict[str, SignsDataset], observer: Observer | None = None
) -> TwinResult:
    """Train one network and measure it on the way; `parts` are "train", "validation" (may be empty) and "test"."""
    started = time.perf_counter()
    make_deterministic(config.seed)
    train = parts["train"]
    model = build_resnet(twin.model(config.width), train.images.shape[1:], len(train.names))
    draw_weights(model, config.seed)
    if observer:
        observer.twin_started(twin, int(model.count_params()))
    inputs, targets = _arrays(train)
    steps = -(-len(train) // config.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, config.epochs * steps)
    # On the CPU, XLA, which Keras would choose by itself, takes longer to compile than to train these networks.
    model.compile(keras.optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    measure = _Measure(model, config, parts, _first_batches(inputs, targets, config))
    for epoch in range(config.epochs):
        order = np.random.default_rng([config.seed, epoch]).permutation(len(train))
        watch = [_Steps(observer, epoch)] if observer else []
        with np.errstate(all="ignore"):  # a loss that is no number is a result here
            logs = model.fit(
                inputs[order], targets[order], batch_size=config.batch_size, shuffle=False, callbacks=watch, verbose=0
            ).history
        if not measure.epoch_ended(epoch + 1, logs["loss"][0], logs["accuracy"][0]):
            break
    return TwinResult(
        twin=twin,
        parameters=int(model.count_params()),
        history=tuple(measure.history),
        gradients=measure.gradients,
        diverged=measure.diverged,
        evaluations={name: measure.evaluate(part) for name, part in parts.items() if len(part)},
        seconds=round(time.perf_counter() - started, 1),
    )


def draw_weights(model: Any, seed: int) -> None:
    """Draw every kernel from the seed and its layer's name, so that twins start equal where they share layers.

    Glorot's uniform, as Keras and the course have it; biases stay 0. Without this the shortcuts, drawn in between,
    would give the residual network other weights from its first block on.
    """
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            digest = hashlib.sha256(f"{seed} {layer.name}".encode()).digest()
            initial = keras.initializers.GlorotUniform(seed=int.from_bytes(digest[:4], "big"))
            layer.kernel.assign(initial(layer.kernel.shape))


class _Measure:
    """What is written down about one network while it learns."""

    def __init__(
        self, model: Any, config: AblationConfig, parts: dict[str, SignsDataset], batches: list[Batch]
    ) -> None:
        self._model, self._config, self._parts, self._batches = model, config, parts, batches
        self.history: list[dict[str, float]] = []
        self.gradients: dict[int, tuple[LayerGradient, ...]] = {0: gradient_norms(model, batches)}
        self.diverged: int | None = None

    def epoch_ended(self, epoch: int, loss: float, accuracy: float) -> bool:
        """Measure after so many finished epochs; False where going on makes no sense."""
        record = {"epoch": float(epoch), "loss": float(loss), "accuracy": float(accuracy)}
        validation = self._parts["validation"]
        if len(validation):
            probabilities = self._predict(validation)
            given = np.maximum(probabilities[np.arange(len(validation)), validation.labels], _LEAST)
            right = probabilities.argmax(axis=1) == validation.labels
            record |= {"val_loss": float(-np.log(given).mean()), "val_accuracy": float(right.mean())}
        if not np.isfinite(list(record.values())).all():
            self.diverged = epoch
            return False
        self.history.append(record)
        if epoch in self._config.measured_after():
            self.gradients[epoch] = gradient_norms(self._model, self._batches)
        return True

    def evaluate(self, part: SignsDataset) -> Evaluation | None:
        """The network as it is now; None where it diverged."""
        if self.diverged is not None:
            return None
        return Evaluation.of(self._predict(part).argmax(axis=1), part.labels, part.names)

    def _predict(self, part: SignsDataset) -> npt.NDArray[np.float32]:
        return KerasClassifier(self._model, part.names).predict_all(part.images)


class _Steps(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    def __init__(self, observer: Observer, epoch: int) -> None:
        super().__init__()
        self._observer, self._epoch = observer, epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._observer.stepped(self._epoch, batch)


def _arrays(dataset: SignsDataset) -> Batch:
    """Network inputs (n, 64, 64, 3) float32 in 0..1 and one-hot targets (n, classes) float32."""
    return scale_pictures(dataset.images, Contract()), np.eye(len(dataset.names), dtype=np.float32)[dataset.labels]


def _first_batches(inputs: Any, targets: Any, config: AblationConfig) -> list[Batch]:
    """The batches that gradients are measured on, drawn once from the seed."""
    order = np.random.default_rng([config.seed, len(inputs)]).permutation(len(inputs))
    size = min(config.batch_size, len(order))
    starts = range(0, min(GRADIENT_BATCHES * size, len(order) - size + 1), size)
    return [(inputs[order[start : start + size]], targets[order[start : start + size]]) for start in starts]
