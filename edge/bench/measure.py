"""How fast model files run: every file on every runtime and number of threads, in turns, each in a process of its own."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from signs_edge.edge.bench.result import BenchConfig, BenchResult, CaseResult, Latency
from signs_edge.edge.device.board import Heat, cores, read_board, read_heat
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.runtime import RUNTIMES, find_runtime
from signs_edge.edge.util.child_process import ChildLost, ChildProcess, json_line

_WORKER = "signs_edge.edge.bench.worker"
_PATIENCE = 4000.0
"""Seconds after which a process that does not answer is ended; a round takes an hour at most."""


def installed_runtimes() -> tuple[str, ...]:
    """Names of all runtimes that can be imported, in the order of `RUNTIMES`.

    Each is tried in a process of its own, for two in one may not get along.
    """
    code = "import sys; from signs_edge.edge.inference.runtime import find_runtime; find_runtime(sys.argv[1])"
    return tuple(
        name
        for name in RUNTIMES
        if subprocess.run([sys.executable, "-c", code, name], capture_output=True).returncode == 0
    )


def default_threads() -> tuple[int, ...]:
    """1, 2, 4 … up to the cores of this machine, and all of them."""
    n = cores()
    return tuple(sorted({2**power for power in range(n.bit_length())} | {n}))


def run_bench(
    config: BenchConfig,
    *,
    report_step: Callable[[str], None] = lambda step: None,
    heat: Callable[[], Heat] = read_heat,
) -> BenchResult:
    """Measure all cases, round by round.

    A runtime that refuses a file is a failure of that case, named in the result; the others go on.

    Raises:
        ModelError: a file cannot be read, or no case could be measured.
        UsageError: a runtime's name is not known.
    """
    for name in config.runtimes:
        if name not in RUNTIMES:
            find_runtime(name)  # says which there are
    contents = {file: _read(file) for file in config.files}
    failures: list[str] = []
    running: list[_Worker] = []
    with ExitStack() as stack:
        for file in config.files:
            for runtime in config.runtimes:
                for threads in config.threads:
                    report_step(f"loading {file.name} with {runtime}, {_threads(threads)}")
                    worker = stack.enter_context(_Worker(file, runtime, threads))
                    if worker.error:
                        failures.append(f"{file.name} with {runtime}, {_threads(threads)}: {worker.error}")
                    else:
                        running.append(worker)
        if not running:
            raise ModelError(f"nothing could be measured: {failures[0]}")
        heats = [heat()]
        for turn in range(config.rounds):
            report_step(f"round {turn + 1} of {config.rounds}")
            # Every other round backwards: none always runs in the wake of the same neighbour.
            for worker in running[:: -1 if turn % 2 else 1]:
                worker.measure(config.seconds / config.rounds)
            heats.append(heat())
        ended = [worker for worker in running if worker.error]
        failures += [f"{w.file.name} with {w.name}, {_threads(w.threads)}: {w.error}" for w in ended]
        cases = tuple(worker.result(contents[worker.file]) for worker in running if not worker.error)
    if not cases:
        raise ModelError(f"nothing could be measured: {failures[0]}")
    return BenchResult(read_board(), config, cases, tuple(heats), tuple(failures))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ModelError(f"model {file} cannot be read ({error.strerror}): give a .tflite file") from None


def _threads(number: int) -> str:
    return "1 thread" if number == 1 else f"{number} threads"


@dataclass
class _Worker:
    """A process with one case in it, loaded and waiting for its turns; `error` says why it is of no use (any more)."""

    file: Path
    name: str
    threads: int
    error: str = ""
    invoke: list[float] = field(default_factory=list)
    predict: list[float] = field(default_factory=list)
    peak: float | None = None

    def __enter__(self) -> _Worker:
        self.facts: dict[str, Any] = {}
        self._child: ChildProcess | None = None
        try:
            self._child = ChildProcess(_WORKER)
        except OSError as error:
            self.error = f"no process can be started ({error.strerror})"
        else:
            self.facts = self._ask({"file": str(self.file), "runtime": self.name, "threads": self.threads})
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.close(0.0)

    def measure(self, seconds: float) -> None:
        """One turn."""
        if self.error:
            return
        answer = self._ask(seconds)
        if not self.error:
            self.invoke += answer["invoke"]
            self.predict += answer["predict"]
            self.peak = answer["peak_mb"]

    def result(self, content: bytes) -> CaseResult:
        """All turns together."""
        facts = self.facts
        return CaseResult(
            self.file.name, hashlib.sha256(content).hexdigest(), len(content), facts["runtime"], self.threads,
            facts["input"], facts["load"], tuple(facts["first"]), Latency.of(self.invoke),
            Latency.of(self.predict) if self.predict else None, facts["before_mb"], self.peak,
        )  # fmt: skip

    def _ask(self, question: object) -> dict[str, Any]:
        """Send a question and receive its answer; empty, with `error` set, where the process gives none."""
        assert self._child is not None
        try:
            self._child.send(json_line(question))
            line = self._child.receive(_PATIENCE)
        except ChildLost as lost:
            self.error = f"the runtime's process {lost}: the file may be damaged"
            return {}
        if line is None:
            self.error = f"the runtime did not answer in {_PATIENCE:.0f} s: the file may be damaged"
            return {}
        answer: dict[str, Any] = json.loads(line)
        self.error = answer.get("error", "")
        return answer
