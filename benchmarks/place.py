"""Run all .tflite files beside this script on pictures.npy, with one runtime: part of everywhere.py.

It travels alone, to any Python from 3.9 on with numpy and a runtime. Per file it writes FILE.npy, (n, classes) float32
scores, and at the end it prints one line of JSON about where it ran. One thread, so that sums have one order.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import platform
from pathlib import Path

import numpy as np

RUNTIMES = {
    "litert": ("ai-edge-litert", "ai_edge_litert.interpreter"),
    "tflite-runtime": ("tflite-runtime", "tflite_runtime.interpreter"),
    "tensorflow": ("tensorflow", "tensorflow.lite.python.interpreter"),
}


def run(file: Path, pictures: np.ndarray, interpreter_class: type) -> np.ndarray:
    """(n, classes) float32 scores of (n, height, width, 3) uint8 RGB pictures."""
    interpreter = interpreter_class(model_path=str(file), num_threads=1)
    interpreter.allocate_tensors()
    (given,), (answer,) = interpreter.get_input_details(), interpreter.get_output_details()
    scores = []
    for picture in pictures:
        value = picture / 255.0
        if given["dtype"] != np.float32:
            scale, zero_point = given["quantization"]
            limits = np.iinfo(given["dtype"])
            value = np.clip(np.round(value / scale) + zero_point, limits.min, limits.max)
        interpreter.set_tensor(given["index"], value[np.newaxis].astype(given["dtype"]))
        interpreter.invoke()
        score = interpreter.get_tensor(answer["index"])[0]
        if answer["dtype"] != np.float32:
            scale, zero_point = answer["quantization"]
            score = (score.astype(np.int32) - zero_point) * np.float32(scale)
        scores.append(score.astype(np.float32))
    return np.stack(scores)


def main() -> None:
    """All files of this folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", choices=RUNTIMES, required=True)
    distribution, module = RUNTIMES[parser.parse_args().runtime]
    interpreter_class = importlib.import_module(module).Interpreter
    folder = Path(__file__).parent
    pictures = np.load(folder / "pictures.npy")
    for file in sorted(folder.glob("*.tflite")):
        np.save(folder / f"{file.name}.npy", run(file, pictures, interpreter_class))
    facts = {
        "runtime": f"{distribution} {importlib.metadata.version(distribution)}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
