"""`signs-edge export`: its options, what it says, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signs_edge.cli import main as room
from signs_edge.export import exporter
from signs_edge.export.gate.gate import GateLimits
from signs_edge.export.settings import CalibrationSettings, ExportSettings, ReportSettings


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """A function that runs `signs-edge export` to its end and gives its exit code."""

    def start(*arguments: str | Path) -> int:
        monkeypatch.setattr(sys, "argv", ["signs-edge", "export", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            room.main()
        assert isinstance(caught.value.code, int)
        return caught.value.code

    return start


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[ExportSettings]]:
    """A function that makes every export give one report, and keeps what was asked for."""

    def prepare(report: Any) -> list[ExportSettings]:
        calls: list[ExportSettings] = []

        def export_run(run: Path, settings: ExportSettings, report_step: object) -> Any:
            calls.append(settings)
            return report

        monkeypatch.setattr(exporter, "export_run", export_run)
        return calls

    return prepare


def test_files_that_pass_end_with_0_and_the_next_step(start, asked, made_report, capsys) -> None:
    report = made_report(0)
    calls = asked(report)

    assert start("RUN") == 0

    out = capsys.readouterr().out
    assert "Keras and float32 agree on 100.0% of 120 pictures" in out
    assert "float32 and int8 agree on 100.0% of 120 pictures (95 % interval 96.9% to 100.0%), 0 flips" in out
    assert "accuracy +0.0% (" in out
    assert "warning: calibration does not cover the test pictures: 2.00% of the values of dense/Relu" in out
    assert out.splitlines()[-1] == f"next: signs-edge run --model {report.folder / 'int8.tflite'} --source 0"
    assert calls == [ExportSettings()]


def test_a_failed_gate_ends_with_3_and_says_why(start, asked, made_report, capsys) -> None:
    report = made_report(6)
    asked(report)

    assert start("RUN") == 3

    out = capsys.readouterr().out
    assert "6 flips" in out
    assert "NOT TO BE DEPLOYED: int8.failed.tflite: it agrees with float32 on 114 of 120" in out
    assert "it loses accuracy: 6 pictures that only float32 has right" in out
    assert out.splitlines()[-1].endswith("float32.tflite --source 0")  # which did pass


def test_options_arrive(start, asked, made_report, tmp_path) -> None:
    calls = asked(made_report(0))

    start("RUN", "--float16", "--int8", "--dynamic", "--io", "uint8", "--calibration", tmp_path,
          "--calibration-pictures", "50", "--min-agreement", "0.95", "--max-loss-p", "0.01", "--max-distance", "0.2",
          "--no-photos", "--seed", "3")  # fmt: skip
    start("RUN", "--float32")

    first, second = calls
    assert first == ExportSettings(
        formats=("float32", "float16", "dynamic", "int8"),
        io_type="uint8",
        calibration=CalibrationSettings(tmp_path, 50, 3),
        limits=GateLimits(0.95, 0.01, 0.2),
        report=ReportSettings(photos=False),
    )
    assert second.formats == ("float32",)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["/absent"], "/absent is not a run folder"),
        (["/absent", "--io", "int16"], "io 'int16' is not known: choose one of int8, uint8, float32"),
        (["/absent", "--min-agreement", "99"], "min-agreement 99.0 is not allowed: give a number from 0 to 1"),
        (["/absent", "--max-loss-p", "-1"], "max-loss-p -1.0 is not allowed"),
        (["/absent", "--max-distance", "2"], "max-distance 2.0 is not allowed"),
        (["/absent", "--calibration-pictures", "few"], "Invalid value for '--calibration-pictures'"),
        (["/absent", "--int4"], "No such option: --int4"),
        ([], "Missing argument"),
    ],
)
def test_a_mistake_is_answered_in_one_line(start, capfd, arguments: list[str], message: str) -> None:
    assert start(*arguments) == 1

    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    assert message in said.err
