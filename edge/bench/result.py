"""What a bench is asked for, and what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.device.board import Board, Heat
from signs_edge.edge.errors import UsageError


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
