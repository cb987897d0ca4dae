"""How fast model files run: every file on every runtime and number of threads, in turns, each in a process of its own."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.board import Board, Heat, cores, read_board, read_heat
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.runtime import RUNTIMES, find_runtime

_WORKER = "signs_edge.edge.bench_worker"


@dataclass(frozen=True)
class BenchConfig:
    """What to measure.

    Attributes:
        files: .tflite files, of any origin.
        threads: numbers of threads of the runtime.
        runtimes: names out of `RUNTIMES`.
        seconds: of measuring each case, all rounds together.
        rounds: how often the cases take turns, so that what else happens on the machine meets all of them alike.
    """

    files: tuple[Path, ...]
    threads: tuple[int, ...] = (1,)
    runtimes: tuple[str, ...] = ("litert",)
    seconds: float = 3.0
    rounds: int = 6

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        if not self.files or not self.threads or not self.runtimes:
            raise UsageError("nothing to measure: give at least one file, one number of threads and one runtime")
        if min(self.threads) < 1:
            raise UsageError(f"threads {min(self.threads)} is not allowed: give at least 1")
        if not 0 < self.seconds <= 3600:
            raise UsageError(f"{self.seconds} seconds of measuring are not allowed: give more than 0, up to 3600")
        if self.rounds < 1:
            raise UsageError(f"{self.rounds} rounds are not allowed: give at least 1")


@dataclass(frozen=True)
class Latency:
    """Of many calls, in milliseconds: the median, two high percentiles, the mean, and how many there were."""

    p50: float
    p90: float
    p99: float
    mean: float
    calls: int

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Latency:
        """Of at least one call."""
        p50, p90, p99 = map(float, np.percentile(milliseconds, [50, 90, 99]))
        return cls(p50, p90, p99, float(np.mean(milliseconds)), len(milliseconds))

    @property
    def per_second(self) -> float:
        """Throughput of one call after the other."""
        return 1000 / self.mean

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {**vars(self), "per_second": self.per_second}


@dataclass(frozen=True)
class CaseResult:
    """One file on one runtime with so many threads.

    Attributes:
        file: its name; `sha256` and `size` in bytes are of the whole file.
        runtime: name and version.
        input_dtype: of the network.
        load: milliseconds from the file to the first answer.
        first: milliseconds of the first calls after that, which do not count below.
        invoke: the interpreter alone.
        predict: through our classifier, uint8 picture in and count out; None for files of other origin.
        before_mb: memory of the process before the model was loaded; None outside of Linux.
        peak_mb: the most that it had (VmHWM).
    """

    file: str
    sha256: str
    size: int
    runtime: str
    threads: int
    input_dtype: str
    load: float
    first: tuple[float, ...]
    invoke: Latency
    predict: Latency | None
    before_mb: float | None
    peak_mb: float | None

    @property
    def overhead(self) -> float | None:
        """How many times the interpreter's median the classifier's is; None for files of other origin."""
        return self.predict.p50 / self.invoke.p50 if self.predict else None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; times in milliseconds."""
        return {
            "file": self.file, "sha256": self.sha256, "bytes": self.size, "runtime": self.runtime,
            "threads": self.threads, "input_dtype": self.input_dtype, "load_ms": self.load,
            "first_calls_ms": list(self.first), "invoke_ms": self.invoke.to_json(),
            "predict_ms": self.predict.to_json() if self.predict else None, "overhead": self.overhead,
            "memory_before_mb": self.before_mb, "memory_peak_mb": self.peak_mb,
        }  # fmt: skip


@dataclass(frozen=True)
class BenchResult:
    """All cases, what they ran on, its temperature before and after each round, and what could not be measured."""

    board: Board
    config: BenchConfig
    cases: tuple[CaseResult, ...]
    heat: tuple[Heat, ...]
    failures: tuple[str, ...] = ()

    @property
    def throttled(self) -> tuple[str, ...]:
        """What the board complained of while measuring; such figures do not count."""
        return tuple(dict.fromkeys(name for heat in self.heat for name in heat.throttling or ()))

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "board": self.board.to_json(), "seconds": self.config.seconds, "rounds": self.config.rounds,
            "cases": [case.to_json() for case in self.cases], "heat": [heat.to_json() for heat in self.heat],
            "throttled": list(self.throttled), "failures": list(self.failures),
        }  # fmt: skip


def installed_runtimes() -> tuple[str, ...]:
    """Names of all runtimes that can be imported, in the order of `RUNTIMES`.

    Each is tried in a process of its own, for two in one may not get along.
    """
    code = "import sys; from signs_edge.edge.runtime import find_runtime; find_runtime(sys.argv[1])"
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
        self.process = subprocess.Popen(
            [sys.executable, "-m", _WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        self.facts = self._ask({"file": str(self.file), "runtime": self.name, "threads": self.threads})
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:  # it has ended by itself
                    continue
        self.process.terminate()
        self.process.wait()

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
        """A line to the process, and the line that it answers; a process that ends instead is an error."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.error = f"the runtime ended with code {self.process.wait()}: the file may be damaged"
            return {}
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:  # a library that prints
            self.error = f"the process says {line.strip()!r} instead of figures: install signs-edge anew"
            return {}
        self.error = answer.get("error", "")
        return answer
