"""`signs-edge inspect` on files of ours and of others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from signs_edge.cli.main import app
from signs_edge.edge.errors import ModelError
from signs_edge.export.flatbuffer.reader import flatbuffer_part


def inspected(*arguments: str | Path) -> str:
    return CliRunner().invoke(app, ["inspect", *map(str, arguments)], catch_exceptions=False).output


def test_prints_what_is_in_an_int8_file(tiny_models: Any) -> None:
    output = inspected(tiny_models.int8)

    assert output.startswith("int8.tflite: full integer, ")
    assert "input   1×64×64×3 int8, scale 0.0" in output
    assert "full integer: every operator computes in integers" in output
    assert "CONV_2D" in output
    assert "origin: sealed by signs-edge" in output
    assert "golden vectors: 8, from drawn frames" in output
    assert "not full integer" not in output


def test_a_file_without_our_labels_will_do(tiny_models: Any, tmp_path: Path) -> None:
    plain = tmp_path / "plain.tflite"
    plain.write_bytes(flatbuffer_part(tiny_models.int8.read_bytes()))

    value = json.loads(inspected(plain, "--json"))

    assert value["model"] == "plain.tflite"
    assert value["bytes"] == value["flatbuffer_bytes"] == plain.stat().st_size


def test_a_float_file_is_no_mistake_until_it_calls_itself_int8(tiny_models: Any, tmp_path: Path) -> None:
    assert "not full integer: op 0" in inspected(tiny_models.float32)
    shutil.copy(tiny_models.float32, tmp_path / "mine-INT8.tflite")

    result = CliRunner().invoke(app, ["inspect", str(tmp_path / "mine-INT8.tflite")])

    assert result.exit_code == 1
    assert isinstance(result.exception, ModelError)
    assert str(result.exception).startswith("mine-INT8.tflite is not full-integer int8 (op 0")
    assert "mine-INT8.tflite: float32" in result.output  # printed before it is refused


@pytest.mark.parametrize(("content", "message"), [(None, "cannot be read"), (b"no model", "not a TFLite model")])
def test_what_is_no_model_is_one_line(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "x.tflite"
    if content is not None:
        file.write_bytes(content)

    result = CliRunner().invoke(app, ["inspect", str(file)])

    assert isinstance(result.exception, ModelError)
    assert message in str(result.exception)
