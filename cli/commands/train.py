"""`signs-edge train`: photos in, a run folder out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signs_edge.cli.options.extras import needing_training, require_training
from signs_edge.cli.signals import end_with
from signs_edge.edge.errors import ModelError, UsageError

if TYPE_CHECKING:
    from signs_edge.cli.progress.training import TrainingProgress
    from signs_edge.train.runs.config import TrainConfig
    from signs_edge.train.runs.run_folder import RunFolder

_PRESET = "resnet50"


def train(
    data: Annotated[
        str | None,
        typer.Option(
            help="Folder with the HDF5 pair or with images by class, or synthetic. [default: $SIGNS_EDGE_DATA, the cache, synthetic]"
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder. [default: runs/PRESET-TIME]")] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on after the last finished epoch of the run in --out, or of the newest unfinished run."
        ),
    ] = False,
    task: Annotated[
        str,
        typer.Option(
            help="count: the network that counts; find: the small one that finds the hand in a whole frame, with its own "
            "recipe (of the options below it knows epochs, batch-size, learning-rate, width, drawings, ramp, validation, seed)."
        ),
    ] = "count",
    preset: Annotated[
        str | None, typer.Option(help="resnet50 (23.6 M parameters) or slim (0.9 M). [default: resnet50]")
    ] = None,
    stages: Annotated[str | None, typer.Option(help="Blocks per stage, such as 3,4,6,3.")] = None,
    width: Annotated[int | None, typer.Option(help="Channels of the first stage, 64 in the ResNet-50.")] = None,
    no_skip: Annotated[bool, typer.Option("--no-skip", help="Build the plain twin, without skip connections.")] = False,
    zero_init_residual: Annotated[
        bool | None,
        typer.Option(
            "--zero-init-residual/--no-zero-init-residual",
            help="Start every identity block as the identity. [default: the preset's]",
        ),
    ] = None,
    dropout: Annotated[float | None, typer.Option(help="Share of features dropped before the last layer.")] = None,
    l2: Annotated[float | None, typer.Option(help="L2 weight of the kernels.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the pictures.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Pictures per step. [default: 32]")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Adam's highest learning rate.")] = None,
    schedule: Annotated[str | None, typer.Option(help="cosine or constant. [default: cosine]")] = None,
    augment: Annotated[
        str | None,
        typer.Option(
            help="strong: hands cut out and put on other backgrounds in other light; light: photos a little varied; none. "
            "[default: strong]"
        ),
    ] = None,
    easy: Annotated[
        float | None,
        typer.Option(help="Share of the epochs before strong augmentation begins. [default: the preset's]"),
    ] = None,
    ramp: Annotated[
        float | None,
        typer.Option(help="Share of the epochs after which it is at its strongest. [default: the preset's]"),
    ] = None,
    erased: Annotated[
        float | None, typer.Option(help="Share of the hands with fingers taken away. [default: 0.3]")
    ] = None,
    drawn: Annotated[float | None, typer.Option(help="Share of the hands that are drawn. [default: 0.25]")] = None,
    drawings: Annotated[int | None, typer.Option(help="How many hands are drawn. [default: 2000]")] = None,
    negatives: Annotated[
        float | None, typer.Option(help="Share of the pictures that show no hand. [default: 0.15]")
    ] = None,
    label_smoothing: Annotated[
        float | None, typer.Option(help="Share of the target spread over all classes. [default: 0.05]")
    ] = None,
    mixup: Annotated[
        float | None, typer.Option(help="Mix pairs of pictures by beta(M, M); 0: none. [default: 0]")
    ] = None,
    weight_decay: Annotated[float | None, typer.Option(help="AdamW's, of kernels. [default: 0]")] = None,
    ema: Annotated[
        float | None, typer.Option(help="Keep the average of the weights, of this momentum; 0: the last. [default: 0]")
    ] = None,
    validation: Annotated[
        float | None, typer.Option(help="Share of the training pictures held out. [default: 0.1]")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random. [default: 0]")] = None,
    robustness: Annotated[
        bool, typer.Option(help="Judge the test hands under corruptions and on unseen backgrounds, for the report.")
    ] = True,
) -> None:
    """Train the SIGNS ResNet."""
    require_training("training")
    network = {
        "stages": _stages(stages),
        "width": width,
        "skip": False if no_skip else None,
        "zero_init_residual": zero_init_residual,
        "dropout": dropout,
        "l2": l2,
    }
    recipe = {
        "epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "schedule": schedule,
        "augment": augment, "easy": easy, "ramp": ramp, "erased": erased, "drawn": drawn, "drawings": drawings,
        "negatives": negatives, "label_smoothing": label_smoothing, "mixup": mixup, "weight_decay": weight_decay,
        "ema": ema, "validation": validation, "seed": seed,
    }  # fmt: skip
    given = [name for name, value in {"data": data, "preset": preset, **network, **recipe}.items() if value is not None]
    if resume and given:
        raise UsageError(f"--resume continues with the run's own settings: leave out --{given[0].replace('_', '-')}")
    from signs_edge.cli.commands.train_finder import TASKS, finder_config, import_finder_fit, summarize_finder
    from signs_edge.train.runs.run_folder import RunFolder

    if task not in TASKS:
        raise UsageError(f"task {task!r} is not known: choose one of {', '.join(TASKS)}")
    folder = RunFolder(_newest_unfinished() if resume and out is None else out or _new_folder(task, preset))
    if (folder.task() if resume else task) == "find":
        finder = folder.read_finder_config() if resume else finder_config(data, {"preset": preset, **network, **recipe})
        with _interruptible(folder) as progress:
            found = import_finder_fit()(finder, folder, progress, resume=resume)
        summarize_finder(found, folder.path)
        return
    config = folder.read_config()[0] if resume else _config(data, preset or _PRESET, network, recipe)
    with _interruptible(folder) as progress:  # importing takes seconds; mistakes are said before
        metrics = _import_fit()(config, folder, progress, resume=resume, robustness=robustness)
    _summarize(metrics, folder.path)


@contextmanager
def _interruptible(folder: RunFolder) -> Iterator[TrainingProgress]:
    """Show progress; Ctrl-C within ends the process with a line that says how to go on."""
    from signs_edge.cli.progress.training import TrainingProgress

    with TrainingProgress() as progress:
        try:
            yield progress
        except KeyboardInterrupt:
            progress.stop()
            end_with(_interrupted(folder))


def _interrupted(folder: RunFolder) -> str:
    """One line: what an interrupted run leaves, and how to go on."""
    if not folder.config_file.exists():
        return "interrupted before training began: nothing was written; start it again"
    checkpoint = folder.checkpoint()
    kept = f"{checkpoint[0]} finished epochs are kept" if checkpoint else "no epoch was finished"
    return f"interrupted: {kept} in {folder.path}; go on with: signs-edge train --out {folder.path} --resume"


def _stages(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"stages {text!r} are not allowed: give depths between commas, such as 3,4,6,3") from None


def _import_fit() -> Callable[..., dict[str, Any]]:
    """The training function; one clear line where a backend of Keras is not installed."""
    from signs_edge.train.network.keras_import import import_keras

    with needing_training("training"):
        import_keras()
        from signs_edge.train.training.fit import fit
    return fit


def _config(data: str | None, preset: str, network: dict[str, Any], recipe: dict[str, Any]) -> TrainConfig:
    """Preset, then what was given on the command line."""
    from signs_edge.cli.options.data_source import data_source
    from signs_edge.train.runs.config import PRESETS, TrainConfig

    if preset not in PRESETS:
        raise UsageError(f"preset {preset!r} is not known: choose one of {', '.join(PRESETS)}")
    chosen = PRESETS[preset]
    model = replace(chosen.model, **_given(network))
    return TrainConfig(data_source(data), model, **{**chosen.recipe, **_given(recipe)})


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _new_folder(task: str, preset: str | None) -> Path:
    from signs_edge.edge.bundle.store import runs_folder

    name = "finder" if task == "find" else preset or _PRESET
    return runs_folder() / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"


def _newest_unfinished() -> Path:
    from signs_edge.edge.bundle.store import runs_folder

    found = [path.parent for path in runs_folder().glob("*/config.json") if not (path.parent / "metrics.json").exists()]
    if not found:
        raise ModelError(f"{runs_folder()} holds no unfinished run: give the run folder with --out")
    return max(found, key=lambda path: (path / "config.json").stat().st_mtime)


def _summarize(metrics: dict[str, Any], folder: Path) -> None:
    parts: dict[str, Any] = {
        name: metrics[name] for name in ("train", "validation", "varied", "test") if name in metrics
    }
    parts["unleaked"] = metrics["test"]["without_leaked"]
    for name, part in parts.items():
        if part["n"]:
            low, high = part["interval"]
            print(f"{name:<10} {part['accuracy']:6.1%} right of {part['n']} (95 % interval {low:.1%} to {high:.1%})")
    if metrics["robustness"]:
        print(
            f"{'robustness':<10} {metrics['robustness']['overall']['accuracy']:6.1%} right on average over all conditions"
        )
    silence = metrics["abstention"]
    if silence["threshold"] and silence["hand_free"]["n"]:
        hands, hand_free = silence["hands"], silence["hand_free"]
        print(
            f"a count is given from a confidence of {silence['threshold']:.2f} on: to {hands['coverage']:.1%} of the test hands, "
            f"to {hand_free['share']:.1%} of {hand_free['n']} unseen backgrounds"
        )
    print(f"trained in {metrics['seconds']:.0f} s; model and pictures are in {folder}, see {folder / 'report.html'}")
    print(f"next: signs-edge export {folder} --int8")
