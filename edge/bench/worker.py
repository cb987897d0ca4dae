"""One case of a bench in a child process, which answers lines of JSON on a socket.

The first line names the case, each further one says for how many seconds to measure a round. In a process of its own the
case's memory can be told apart, and the cases take turns. Times go out in milliseconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.bundle.model_file import CONTRACT, ModelFile
from signs_edge.edge.errors import ModelError, SignsEdgeError
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.inference.runtime import Runtime, find_runtime
from signs_edge.edge.util.child_process import connect_to_parent, json_line
from signs_edge.edge.util.quiet import quiet

FIRST_CALLS = 5
"""How many calls after loading are reported apart: caches and frequencies are still cold."""


class Case:
    """One file on one runtime, ready to be called both ways.

    Attributes:
        predict: from a picture to a count, through our classifier; None for a file that is no counting model of ours.
        invoke: the interpreter alone, its inputs already in place.
        input_dtype: of the network's input; of several inputs, each type once, separated by commas.
    """

    predict: Callable[[], object] | None = None

    def __init__(self, file: Path, runtime: Runtime, threads: int) -> None:
        """Load a file.

        Raises:
            ModelError: it cannot be read, is damaged, or has inputs that cannot be filled: text, or of no fixed shape.
        """
        content = file.read_bytes()
        rng = np.random.default_rng(0)
        classifier = _classifier(file, content, runtime, threads)
        if classifier is None:
            interpreter = _interpreter(content, runtime, threads, rng)
            types = [np.dtype(tensor["dtype"]).name for tensor in interpreter.get_input_details()]
            self.input_dtype = ", ".join(dict.fromkeys(types))
            self.invoke: Callable[[], object] = interpreter.invoke
            return
        picture = rng.integers(0, 256, (classifier.contract.height, classifier.contract.width, 3), np.uint8)
        classifier.predict(picture)
        self.predict = lambda: classifier.predict(picture)
        self.input_dtype = classifier.input_dtype.name
        self.invoke = classifier.network.invoke


def _classifier(file: Path, content: bytes, runtime: Runtime, threads: int) -> TFLiteClassifier | None:
    """Open a counting model of ours; None for another file, such as the finder's."""
    if CONTRACT.encode() not in content:  # the name of a member of the archive at its end
        return None
    model = ModelFile.parse(
        content, str(file), trust=True
    )  # a refused or unsealed model can be timed, a damaged one not
    try:
        return TFLiteClassifier(model, threads=threads, runtime=runtime.name)
    except ModelError:  # its tensors are of another task
        return None


def _interpreter(content: bytes, runtime: Runtime, threads: int, rng: np.random.Generator) -> Any:
    """Load any file into an interpreter, fill its inputs, and invoke it once."""
    try:
        with quiet():
            interpreter = runtime.interpreter(model_content=content, num_threads=threads)
            interpreter.allocate_tensors()
            for tensor in interpreter.get_input_details():
                interpreter.set_tensor(tensor["index"], _filling(tensor, rng))
            interpreter.invoke()
    except (ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise ModelError(f"{runtime} refuses the model ({reason}): give a whole .tflite file") from None
    return interpreter


def _filling(tensor: Mapping[str, Any], rng: np.random.Generator) -> npt.NDArray[Any]:
    """Make a value for an input: noise for floats and 8-bit integers, zeros for others, which may be indices.

    A batch of undefined size, as converters leave it, is taken to be 1, the runtime's default.
    """
    name, dtype = str(tensor["name"]), np.dtype(tensor["dtype"])
    shape, signature = tuple(map(int, tensor["shape"])), tuple(map(int, tensor.get("shape_signature", tensor["shape"])))
    if dtype.kind not in "fiubc":
        raise ModelError(f"input {name!r} is text, which cannot be made up: give a file whose inputs are numbers")
    undefined = signature[1:] if len(signature) > 1 else signature
    if min(undefined, default=1) < 0:
        sizes = ", ".join("?" if size < 0 else str(size) for size in signature)
        raise ModelError(f"input {name!r} has no fixed shape ({sizes}): convert the model again with a fixed one")
    if dtype.kind == "f":
        return rng.random(shape).astype(dtype)
    if dtype in (np.int8, np.uint8):
        return rng.integers(0, 100, shape).astype(dtype)
    return np.zeros(shape, dtype)


def clock(call: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    started = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - started) / 1e6


def measure(case: Case, seconds: float) -> dict[str, list[float]]:
    """Call it both ways in turns for so long, at least once."""
    invoke: list[float] = []
    predict: list[float] = []
    end = time.perf_counter() + seconds
    while not invoke or time.perf_counter() < end:
        invoke.append(clock(case.invoke))
        if case.predict:
            predict.append(clock(case.predict))
    return {"invoke": invoke, "predict": predict}


def memory(field: str) -> float | None:
    """MB of this process by the kernel's account: VmHWM is its peak, VmRSS what it has now; None outside Linux."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith(f"{field}:")]
    return int(found[0]) / 1024 if found else None


def main() -> None:
    """Read the case, answer, then measure one round for each line until the parent closes the socket."""
    link = connect_to_parent()
    questions = link.makefile("rb")
    given = json.loads(questions.readline())
    try:
        runtime = find_runtime(given["runtime"])
        before = memory("VmRSS")
        started = time.perf_counter()
        case = Case(Path(given["file"]), runtime, given["threads"])
        loading = 1000 * (time.perf_counter() - started)
        first = [clock(case.invoke) for _ in range(FIRST_CALLS)]
    except (SignsEdgeError, OSError) as error:
        link.sendall(json_line({"error": str(error)}))
        return
    facts = {"runtime": str(runtime), "load": loading, "first": first, "before_mb": before, "input": case.input_dtype}
    link.sendall(json_line(facts))
    for line in questions:
        link.sendall(json_line({**measure(case, float(line)), "peak_mb": memory("VmHWM")}))


if __name__ == "__main__":
    main()
