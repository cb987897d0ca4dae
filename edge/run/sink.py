"""What receives the results of a run."""

from __future__ import annotations

from collections.abc import Callable

from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary

Sink = Callable[[FrameResult, RunSummary], None]
"""Gets each frame's result and the summary up to and with it: JSONL lines, a window, a test's list."""
