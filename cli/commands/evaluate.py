"""`signs-edge evaluate`: a model on labelled pictures, and on pictures without a hand."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from signs_edge.edge.errors import ModelError, UsageError

if TYPE_CHECKING:
    from signs_edge.edge.arrays import Images, Probabilities
    from signs_edge.edge.metrics.abstention import Abstention
    from signs_edge.edge.metrics.evaluation import Evaluation


def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A .keras or .tflite file.")],
    data: Annotated[
        str | None,
        typer.Option(
            help="HDF5 pair (its test part) or file, images by class (none: no hand), or synthetic. "
            "[default: $SIGNS_EDGE_DATA, the cache, synthetic]"
        ),
    ] = None,
    hand_free: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Pictures that show no hand; all in the folder count as such.")
    ] = None,
    min_confidence: Annotated[
        float | None,
        typer.Option(help="Below this probability a picture gets no count; 0: all get one. [default: from the model]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    threads: Annotated[int, typer.Option(help="Threads of the TFLite runtime.")] = 1,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="Also under 12 corruptions at 5 strengths, and on unseen backgrounds.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="With --robustness: folder for its page, JSON and pictures.")] = None,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust", help="Also a .tflite of other origin, without a digest, or one that answers wrongly here."
        ),
    ] = False,
) -> None:
    """Accuracy with its interval, the confusion matrix, and how often the model keeps silent, rightly and wrongly.

    On a test part with its training part beside it, also the accuracy without the pictures that are copies of
    training pictures.
    """
    if model.suffix.lower() not in (".keras", ".tflite"):
        raise ModelError(
            f"model {model} is neither .keras nor .tflite: give a run's model.keras or an exported .tflite file"
        )
    if out is not None and not robustness:
        raise UsageError(f"--out {out} is for the robustness report: add --robustness")
    from signs_edge.cli.commands import evaluate_robustness as conditions
    from signs_edge.cli.options.data_source import data_source
    from signs_edge.edge.metrics.abstention import Abstention, effective_threshold
    from signs_edge.edge.metrics.evaluation import Evaluation
    from signs_edge.edge.prediction import NO_HAND, decide
    from signs_edge.train.data.dataset import load_labelled, load_training_beside
    from signs_edge.train.data.picture_folder import read_hand_free
    from signs_edge.train.evaluation.leaks import evaluate_leak_aware

    if out is not None:
        conditions.prepare(out)
    judged = _open(model, threads, trust)
    threshold = effective_threshold(min_confidence, judged.abstain_below)
    source = data_source(data)
    dataset, negatives = load_labelled(source), [] if hand_free is None else [read_hand_free(hand_free)]
    if NO_HAND not in judged.labels:  # else it is a class as any other
        dataset, apart = dataset.set_apart(NO_HAND)
        negatives.append(apart)
    dataset = dataset.with_names(judged.labels, source)
    scores = _numbers(judged, dataset.images, model)
    answers = scores.argmax(axis=1)
    evaluation = Evaluation.of(answers, dataset.labels, dataset.names)
    train = load_training_beside(source)
    leak_aware = evaluate_leak_aware(answers, train, dataset) if train else None
    rows = list(zip(scores, (dataset.names[label] for label in dataset.labels), strict=True))
    rows += [(row, NO_HAND) for pictures in negatives for row in _numbers(judged, pictures, model)]
    abstention = Abstention.of((decide(row, judged.labels, threshold), truth) for row, truth in rows)
    started = time.perf_counter()
    robust = conditions.judge(judged.predict_all, dataset) if robustness else None
    seconds = time.perf_counter() - started
    page = conditions.write(out, model, source, evaluation, robust, seconds) if robust and out else None
    if as_json:
        kept = {"min_confidence": threshold, **abstention.to_json()}
        found = {"robustness": robust.to_json()} if robust else {}
        figures = leak_aware.to_json() if leak_aware else {**evaluation.to_json(), "without_leaked": None}
        print(json.dumps({"model": str(model), "data": source, **figures, "abstention": kept, **found}))
        return
    print(leak_aware or evaluation)
    _print(evaluation, abstention, threshold)
    if robust:
        conditions.show(robust)
    if page:
        print(f"report: {page}")


class _Judged(NamedTuple):
    """A model of either kind, as far as judging it goes."""

    labels: tuple[str, ...]
    abstain_below: float
    predict_all: Callable[[Images], Probabilities]


def _open(model: Path, threads: int, trust: bool) -> _Judged:
    if model.suffix.lower() == ".tflite":
        from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
        from signs_edge.edge.inference.self_test import check_self_test

        device = TFLiteClassifier.open(model, threads=threads, trust=trust)
        warning = check_self_test(device, str(model), trust)
        if warning:
            print(warning, file=sys.stderr)
        return _Judged(device.labels, device.abstain_below, lambda pictures: predict_all(device, pictures))
    from signs_edge.train.network.keras_classifier import KerasClassifier

    trained = KerasClassifier.open(model)
    return _Judged(trained.labels, trained.abstain_below, trained.predict_all)


def _numbers(judged: _Judged, pictures: Images, model: Path) -> Probabilities:
    """The probabilities; ModelError where some are none, for they would pass for answers."""
    import numpy as np

    scores = judged.predict_all(pictures)
    broken = int(np.isnan(scores).any(axis=1).sum())
    if broken:
        raise ModelError(f"{model} gives NaN for {broken} of {len(scores)} pictures: export it again, or train again")
    return scores


def _print(evaluation: Evaluation, abstention: Abstention, threshold: float) -> None:
    if threshold > 0 or abstention.hand_free:
        print(f"a count is given from a confidence of {threshold:.4g} on")
        print(abstention)
    print("confusion (row: truth, column: answer, however unsure)")
    print("      " + " ".join(f"{name:>5}" for name in evaluation.labels))
    for name, row in zip(evaluation.labels, evaluation.confusion, strict=True):
        print(f"{name:>5} " + " ".join(f"{count:>5}" for count in row))
