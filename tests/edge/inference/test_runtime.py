"""Which runtime is picked, with fakes in place of all three."""

from __future__ import annotations

import importlib.metadata
import sys
import types

import pytest

from signs_edge.edge.errors import RuntimeMissingError, UsageError
from signs_edge.edge.inference.runtime import RUNTIMES, find_runtime

MODULES = {
    "litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
    "tensorflow": "tensorflow",
}


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch):
    """A function that makes exactly the named runtimes importable, each with its name as interpreter."""
    monkeypatch.setattr(importlib.metadata, "version", lambda distribution: f"of {distribution}")

    def install(*names: str) -> None:
        for name, module in MODULES.items():
            fake = types.ModuleType(module)
            if name == "tensorflow":
                fake.lite = types.SimpleNamespace(Interpreter=name)
            else:
                fake.Interpreter = name
                monkeypatch.setitem(sys.modules, module.split(".")[0], types.ModuleType(module.split(".")[0]))
            monkeypatch.setitem(sys.modules, module, fake if name in names else None)  # None: ImportError

    return install


@pytest.mark.parametrize(
    ("installed", "picked"),
    [
        (("litert", "tflite-runtime", "tensorflow"), "litert"),
        (("tflite-runtime", "tensorflow"), "tflite-runtime"),
        (("litert", "tensorflow"), "litert"),
        (("tensorflow",), "tensorflow"),
    ],
)
def test_litert_then_tflite_runtime_then_tensorflow(install, installed, picked) -> None:
    install(*installed)

    runtime = find_runtime()

    assert (runtime.name, runtime.interpreter) == (picked, picked)
    assert RUNTIMES == ("litert", "tflite-runtime", "tensorflow")


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_named_one_is_taken_whatever_else_there_is(install, name) -> None:
    install(*RUNTIMES)

    assert find_runtime(name).interpreter == name


def test_says_name_and_version(install) -> None:
    install("tflite-runtime")

    assert str(find_runtime()) == "tflite-runtime of tflite-runtime"


def test_a_version_that_cannot_be_told_is_no_obstacle(install, monkeypatch) -> None:
    """tensorflow-cpu and Debian's packages bring the module under another distribution's name."""

    def version(distribution: str) -> str:
        raise importlib.metadata.PackageNotFoundError(distribution)

    install("tensorflow")
    monkeypatch.setattr(importlib.metadata, "version", version)

    assert str(find_runtime()) == "tensorflow (version unknown)"


def test_a_runtime_that_is_there_but_broken_is_passed_over(install, monkeypatch) -> None:
    install("litert", "tensorflow")
    monkeypatch.delattr(sys.modules[MODULES["litert"]], "Interpreter")

    assert find_runtime().name == "tensorflow"


@pytest.mark.parametrize("name", ["onnx", "", "LiteRT"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError, match=r"choose one of litert, tflite-runtime, tensorflow$"):
        find_runtime(name)


def test_nothing_installed_says_what_to_install(install) -> None:
    install()

    with pytest.raises(RuntimeMissingError, match="pip install ai-edge-litert") as caught:
        find_runtime()
    message = str(caught.value)
    assert all(f"{name}: " in message for name in RUNTIMES)
    assert "signs-edge[tflite-runtime]" in message


def test_a_named_one_that_is_missing_is_not_replaced(install) -> None:
    install("litert")

    with pytest.raises(RuntimeMissingError, match=r"\(tflite-runtime: "):
        find_runtime("tflite-runtime")


def test_the_message_stays_one_line(install, monkeypatch) -> None:
    """numpy explains itself at length where a runtime was built for another numpy."""
    install("litert")

    def import_module(name: str) -> types.ModuleType:
        raise ImportError("\nA module that was compiled using NumPy 1.x\ncannot be run in NumPy 2\n")

    monkeypatch.setattr("signs_edge.edge.inference.runtime.importlib.import_module", import_module)

    with pytest.raises(RuntimeMissingError, match=r"litert: A module that was compiled") as caught:
        find_runtime()
    assert "\n" not in str(caught.value)
