"""Which road from Keras to int8: TensorFlow's converter, Keras' own LiteRT export, or ai-edge-quantizer?

    python benchmarks/converters.py --run runs/slim --data PATH --quantizer-python /venvs/quantizer/bin/python
    python benchmarks/converters.py --rebuilt edge/models/float32.tflite …      # where its .keras is not at hand
    python benchmarks/converters.py --untrained resnet50 …      # time and size only: its answers mean nothing

All get the same model, the same calibration pictures and are judged on the same test pictures by the classifier of the
device. ai-edge-quantizer starts from Keras' float32 export; where it is not installed beside TensorFlow, --quantizer-python
names a Python that has it (pip install ai-edge-quantizer). The table is for docs/results/converters.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from conversion_roads import CONTRACT, ROADS

from signs_edge.edge.arrays import Images, Probabilities
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError, SignsEdgeError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.export.convert.calibration import choose_calibration
from signs_edge.export.flatbuffer.inspection import inspect_model
from signs_edge.export.flatbuffer.reader import read_graph
from signs_edge.train.data.dataset import load_splits
from signs_edge.train.runs.config import PRESETS


@dataclass(frozen=True)
class Road:
    """What one road made of the model.

    Attributes:
        seconds: wall time from the Keras model, the float32 file on the way included.
        size: bytes.
        kind, refusals: what `inspect_model` finds.
        ends: types of input and output.
        agreement: on how many of the test pictures the answer is Keras'.
        distance: mean total-variation distance of the probabilities from Keras', 0..1.
        correct: how many are right; None for an untrained network.
        milliseconds: of one call of the bare interpreter, 10th percentile.
        repeats: whether a second conversion gives the same bytes.
    """

    seconds: float
    size: int
    kind: str
    refusals: tuple[str, ...]
    ends: str
    agreement: int
    distance: float
    correct: int | None
    milliseconds: float
    repeats: bool


def rebuild(file: Path, preset: str) -> Any:
    """The Keras network of a preset with the weights of its float32 .tflite file, batch normalization folded in.

    Raises:
        ModelError: the file is not of that network.
    """
    from signs_edge.train.network.resnet import build_resnet

    content = file.read_bytes()
    graph = read_graph(content)
    classes = graph.tensors[graph.outputs[0]].shape[-1]
    shape = graph.tensors[graph.inputs[0]].shape[1:]
    model = build_resnet(replace(PRESETS[preset].model, batch_norm=False, zero_init_residual=False), shape, classes)
    waiting = {layer.name for layer in model.layers if layer.weights}
    for op in graph.ops:
        if op.name in ("CONV_2D", "FULLY_CONNECTED"):
            # As in signs_resnet_1/stage2_block1_1_conv_1/convolution.
            name = graph.tensors[op.inputs[1]].name.split("/")[1].rpartition("_")[0]
            if name not in waiting:
                raise ModelError(f"{file} has a layer {name} that {preset} has not: name its preset")
            waiting.remove(name)
            kernel, bias = (graph.tensors[index].values for index in op.inputs[1:3])
            if kernel is None or bias is None:
                raise ModelError(f"{file} has a layer {name} without stored weights: give a float32 file")
            kernel = kernel.transpose((1, 2, 3, 0) if kernel.ndim == 4 else (1, 0))
            if kernel.shape != tuple(model.get_layer(name).kernel.shape):
                raise ModelError(f"{file} has another {name} ({kernel.shape}) than {preset}: name its preset")
            model.get_layer(name).set_weights([kernel, bias])
    if waiting:
        raise ModelError(f"{file} lacks the layers {sorted(waiting)} of {preset}: name its preset")
    return model


def judge(
    convert: Callable[[Path], bytes],
    keras_scores: Probabilities,
    pictures: Images,
    truth: Any,
    trained: bool,
    keep: Path | None = None,
) -> tuple[Road, TFLiteClassifier]:
    """Convert twice, look into the file, and run it; its milliseconds come later, in turns with the others'."""
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        started = time.perf_counter()
        content = convert(Path(first))
        seconds = time.perf_counter() - started
        repeats = convert(Path(second)) == content
    found = inspect_model(content)
    labels = tuple(map(str, range(keras_scores.shape[1])))
    packed = ModelFile.pack(content, labels, CONTRACT)
    if keep:
        keep.parent.mkdir(parents=True, exist_ok=True)
        keep.write_bytes(packed.content)
    classifier = TFLiteClassifier(packed)
    scores = predict_all(classifier, pictures)
    answers = scores.argmax(axis=1)
    road = Road(
        seconds=seconds, size=len(content), kind=found.kind, refusals=found.refusals,
        ends=f"{found.inputs[0].dtype} to {found.outputs[0].dtype}",
        agreement=int((answers == keras_scores.argmax(axis=1)).sum()),
        distance=float(np.abs(scores - keras_scores).sum(axis=1).mean() / 2),
        correct=int((answers == truth).sum()) if trained else None, milliseconds=float("nan"), repeats=repeats,
    )  # fmt: skip
    return road, classifier


def time_in_turns(classifiers: dict[str, TFLiteClassifier], rounds: int = 15, calls: int = 60) -> dict[str, float]:
    """Milliseconds of the bare interpreter of each: the 10th percentile, calls that nothing else on the machine disturbed."""
    times: dict[str, list[int]] = {name: [] for name in classifiers}
    for turn in range(rounds):
        for name in list(classifiers)[:: -1 if turn % 2 else 1]:
            for _ in range(calls):
                started = time.perf_counter_ns()
                classifiers[name].network.invoke()
                times[name].append(time.perf_counter_ns() - started)
    return {name: float(np.quantile(values, 0.1)) / 1e6 for name, values in times.items()}


def compare(given: argparse.Namespace) -> dict[str, Any]:
    """All roads; plain values."""
    import keras

    from signs_edge.train.network.keras_classifier import KerasClassifier, load_keras
    from signs_edge.train.network.resnet import build_resnet

    splits = load_splits(given.data)
    calibration = choose_calibration(splits.train, given.calibration).images
    trained = bool(given.run or given.rebuilt)
    if given.rebuilt:
        model = rebuild(given.rebuilt, given.preset)
    elif given.run:
        model = load_keras(given.run / "model.keras" if given.run.is_dir() else given.run)
    else:
        keras.utils.set_random_seed(0)
        model = build_resnet(PRESETS[given.untrained].model, splits.train.images.shape[1:], len(splits.train.names))
    labels = tuple(map(str, range(int(model.output_shape[-1]))))
    scores = KerasClassifier(model, labels).predict_all(splits.test.images)
    roads: dict[str, Road] = {}
    classifiers: dict[str, TFLiteClassifier] = {}
    failures: dict[str, str] = {}
    for name, road in ROADS.items():
        print(f"{name} …", file=sys.stderr)
        try:
            roads[name], classifiers[name] = judge(
                lambda folder, road=road: road(model, calibration, folder, given.quantizer_python),  # type: ignore[misc]
                scores, splits.test.images, splits.test.labels, trained,
                given.keep / f"{road.__name__}.tflite" if given.keep else None,
            )  # fmt: skip
        except SignsEdgeError as error:
            failures[name] = str(error)
    milliseconds = time_in_turns(classifiers)
    return {
        "model": (given.run or given.rebuilt).name if trained else f"{given.untrained}, untrained",
        "parameters": int(model.count_params()),
        "calibration": len(calibration),
        "calibration_sha256": hashlib.sha256(np.ascontiguousarray(calibration).tobytes()).hexdigest(),
        "test_pictures": len(splits.test),
        "keras_correct": int((scores.argmax(axis=1) == splits.test.labels).sum()) if trained else None,
        "roads": {name: {**asdict(road), "milliseconds": milliseconds[name]} for name, road in roads.items()},
        "failures": failures,
    }


def show(found: dict[str, Any]) -> None:
    """A table in Markdown."""
    n = found["test_pictures"]
    right = f"; Keras is right on {found['keras_correct']}" if found["keras_correct"] is not None else ""
    print(f"{found['model']}: {found['parameters']:,} parameters, {n} test pictures{right}\n")
    print("| road | seconds | bytes | what it is | as Keras | total variation | right | invoke ms | same bytes twice |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, road in found["roads"].items():
        print(
            f"| {name} | {road['seconds']:.1f} | {road['size']:,} | {road['kind']}, {road['ends']} | {road['agreement']} "
            f"of {n} | {road['distance']:.5f} | {'-' if road['correct'] is None else road['correct']} | "
            f"{road['milliseconds']:.3f} | {'yes' if road['repeats'] else 'no'} |"
        )
        for line in road["refusals"][:3]:
            print(f"not full integer, {name}: {line}", file=sys.stderr)
    for name, reason in found["failures"].items():
        print(f"\n{name}: {reason}")


def main() -> int:
    """Print the table; exit code 1 on a mistake."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--run", type=Path, help="a finished run's folder, or a .keras file")
    which.add_argument("--untrained", choices=PRESETS, help="a preset's network as it starts")
    which.add_argument("--rebuilt", type=Path, help="a released float32.tflite, its weights read back; with --preset")
    parser.add_argument("--preset", choices=PRESETS, default="slim", help="of --rebuilt")
    parser.add_argument("--data", default="synthetic", help="as for `signs-edge train`")
    parser.add_argument("--calibration", type=int, default=120, help="pictures")
    parser.add_argument("--quantizer-python", default=sys.executable, help="a Python that has ai-edge-quantizer")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files there, for benchmarks/runtimes.py")
    parser.add_argument("--out", type=Path, help="JSON file")
    given = parser.parse_args()
    try:
        found = compare(given)
    except SignsEdgeError as error:
        print(f"converters: {error}", file=sys.stderr)
        return 1
    show(found)
    if given.out:
        given.out.write_text(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
