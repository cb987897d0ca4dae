"""Config in, run folder out: one training run, resumable after every epoch."""

from __future__ import annotations

from typing import Any

import keras

from signs_edge.edge.errors import ModelError
from signs_edge.edge.util.atomic_file import atomic_write
from signs_edge.train.data.dataset import load_splits, split
from signs_edge.train.network.resnet import build_resnet
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.runs.run_folder import RunFolder
from signs_edge.train.runs.work import silent
from signs_edge.train.training.batches import arrays
from signs_edge.train.training.feed import Batch, Feed
from signs_edge.train.training.final_evaluation import Parts, calibrate, evaluate_run
from signs_edge.train.training.recorder import Observer, Recorder, restore
from signs_edge.train.training.training_data import prepare

WARMUP_EPOCHS = 2
_VALIDATION_BATCH = 120


def fit(
    config: TrainConfig,
    folder: RunFolder,
    observer: Observer | None = None,
    *,
    resume: bool = False,
    robustness: bool = False,
) -> dict[str, Any]:
    """Train, and leave model, history, metrics and pictures in the run folder.

    A run that was interrupted, even killed, goes on from its last finished epoch with `resume` and gets the same
    history as one that was not: order and augmentation depend on seed and epoch alone, and a checkpoint holds the
    optimizer's state too.

    Args:
        config: what to train, on what, how.
        folder: where everything is left.
        observer: told how it gets on.
        resume: whether to go on with the run in the folder.
        robustness: whether the report judges the test hands under corruptions and on unseen backgrounds too: 7,800
            predictions, seconds for a small network and minutes for the ResNet-50.

    Returns:
        The metrics, as in metrics.json.

    Raises:
        DataError: the pictures cannot be had.
        ModelError: the folder holds another run, or with `resume` none or a finished one; or the loss is not finite.
    """
    make_deterministic(config.seed)
    splits = load_splits(config.data, config.seed)
    kept, held_out = split(splits.train, config.validation, config.seed)
    train, validation = splits.train.take(kept), splits.train.take(held_out)
    model = build_resnet(config.model, train.images.shape[1:], len(train.names))
    steps = -(-len(train) // config.batch_size)
    _compile(model, config, steps)
    history, finished = restore(model, folder) if resume else ([], 0)
    if not resume:
        folder.start(config, train.names)
    if observer:
        sizes = {"train": len(train), "validation": len(validation), "test": len(splits.test)}
        observer.started(config, int(model.count_params()), sizes, finished, steps)
    progress = observer.worked if observer else silent
    made = prepare(config, splits.train, kept, held_out, folder.path / "cutouts.png", progress)
    recorder = Recorder(folder, history, observer, config.seed)
    run_epochs(
        model, Feed(made.batches, steps, first_epoch=finished), config.epochs,
        arrays(validation) if len(validation) else None, recorder,
    )  # fmt: skip
    parts = Parts(train, validation, splits.test, made.varied, made.hand_free)
    calibration = calibrate(model, parts)
    model = save_model(model, folder)
    metrics = evaluate_run(model, parts, calibration, splits.source, folder, robustness=robustness, progress=progress)
    folder.close()
    return metrics


def run_epochs(model: Any, feed: Feed, epochs: int, validation: Batch | None, recorder: Recorder) -> None:
    """Train a compiled model from the feed's first epoch on, and stop the feed.

    Args:
        model: a compiled Keras model.
        feed: the batches.
        epochs: the epoch to stop before, counted from 0.
        validation: inputs and targets to measure after each epoch; None: none are.
        recorder: writes history and checkpoints.
    """
    try:
        model.fit(
            iter(feed),
            steps_per_epoch=feed.steps,
            initial_epoch=feed.first_epoch,
            epochs=epochs,
            validation_data=validation,
            validation_batch_size=_VALIDATION_BATCH,
            callbacks=[recorder],
            shuffle=False,  # the batches come shuffled
            verbose=0,
        )
    finally:
        feed.close()


def save_model(model: Any, folder: RunFolder) -> Any:
    """Write the model as it is used, without the optimizer, which triples the file; the model without it."""
    model = keras.Model(model.inputs, model.outputs, name=model.name)
    with atomic_write(folder.model_file, error=ModelError) as temporary:
        model.save(temporary)
    return model


def make_deterministic(seed: int) -> None:
    """Seed Python, numpy and Keras, and have TensorFlow, where it is the backend, give equal sums every time."""
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()


def compiles_ahead() -> bool:
    """Whether Keras should compile a training step with XLA (`jit_compile`).

    TensorFlow's XLA, which Keras would choose by itself, is six times slower on the CPU for these networks. JAX has no
    other compiler: without it every operation of a step is called from Python.
    """
    return bool(keras.backend.backend() == "jax")


def _compile(model: Any, config: TrainConfig, steps: int) -> None:
    rate: Any = config.learning_rate
    if config.schedule == "cosine":
        warmup = min(WARMUP_EPOCHS * steps, config.epochs * steps // 2)
        rate = keras.optimizers.schedules.CosineDecay(
            0.05 * config.learning_rate,
            config.epochs * steps - warmup,
            warmup_target=config.learning_rate,
            warmup_steps=warmup,
        )
    average = {"use_ema": True, "ema_momentum": config.ema} if config.ema else {}
    optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay, **average)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], jit_compile=compiles_ahead())
    model.optimizer.build(model.trainable_variables)
