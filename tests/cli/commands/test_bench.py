"""`signs-edge bench`: text, JSON and picture."""

from __future__ import annotations

import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import cv2
import pytest
from typer.testing import CliRunner

from signs_edge.cli.commands.bench import parse_threads, show
from signs_edge.cli.main import app
from signs_edge.edge.bench.result import BenchConfig, BenchResult, CaseResult, Latency
from signs_edge.edge.device.board import Board, Heat
from signs_edge.edge.errors import RuntimeMissingError, SignsEdgeError, UsageError

SHORT = ("--runtime", "litert", "--threads", "1", "--seconds", "0.1", "--rounds", "1")


def test_text_json_and_picture(tiny_models: Any, tmp_path: Path) -> None:
    files = [str(tiny_models.int8), "--json", str(tmp_path / "b.json"), "--picture", str(tmp_path / "b.png")]

    result = CliRunner().invoke(app, ["bench", *files, *SHORT], catch_exceptions=False)

    assert "int8.tflite" in result.stdout
    assert "p50" in result.stdout
    stored = json.loads((tmp_path / "b.json").read_text())
    assert stored["cases"][0]["invoke_ms"]["p99"] > 0
    assert str(tiny_models.int8.parent) not in (tmp_path / "b.json").read_text()
    drawn = cv2.imread(str(tmp_path / "b.png"))
    assert drawn is not None
    assert drawn.std() > 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.json", "b.png"]


def test_json_on_the_standard_output_is_all_there_is(tiny_models: Any) -> None:
    result = CliRunner().invoke(app, ["bench", str(tiny_models.int8), "--json", "-", *SHORT], catch_exceptions=False)

    assert json.loads(result.stdout)["cases"][0]["file"] == "int8.tflite"


def test_the_packaged_models_are_timed_all_three() -> None:
    files = [
        str(resources.files("signs_edge.edge") / "models" / f"{name}.tflite") for name in ("int8", "float32", "finder")
    ]

    result = CliRunner().invoke(app, ["bench", *files, "--json", "-", *SHORT], catch_exceptions=False)

    told = json.loads(result.stdout)
    assert [case["file"] for case in told["cases"]] == ["int8.tflite", "float32.tflite", "finder.tflite"]
    assert told["failures"] == []
    assert [case["predict_ms"] is None for case in told["cases"]] == [False, False, True]


def test_a_picture_without_matplotlib_says_what_to_install(tiny_models: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "signs_edge.train.report.bench_plot", None)

    result = CliRunner().invoke(app, ["bench", str(tiny_models.int8), "--picture", "x.png", *SHORT])

    assert isinstance(result.exception, RuntimeMissingError)
    assert "signs-edge[train]" in str(result.exception)


def test_threads_are_numbers() -> None:
    assert parse_threads("1,2,1") == (1, 2)
    for text in ("", "two", "1;2"):
        with pytest.raises(UsageError, match="give numbers such as 1,2,4"):
            parse_threads(text)


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["bench", str(tmp_path / "none.tflite"), *SHORT])

    assert isinstance(result.exception, SignsEdgeError)
    assert "\n" not in str(result.exception)


def test_heat_throttling_and_failures_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    latency = Latency.of([1.0, 2.0])
    case = CaseResult("x.tflite", "0", 1000, "litert 2", 1, "int8", 5.0, (3.0,), latency, None, None, None)
    heat = (Heat(40.0, (), ()), Heat(82.5, ("throttled",), ("throttled",)), Heat(60.0, (), ("throttled",)))
    config = BenchConfig((Path("x.tflite"),))

    show(BenchResult(Board("Pi", "aarch64", 4, "3.11"), config, (case,), heat, ("y.tflite with litert: broken",)))

    printed = capsys.readouterr().out
    assert "Pi, aarch64, 4 cores, Python 3.11" in printed
    assert "temperature 40.0 °C before, 82.5 °C at most, 60.0 °C after" in printed
    assert "slowed down while measuring: throttled" in printed
    assert "not measured: y.tflite with litert: broken" in printed
