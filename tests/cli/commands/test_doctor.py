"""`signs-edge doctor` on this machine, and on ones with something missing."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from signs_edge.cli.main import app
from signs_edge.edge.doctor import facts as health_facts
from signs_edge.edge.doctor.checks import Import


def test_each_check_in_a_line_of_a_device_that_is_well_and_no_tensorflow(tiny_models: Any, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.argv = ['signs-edge', 'doctor', '--json', '--model', {str(tiny_models.int8)!r}]\n"
        "from signs_edge.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}

    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment)

    assert child.returncode == 0, child.stderr
    told = json.loads(child.stdout)
    assert told["ok"]
    level = {check["name"]: check["level"] for check in told["checks"]}
    assert {level[name] for name in ("machine", "numpy", "opencv", "runtime", "model", "float model")} == {"ok"}
    assert level["display"] == "warn"
    assert {"finder", "processor", "heat", "permissions", "cameras", "web", "parquet", "train"} <= set(level)


def test_a_missing_library_is_named_and_what_needs_it_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Import(None, "libGL.so.1: cannot open shared object file: No such file or directory")
    monkeypatch.setattr(health_facts, "try_import", lambda name: broken if name == "cv2" else Import("1"))
    monkeypatch.setattr(health_facts, "try_runtime", lambda _: Import("litert 2"))

    result = CliRunner().invoke(app, ["doctor"])

    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert [line for line in lines if line.startswith("fail")] == [
        "fail  opencv       the system library libGL.so.1 is missing: pip uninstall opencv-python && "
        "pip install --force-reinstall opencv-python-headless, or sudo apt install libgl1"
    ]
    assert "not looked at" in lines[-1]


def test_an_extra_that_is_not_installed_is_a_note_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, tiny_models: Any
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pyarrow" else there(name))

    result = CliRunner().invoke(app, ["doctor", "--model", str(tiny_models.int8)])

    assert result.exit_code == 0
    lines = [line for line in result.output.splitlines() if line.split()[1] in ("web", "parquet", "train")]
    assert [line for line in lines if line.startswith("note")] == [
        "note  parquet      pyarrow not installed, for drift export --parquet: pip install 'signs-edge[parquet]'"
    ]
    assert len(lines) == 3


def test_a_model_that_is_not_there_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(health_facts, "try_import", lambda _: Import("1"))
    monkeypatch.setattr(health_facts, "try_runtime", lambda _: Import("litert 2"))

    result = CliRunner().invoke(app, ["doctor", "--model", str(tmp_path / "none.tflite")])

    assert result.exit_code == 1
    assert "fail  model" in result.output
    assert "give a .tflite file" in result.output


def test_only_tensorflow_is_a_warning_and_is_not_imported_for_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_facts, "try_import", lambda _: Import("1"))
    monkeypatch.setattr(health_facts, "try_runtime", lambda _: Import(None, "No module named 'x'"))
    monkeypatch.setattr(health_facts, "is_installed", lambda name: name == "tensorflow")

    output = CliRunner().invoke(app, ["doctor"]).output

    assert "warn  runtime" in output
    assert "golden vectors" not in output
