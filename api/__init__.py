"""Count the fingers of a hand, from Python.

>>> import signs_edge
>>> counter = signs_edge.load()
>>> for result in counter.stream("synthetic", max_frames=2):
...     _ = result.count  # 0 to 5, or None

The names here are the public interface; each is imported when it is first used, so that `import signs_edge` is fast and
loads neither numpy nor OpenCV. `signs_edge.train` and `signs_edge.export` need the extra: pip install 'signs-edge[train]'.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signs_edge.edge.bundle.model_file import ModelFile
    from signs_edge.edge.drift.answer import Answer
    from signs_edge.edge.drift.config import DriftConfig
    from signs_edge.edge.drift.monitor import DriftMonitor
    from signs_edge.edge.drift.sampler import Draw
    from signs_edge.edge.errors import SignsEdgeError
    from signs_edge.edge.frame import Frame
    from signs_edge.edge.journal.writer import Journal
    from signs_edge.edge.prediction import Prediction
    from signs_edge.edge.reference.expectation import Expectation
    from signs_edge.edge.run.config import RunConfig
    from signs_edge.edge.run.result import FrameResult
    from signs_edge.edge.run.sink import Callback, Sink
    from signs_edge.edge.run.summary import RunSummary
    from signs_edge.edge.session.counter import Counter, load, run
    from signs_edge.edge.sinks.command import CountCommand
    from signs_edge.edge.sinks.jsonl import JsonLines
    from signs_edge.edge.sinks.kept_frames import KeptFrames
    from signs_edge.edge.sources.open import open_source

__all__ = [
    "Answer",
    "Callback",
    "CountCommand",
    "Counter",
    "Draw",
    "DriftConfig",
    "DriftMonitor",
    "Expectation",
    "Frame",
    "FrameResult",
    "Journal",
    "JsonLines",
    "KeptFrames",
    "ModelFile",
    "Prediction",
    "RunConfig",
    "RunSummary",
    "SignsEdgeError",
    "Sink",
    "load",
    "open_source",
    "run",
]

_WHERE = {
    "Expectation": "edge.reference.expectation",
    "Draw": "edge.drift.sampler",
    "DriftConfig": "edge.drift.config",
    "Answer": "edge.drift.answer",
    "Callback": "edge.run.sink",
    "CountCommand": "edge.sinks.command",
    "Counter": "edge.session.counter",
    "DriftMonitor": "edge.drift.monitor",
    "Frame": "edge.frame",
    "FrameResult": "edge.run.result",
    "Journal": "edge.journal.writer",
    "JsonLines": "edge.sinks.jsonl",
    "KeptFrames": "edge.sinks.kept_frames",
    "ModelFile": "edge.bundle.model_file",
    "Prediction": "edge.prediction",
    "RunConfig": "edge.run.config",
    "RunSummary": "edge.run.summary",
    "SignsEdgeError": "edge.errors",
    "Sink": "edge.run.sink",
    "load": "edge.session.counter",
    "open_source": "edge.sources.open",
    "run": "edge.session.counter",
}
_PACKAGES = ("train", "export")


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name in _PACKAGES:
        return import_module(f"{__name__}.{name}")
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, imported or not."""
    return sorted({*globals(), *__all__, *_PACKAGES})
