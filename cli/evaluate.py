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
    """Accuracy with its interval, and the confusion matrix."""
    if model.suffix.lower() not in (".keras", ".tflite"):
        raise ModelError(
            f"model {model} is neither .keras nor .tflite: give a run's model.keras or an exported .tflite file"
        )
    from signs_edge.cli.source import data_source
    from signs_edge.edge.evaluation import Evaluation
    from signs_edge.train.dataset import load_labelled

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
    evaluation = Evaluation.of(scores.argmax(axis=1), dataset.labels, dataset.names)
    if as_json:
        print(json.dumps({"model": str(model), "data": source, **evaluation.to_json()}))
        return
    print(evaluation)
    print("confusion (row: truth, column: answer)")
    print("      " + " ".join(f"{name:>5}" for name in evaluation.labels))
    for name, row in zip(evaluation.labels, evaluation.confusion, strict=True):
        print(f"{name:>5} " + " ".join(f"{count:>5}" for count in row))
