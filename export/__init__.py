"""Export a trained Keras model to verified TFLite files.

Names are imported when they are first used: importing this package loads no TensorFlow.

>>> from signs_edge.export import GateLimits
>>> GateLimits(min_agreement=0.98).allowed_flips(100)
2
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signs_edge.export.exporter import export_run
    from signs_edge.export.gate.gate import GateLimits
    from signs_edge.export.settings import CalibrationSettings, ExportSettings, ReportSettings

__all__ = ["CalibrationSettings", "ExportSettings", "GateLimits", "ReportSettings", "export_run"]

_HOMES = {
    "CalibrationSettings": "signs_edge.export.settings",
    "ExportSettings": "signs_edge.export.settings",
    "GateLimits": "signs_edge.export.gate.gate",
    "ReportSettings": "signs_edge.export.settings",
    "export_run": "signs_edge.export.exporter",
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
