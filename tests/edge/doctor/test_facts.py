"""What the doctor reads: from faked files, from libraries that are broken, and from models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.doctor import facts as health_facts
from signs_edge.edge.doctor.checks import Import, Level


def library(folder: Path, code: str) -> str:
    (folder / "brittle.py").write_text(code)
    return "brittle"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python imports from."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("__version__ = '4.2'", Import("4.2")),
        ("raise ImportError('libGL.so.1: cannot open shared object file')",
         Import(None, "libGL.so.1: cannot open shared object file")),
        ("import nowhere_to_be_found", Import(None, "No module named 'nowhere_to_be_found'")),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", Import(None, "", 4)),
    ],
)  # fmt: skip
def test_imports_that_work_fail_and_kill(modules: Path, code: str, found: Import) -> None:
    assert health_facts.try_import(library(modules, code)) == found


def test_an_import_that_hangs(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_facts, "_PATIENCE_S", 0.5)

    found = health_facts.try_import(library(modules, "import threading; threading.Event().wait(60)"))

    assert found.version is None
    assert "timed out" in found.error


def test_the_runtime_here_and_one_that_is_not() -> None:
    version = health_facts.try_runtime("litert").version

    assert version is not None
    assert version.startswith("litert ")
    assert health_facts.try_runtime("tflite-runtime") == Import(None, "No module named 'tflite_runtime'")


@pytest.mark.parametrize(
    ("machine", "text"),
    [("x86_64", "flags\t\t: fpu avx2\nbugs : x\n\nflags : other\n"), ("aarch64", "Features\t: fpu avx2\n")],
)
def test_features_of_the_first_processor(tmp_path: Path, machine: str, text: str) -> None:
    assert health_facts.processor_features(machine, tmp_path) == frozenset()
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text(text)
    assert health_facts.processor_features(machine, tmp_path) == {"fpu", "avx2"}
    (tmp_path / "proc/cpuinfo").write_text("processor : 0\n")
    assert health_facts.processor_features(machine, tmp_path) == frozenset()


def test_the_features_of_an_emulators_host_are_not_taken_for_its_own(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("flags\t\t: fpu avx2\n")

    assert health_facts.processor_features("aarch64", tmp_path) == frozenset()


def test_a_pi_is_known_by_its_device_tree(tmp_path: Path) -> None:
    assert not health_facts.is_raspberry_pi(tmp_path)
    (tmp_path / "proc/device-tree").mkdir(parents=True)
    (tmp_path / "proc/device-tree/model").write_text("Raspberry Pi 5 Model B\0")
    assert health_facts.is_raspberry_pi(tmp_path)


def test_cameras_device_files_without_codecs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dev").mkdir()
    for name, says in (
        ("video10", "USB Camera"),
        ("video2", None),
        ("video19", "bcm2835-codec-decode"),
        ("videox", None),
    ):
        (tmp_path / "dev" / name).touch()
        if says:
            (tmp_path / "sys/class/video4linux" / name).mkdir(parents=True)
            (tmp_path / "sys/class/video4linux" / name / "name").write_text(f"{says}\n")
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "video10" in str(path) and real(path, mode))

    nodes = health_facts.video_nodes(("bcm2835-codec",), tmp_path)

    assert [(Path(node.path).name, node.allowed) for node in nodes] == [("video2", False), ("video10", True)]
    assert nodes[0].group == (tmp_path / "dev/video2").group()


def test_groups_of_this_process() -> None:
    assert health_facts.user_name()
    assert isinstance(health_facts.groups_now(), set)
    assert health_facts.groups_entitled("nobody-of-this-name") == set()


def test_a_model_that_answers_as_recorded(tiny_models: Any) -> None:
    check = health_facts.check_model("model", tiny_models.int8)

    assert check.level is Level.OK
    assert check.found.endswith("(int8): 8 golden vectors answered as recorded")


def test_a_model_that_answers_otherwise_has_no_vectors_or_is_damaged(tiny_models: Any, tmp_path: Path) -> None:
    model = ModelFile.read(tiny_models.int8)
    assert model.golden is not None
    other, bare, torn = (tmp_path / f"{name}.tflite" for name in ("other", "bare", "torn"))
    swapped = type(model.golden)(
        model.golden.frames, model.golden.pictures, model.golden.float_scores, 1 - model.golden.scores
    )
    other.write_bytes(ModelFile.pack(model.flatbuffer, model.labels, model.contract, golden=swapped).content)
    bare.write_bytes(ModelFile.pack(model.flatbuffer, model.labels, model.contract).content)
    torn.write_bytes(tiny_models.int8.read_bytes()[:-9])

    wrong, silent, broken = (health_facts.check_model("model", path) for path in (other, bare, torn))

    assert (wrong.level, silent.level, broken.level) == (Level.FAIL, Level.WARN, Level.FAIL)
    assert "golden vectors get another answer" in wrong.found
    assert "no golden vectors" in silent.found
    assert broken.fix


def test_finders(tiny_finder: Path, tiny_models: Any, tmp_path: Path) -> None:
    assert health_facts.check_finder(tiny_finder).level is Level.OK
    assert health_facts.check_finder(None).level is Level.WARN
    assert "it is no finder" in health_facts.check_finder(tiny_models.int8).fix
    assert health_facts.check_finder(tmp_path / "none.tflite").level is Level.FAIL
