"""Train a Keras model on labelled pictures.

Names are imported when they are first used: importing this package loads no TensorFlow.

>>> from signs_edge.train import TrainConfig
>>> TrainConfig("synthetic", epochs=2).epochs
2
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signs_edge.train.runs.config import ModelConfig, TrainConfig
    from signs_edge.train.runs.run_folder import RunFolder
    from signs_edge.train.training.fit import fit

__all__ = ["ModelConfig", "RunFolder", "TrainConfig", "fit"]

_HOMES = {
    "ModelConfig": "signs_edge.train.runs.config",
    "RunFolder": "signs_edge.train.runs.run_folder",
    "TrainConfig": "signs_edge.train.runs.config",
    "fit": "signs_edge.train.training.fit",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, and those of the module itself."""
    return sorted({*globals(), *__all__})
