"""`signs-edge evaluate`: a model on labelled pictures."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.edge.errors import ModelError, UsageError

if TYPE_CHECKING:
    from signs_edge.train.robustness import Predict


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
    robustness: Annotated[
        bool, typer.Option("--robustness", help="Also under 12 corruptions at 5 strengths, and on unseen backgrounds.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="With --robustness: folder for its page, JSON and pictures.")] = None,
) -> None:
    """Accuracy with its interval, and the confusion matrix."""
    if model.suffix.lower() not in (".keras", ".tflite"):
        raise ModelError(
            f"model {model} is neither .keras nor .tflite: give a run's model.keras or an exported .tflite file"
        )
    if out is not None and not robustness:
        raise UsageError(f"--out {out} is for the robustness report: add --robustness")
    from signs_edge.cli import robustness as judging
    from signs_edge.cli.source import data_source
    from signs_edge.edge.evaluation import Evaluation
    from signs_edge.train.dataset import load_labelled

    if out is not None:
        judging.prepare(out)
    predict: Predict
    if model.suffix.lower() == ".tflite":
        from signs_edge.edge.classifier import TFLiteClassifier, predict_all

        device = TFLiteClassifier.open(model, threads=threads)
        source = data_source(data)
        dataset = load_labelled(source).with_names(device.labels, source)
        predict = partial(predict_all, device)
    else:
        from signs_edge.train.keras_classifier import KerasClassifier

        trained = KerasClassifier.open(model)
        source = data_source(data)
        dataset = load_labelled(source).with_names(trained.labels, source)
        predict = trained.predict_all
    evaluation = Evaluation.of(predict(dataset.images).argmax(axis=1), dataset.labels, dataset.names)
    started = time.perf_counter()
    judged = judging.judge(predict, dataset) if robustness else None
    seconds = time.perf_counter() - started
    page = judging.write(out, model, source, evaluation, judged, seconds) if judged and out else None
    if as_json:
        found = {"robustness": judged.to_json()} if judged else {}
        print(json.dumps({"model": str(model), "data": source, **evaluation.to_json(), **found}))
        return
    print(evaluation)
    print("confusion (row: truth, column: answer)")
    print("      " + " ".join(f"{name:>5}" for name in evaluation.labels))
    for name, row in zip(evaluation.labels, evaluation.confusion, strict=True):
        print(f"{name:>5} " + " ".join(f"{count:>5}" for count in row))
    if judged:
        judging.show(judged)
    if page:
        print(f"report: {page}")
