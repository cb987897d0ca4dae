"""One case of a bench in a child process, which answers lines of JSON on a socket.

The first line names the case, each further one says for how many seconds to measure a round. In a process of its own the
case's memory can be told apart, and the cases take turns. Times go out in milliseconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.bundle.model_file import CONTRACT
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
        predict: picture in, count out, through our classifier; None for a file of other origin.
        invoke: the interpreter alone, its input already in place.
    """

    predict: Callable[[], object] | None = None

    def __init__(self, file: Path, runtime: Runtime, threads: int) -> None:
        content = file.read_bytes()
        ours = CONTRACT.encode() in content  # as a name in the appended archive
        rng = np.random.default_rng(0)
        if ours:
            classifier = TFLiteClassifier.open(file, threads=threads, runtime=runtime.name)
            picture = rng.integers(0, 256, (classifier.contract.height, classifier.contract.width, 3), np.uint8)
            classifier.predict(picture)
            self.predict = lambda: classifier.predict(picture)
            self.input_dtype = classifier.input_dtype.name
            self.invoke: Callable[[], object] = classifier.network.invoke
        else:
            interpreter = _bare(content, runtime, threads, rng)
            self.input_dtype = np.dtype(interpreter.get_input_details()[0]["dtype"]).name
            self.invoke = interpreter.invoke


def _bare(content: bytes, runtime: Runtime, threads: int, rng: np.random.Generator) -> Any:
    """An interpreter of a file without our labels, noise in its inputs."""
    try:
        with quiet():
            interpreter = runtime.interpreter(model_content=content, num_threads=threads)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise ModelError(f"{runtime} refuses the model ({reason}): give a whole .tflite file") from None
    for tensor in interpreter.get_input_details():
        noise = rng.random(tensor["shape"]) * (1 if np.issubdtype(tensor["dtype"], np.floating) else 100)
        interpreter.set_tensor(tensor["index"], noise.astype(tensor["dtype"]))
    return interpreter


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
