"""What each part of the training recipe brings: `python benchmarks/recipe.py --data PATH --webcam FRAMES`.

The preset slim is trained again and again with fewer epochs, each time with one part of the recipe left out or changed,
same seed, same photos. Every run is judged as `signs-edge train` judges it, and on whole camera frames that training
knows nothing of (a folder with frames by count; `--webcam`), through the device's own preprocessing: the centre square.
A variant that is finished in `--out` is not trained again, and one that was interrupted goes on. Writes recipe.json and
recipe.md there. One run of 60 epochs takes about eight minutes on two slow cores.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from signs_edge.train.network.keras_import import import_keras

import_keras()

import numpy as np  # noqa: E402

from signs_edge.cli.progress.training import TrainingProgress  # noqa: E402
from signs_edge.edge.bundle.contract import Contract  # noqa: E402
from signs_edge.edge.inference.preprocess import frame_to_picture  # noqa: E402
from signs_edge.edge.metrics.intervals import wilson_interval  # noqa: E402
from signs_edge.edge.sources.pictures import list_pictures, read_picture  # noqa: E402
from signs_edge.edge.util.atomic_file import write_json  # noqa: E402
from signs_edge.train.data.dataset import load_splits, split  # noqa: E402
from signs_edge.train.network.keras_classifier import KerasClassifier  # noqa: E402
from signs_edge.train.report.stored import read_json  # noqa: E402
from signs_edge.train.runs.config import PRESETS, TrainConfig  # noqa: E402
from signs_edge.train.runs.run_folder import RunFolder  # noqa: E402
from signs_edge.train.training.fit import fit  # noqa: E402
from signs_edge.train.training.training_data import TrainingData, prepare  # noqa: E402

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "the recipe": {},
    "light augmentation": {"augment": "light"},
    "no augmentation": {"augment": "none"},
    "no fingers taken away": {"erased": 0.0},
    "no drawn hands": {"drawn": 0.0},
    "no pictures without a hand": {"negatives": 0.0},
    "no label smoothing": {"label_smoothing": 0.0},
    "full strength from the start": {"ramp": 0.0},
    "average of the weights, 0.995": {"ema": 0.995},
    "mixup 0.2": {"mixup": 0.2},
    "weight decay 0.01": {"weight_decay": 0.01},
    "constant learning rate": {"schedule": "constant"},
}
COLUMNS = ("validation", "varied", "test", "corruptions", "backgrounds", "webcam", "hand-free counted")


def main() -> None:
    """Train what is missing, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the photos of SIGNS")
    parser.add_argument("--webcam", type=Path, help="folder of camera frames by count, never trained on")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("runs/recipe"))
    parser.add_argument("--only", nargs="+", choices=VARIANTS, help="these variants, instead of all")
    given = parser.parse_args()
    rows = {}
    held_out = common(given.data, given.out)
    for name in given.only or VARIANTS:
        print(f"== {name}")
        rows[name] = judged(name, given, held_out)
        write_json(given.out / "recipe.json", {"epochs": given.epochs, "variants": rows})
        (given.out / "recipe.md").write_text(table(rows), encoding="utf-8")
    print(table(rows))


def common(data: str, out: Path) -> TrainingData:
    """Held-out hands on other backgrounds, and pictures without a hand: the same for every variant."""
    config = TrainConfig(data)
    photos = load_splits(data, config.seed).train
    out.mkdir(parents=True, exist_ok=True)
    return prepare(config, photos, *split(photos, config.validation, config.seed), out / "cutouts.png")


def judged(name: str, given: argparse.Namespace, held_out: TrainingData) -> dict[str, Any]:
    """One variant's figures by column, each [k, n] or a mean; trained first where it has not been."""
    preset = PRESETS["slim"]
    base = TrainConfig(given.data, preset.model, **{**preset.recipe, "epochs": given.epochs})
    config = replace(base, **VARIANTS[name])
    folder = RunFolder(given.out / name.replace(" ", "-").replace(",", ""))
    if not folder.metrics_file.exists():
        with TrainingProgress() as progress:
            fit(config, folder, progress, resume=folder.config_file.exists(), robustness=True)
    metrics, report = read_json(folder.metrics_file), read_json(folder.path / "report.json")
    classifier = KerasClassifier.open(folder.model_file)
    varied = classifier.predict_all(held_out.varied.images).argmax(axis=1) == held_out.varied.labels
    # At the confidence that 95 % of the validation hands reach, so that variants are compared at equal loss of hands.
    photos = load_splits(given.data, config.seed).train
    hands = photos.images[split(photos, config.validation, config.seed)[1]]
    threshold = np.quantile(classifier.predict_all(hands).max(axis=1), 0.05)
    hand_free = classifier.predict_all(held_out.hand_free).max(axis=1) >= threshold
    return {
        "seconds": metrics["seconds"],
        "validation": _pair(metrics["validation"]),
        "varied": [int(varied.sum()), len(varied)],
        "test": _pair(metrics["test"]["without_leaked"]),
        "corruptions": report["robustness"]["mean"]["accuracy"],
        "backgrounds": report["robustness"]["background_mean"]["accuracy"],
        "webcam": _webcam(classifier, given.webcam) if given.webcam else None,
        "hand-free counted": [int(hand_free.sum()), len(hand_free)],
    }


def _pair(evaluation: Mapping[str, Any]) -> list[int]:
    return [evaluation["correct"], evaluation["n"]]


def _webcam(classifier: KerasClassifier, frames: Path) -> list[int]:
    """Counts right on whole frames, by the device's own way from frame to picture."""
    right = total = 0
    for name in classifier.labels:
        if not (frames / name).is_dir():
            continue
        read = [read_picture(file.path) for file in list_pictures(frames / name)]
        pictures = [frame_to_picture(frame, Contract()) for frame in read if frame is not None]
        answers = classifier.predict_all(np.stack(pictures)).argmax(axis=1)
        right += int((answers == classifier.labels.index(name)).sum())
        total += len(pictures)
    return [right, total]


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Markdown, with Wilson's intervals where pictures were counted."""
    lines = ["| variant | " + " | ".join(COLUMNS) + " |", "|---|" + "---|" * len(COLUMNS)]
    for name, figures in rows.items():
        lines.append(f"| {name} | " + " | ".join(_cell(figures.get(column)) for column in COLUMNS) + " |")
    return "\n".join(lines) + "\n"


def _cell(figure: list[int] | float | None) -> str:
    if figure is None:
        return ""
    if isinstance(figure, float):
        return f"{figure:.1%}"
    interval = wilson_interval(*figure)
    return f"{figure[0] / figure[1]:.1%} ({interval.percent()})" if interval else ""


if __name__ == "__main__":
    main()
