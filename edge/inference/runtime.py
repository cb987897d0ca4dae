"""Which TFLite runtime is installed: LiteRT, then tflite-runtime, then TensorFlow."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from signs_edge.edge.errors import RuntimeMissingError, UsageError

# name -> (distribution, module, attribute path of the interpreter)
_KNOWN = {
    "litert": ("ai-edge-litert", "ai_edge_litert.interpreter", "Interpreter"),
    "tflite-runtime": ("tflite-runtime", "tflite_runtime.interpreter", "Interpreter"),
    "tensorflow": ("tensorflow", "tensorflow", "lite.Interpreter"),
}
RUNTIMES = tuple(_KNOWN)


@dataclass(frozen=True)
class Runtime:
    """An installed runtime; `interpreter` is its class, with the interface that all three share."""

    name: str
    version: str
    interpreter: Callable[..., Any]

    def __str__(self) -> str:
        """For people: name and version."""
        return f"{self.name} {self.version}"


def find_runtime(name: str | None = None) -> Runtime:
    """The named runtime, or the first that is installed in the order of `RUNTIMES`.

    Raises:
        UsageError: the name is not one of `RUNTIMES`.
        RuntimeMissingError: it, or all of them, cannot be imported; says what to install.
    """
    if name is not None and name not in _KNOWN:
        raise UsageError(f"runtime {name!r} is not known: choose one of {', '.join(RUNTIMES)}")
    failures = []
    for candidate in [name] if name else RUNTIMES:
        distribution, module, path = _KNOWN[candidate]
        try:
            interpreter: Any = importlib.import_module(module)
            for attribute in path.split("."):
                interpreter = getattr(interpreter, attribute)
        except (ImportError, AttributeError) as error:  # AttributeError: built for another numpy, or half removed
            failures.append(f"{candidate}: {str(error).strip().partition(chr(10))[0]}")
            continue
        return Runtime(candidate, _version(distribution), interpreter)
    raise RuntimeMissingError(
        f"no TFLite runtime can be imported ({'; '.join(failures)}): pip install ai-edge-litert, or where it has no "
        "wheel, pip install 'signs-edge[tflite-runtime]'"
    )


def _version(distribution: str) -> str:
    """Of an installed distribution; the same module also comes as tensorflow-cpu and from Debian, and then it is not known."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "(version unknown)"
