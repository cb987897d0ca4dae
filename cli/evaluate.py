"""`signs-edge evaluate`: a model on labelled pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from signs_edge.edge.errors import ModelError


def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A .keras or .tflite file.")],
    data: Annotated[
        str | None,
        typer.Option(
            help="HDF5 pair (its test part) or file, images by class, or synthetic. [default: $SIGNS_EDGE_DATA, the cache, synthetic]"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    threads: Annotated[int, typer.Option(help="Threads of the TFLite runtime.")] = 1,
) -> None:
    """Accuracy with its interval, and the confusion matrix.

    On a test part with its training part beside it, also the accuracy without the pictures that are copies of
    training pictures.
    """
    if model.suffix.lower() not in (".keras", ".tflite"):
        raise ModelError(
            f"model {model} is neither .keras nor .tflite: give a run's model.keras or an exported .tflite file"
        )
    from signs_edge.cli.source import data_source
    from signs_edge.edge.evaluation import Evaluation
    from signs_edge.train.dataset import load_labelled, load_training_beside
    from signs_edge.train.leaks import evaluate_leak_aware

    if model.suffix.lower() == ".tflite":
        from signs_edge.edge.classifier import TFLiteClassifier, predict_all

        device = TFLiteClassifier.open(model, threads=threads)
        source = data_source(data)
        dataset = load_labelled(source).with_names(device.labels, source)
        scores = predict_all(device, dataset.images)
    else:
        from signs_edge.train.keras_classifier import KerasClassifier

        trained = KerasClassifier.open(model)
        source = data_source(data)
        dataset = load_labelled(source).with_names(trained.labels, source)
        scores = trained.predict_all(dataset.images)
    answers = scores.argmax(axis=1)
    evaluation = Evaluation.of(answers, dataset.labels, dataset.names)
    train = load_training_beside(source)
    leak_aware = evaluate_leak_aware(answers, train, dataset) if train else None
    if as_json:
        figures = leak_aware.to_json() if leak_aware else {**evaluation.to_json(), "without_leaked": None}
        print(json.dumps({"model": str(model), "data": source, **figures}))
        return
    print(leak_aware or evaluation)
    print("confusion (row: truth, column: answer)")
    print("      " + " ".join(f"{name:>5}" for name in evaluation.labels))
    for name, row in zip(evaluation.labels, evaluation.confusion, strict=True):
        print(f"{name:>5} " + " ".join(f"{count:>5}" for count in row))
