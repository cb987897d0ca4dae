"""Our classifier against the bare interpreter, and the same int8 graph in ONNX Runtime and OpenVINO, in one run.

    python -m venv venv && venv/bin/pip install . onnx onnxruntime openvino
    venv/bin/python benchmarks/runtimes.py edge/models/int8.tflite

One thread each, in turns of some calls, so that a machine that speeds up or slows down meets all alike. The ONNX graph
is made from the .tflite file itself (benchmarks/onnx_graph.py): same weights, same scales. Goals: classifier at most
1.10 times `invoke`, and at most 1.1 times ONNX Runtime.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Image, Probabilities
from signs_edge.edge.device.board import read_board
from signs_edge.edge.errors import SignsEdgeError
from signs_edge.edge.inference.classifier import TFLiteClassifier

Call = Callable[[], Any]
Scores = Callable[[Image], Probabilities]


def onnx_runtime(model: bytes, picture: Image) -> tuple[Call, Scores]:
    """A bare call on one picture, and scores of any."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    given = {"picture": _nchw(picture)}
    return lambda: session.run(None, given), lambda other: session.run(None, {"picture": _nchw(other)})[0][0]


def openvino(model: bytes, picture: Image) -> tuple[Call, Scores]:
    """The same in OpenVINO."""
    import openvino as ov

    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
    core = ov.Core()
    request = core.compile_model(core.read_model(io.BytesIO(model)), "CPU", settings).create_infer_request()
    request.infer({0: _nchw(picture)})
    # Without arguments, infer works on the input that is already in place, as LiteRT's invoke does.
    return request.infer, lambda other: request.infer({0: _nchw(other)})[0][0].copy()


OTHERS: dict[str, tuple[str, Callable[[bytes, Image], tuple[Call, Scores]]]] = {
    "ONNX Runtime": ("onnxruntime", onnx_runtime),
    "OpenVINO": ("openvino", openvino),
}


def _nchw(picture: Image) -> Image:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[np.newaxis])


def measure(calls: dict[str, Call], rounds: int, seconds: float, quantile: float = 0.5) -> dict[str, list[float]]:
    """A quantile of each call, in milliseconds, in each round."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds):
        for name in list(calls)[:: -1 if turn % 2 else 1]:
            times: list[int] = []
            end = time.perf_counter() + seconds / rounds
            while len(times) < 5 or time.perf_counter() < end:
                started = time.perf_counter_ns()
                calls[name]()
                times.append(time.perf_counter_ns() - started)
            found[name].append(float(np.quantile(times, quantile)) / 1e6)
    return found


def compare(file: Path, rounds: int, seconds: float, quantile: float) -> dict[str, Any]:
    """All that are installed, on one file."""
    from signs_edge.edge.synthetic.hands import draw_hands

    classifier = TFLiteClassifier.open(file)
    pictures, _ = draw_hands(24, seed=5)
    picture = pictures[0]
    classifier.predict(picture)
    calls: dict[str, Call] = {"invoke": classifier.network.invoke, "classifier": lambda: classifier.predict(picture)}
    others: dict[str, Any] = {}
    for name, (distribution, make) in OTHERS.items():
        try:
            from onnx_graph import to_onnx

            calls[name], scores = make(to_onnx(file.read_bytes()), picture)
        except ImportError as error:
            print(f"{name} is left out ({error}): pip install onnx {distribution}", file=sys.stderr)
            continue
        ours, theirs = (np.stack([f(other) for other in pictures]) for f in (classifier.probabilities, scores))
        others[name] = {
            "version": importlib.metadata.version(distribution),
            "equal_answers": int((ours.argmax(axis=1) == theirs.argmax(axis=1)).sum()),
            "pictures": len(pictures),
            "largest_difference": float(np.abs(ours - theirs).max()),
        }
    measure(calls, 1, 0.2)  # warm
    found = measure(calls, rounds, seconds, quantile)

    def ratio(first: str, second: str) -> float:
        """Of the same rounds: neighbours in time."""
        return float(np.median(np.array(found[first]) / np.array(found[second])))

    return {
        "file": file.name,
        "litert": classifier.runtime,
        "quantile": quantile,
        "milliseconds": {name: float(np.median(values)) for name, values in found.items()},
        "best_round_milliseconds": {name: min(values) for name, values in found.items()},
        "classifier_to": {name: ratio("classifier", name) for name in calls if name != "classifier"},
        "others": others,
    }


def main() -> int:
    """Print a table for each file, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="int8 files of `signs-edge export`")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5.0, help="of measuring each, all rounds together")
    parser.add_argument(
        "--quantile", type=float, default=0.5, help="of a round's calls; on a busy machine 0.1: calls left in peace"
    )
    parser.add_argument("--out", type=Path, help="JSON file")
    given = parser.parse_args()
    try:
        found = [compare(file, given.rounds, given.seconds, given.quantile) for file in given.files]
    except SignsEdgeError as error:
        print(f"runtimes: {error}", file=sys.stderr)
        return 1
    board = read_board()
    print(board)
    for result in found:
        print(f"{result['file']}, {result['litert']}, quantile {result['quantile']} of a round, median of the rounds")
        for name, milliseconds in result["milliseconds"].items():
            other = result["others"].get(name, {})
            ratio = result["classifier_to"].get(name)
            print(
                f"  {name:<13} {milliseconds:7.3f} ms, best round {result['best_round_milliseconds'][name]:7.3f}"
                + (f"   classifier is {ratio:.3f} times this" if ratio else "")
                + (
                    f"; {other['version']}, {other['equal_answers']} of {other['pictures']} answers as LiteRT, "
                    f"largest difference {other['largest_difference']:.3f}"
                    if other
                    else ""
                )
            )
    if given.out:
        given.out.write_text(json.dumps({"board": board.to_json(), "results": found}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
