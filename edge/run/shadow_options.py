"""How the float twin is used: its options, its clocks, and what keeps its state."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.report import DriftReport
from signs_edge.edge.drift.sampler import ShadowConfig
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.errors import UsageError


class StateStore(Protocol):
    """What remembers verdicts and states: `signs_edge.edge.journal.writer.Journal`, or a test's list."""

    def record_verdict(self, verdict: Verdict) -> bool:
        """Write a verdict down where it is another than the last."""

    def record_event(self, kind: str, text: str) -> None:
        """Write down what happened."""

    def record_state(self, name: str, state: dict[str, Any]) -> None:
        """Keep a state for the next run."""

    def ask(self, report: Callable[[], DriftReport]) -> None:
        """Ask this now and then for all that is known, and keep it."""

    def last_state(self, name: str) -> Any:
        """What the last run kept; None where there is none."""


@dataclass(frozen=True)
class ShadowOptions:
    """How the twin is used.

    Attributes:
        drift: what drift is.
        shadow: how frames are drawn at random, within a budget of processor time.
        every: in its place, the twin sees every k-th frame, as suits a folder of pictures; None: drawn at random.
        seed: of the draws.
    """

    drift: DriftConfig = field(default_factory=DriftConfig)
    shadow: ShadowConfig = field(default_factory=ShadowConfig)
    every: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a step that is none, and a seed that draws nothing."""
        if self.every is not None and self.every < 1:
            raise UsageError(f"float-every {self.every} is not allowed: give 1 for every frame, 10 for every tenth")
        if self.seed < 0:
            raise UsageError(f"seed {self.seed} is not allowed: give 0 or more")


@dataclass(frozen=True)
class ShadowClocks:
    """The clocks by which the float twin's budget is kept, in seconds.

    Attributes:
        monotonic: the clock of `Frame.captured`.
        elapsed: measures durations.
        worked: processor time of this process, all threads.
    """

    monotonic: Callable[[], float] = time.monotonic
    elapsed: Callable[[], float] = time.perf_counter
    worked: Callable[[], float] = time.process_time
