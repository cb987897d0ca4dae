"""Timing model files in processes of their own: real tiny models, a fake of the temperature."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from signs_edge.edge.bench import measure as room
from signs_edge.edge.bench.measure import default_threads, run_bench
from signs_edge.edge.bench.result import BenchConfig, BenchResult, Latency
from signs_edge.edge.bench.worker import Case, measure
from signs_edge.edge.device.board import Heat
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.inference.runtime import RUNTIMES, find_runtime


@pytest.fixture(scope="module")
def plain(tiny_models: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The int8 file without our labels."""
    content = tiny_models.int8.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        end = archive.infolist()[0].header_offset
    file = tmp_path_factory.mktemp("plain") / "plain.tflite"
    file.write_bytes(content[:end])
    return file


@pytest.fixture(scope="module")
def measured(tiny_models: Any, plain: Path) -> tuple[BenchResult, list[str]]:
    """Two files of ours' kind and one that no runtime takes, for a moment; and what was reported meanwhile."""
    broken = plain.with_name("broken.tflite")
    broken.write_bytes(plain.read_bytes()[:3000])
    heats = iter([Heat(40.0, (), ()), Heat(70.0, ("throttled",), ("throttled",)), Heat(60.0, (), ("throttled",))])
    steps: list[str] = []
    config = BenchConfig((tiny_models.int8, plain, broken), runtimes=("litert",), seconds=0.2, rounds=2)
    return run_bench(config, report_step=steps.append, heat=lambda: next(heats)), steps


def test_every_case_is_measured_in_every_round(measured: tuple[BenchResult, list[str]], tiny_models: Any) -> None:
    result, steps = measured

    assert [case.file for case in result.cases] == ["int8.tflite", "plain.tflite"]
    assert steps[-2:] == ["round 1 of 2", "round 2 of 2"]
    ours = result.cases[0]
    assert (ours.size, ours.threads, ours.input_dtype) == (tiny_models.int8.stat().st_size, 1, "int8")
    assert ours.sha256 == hashlib.sha256(tiny_models.int8.read_bytes()).hexdigest()
    assert ours.runtime == str(find_runtime("litert"))
    assert len(ours.first) == 5
    assert ours.load > 0
    assert ours.before_mb is not None
    assert ours.peak_mb is not None
    assert 5 < ours.before_mb <= ours.peak_mb < 1000


def test_the_classifier_is_set_against_the_bare_interpreter(measured: tuple[BenchResult, list[str]]) -> None:
    ours, foreign = measured[0].cases

    assert ours.predict is not None
    assert ours.predict.calls == ours.invoke.calls >= 2  # in turns
    assert ours.overhead == ours.predict.p50 / ours.invoke.p50
    assert (foreign.predict, foreign.overhead) == (None, None)
    assert foreign.invoke.p50 <= foreign.invoke.p90 <= foreign.invoke.p99


def test_a_case_that_fails_stops_no_other(measured: tuple[BenchResult, list[str]]) -> None:
    (failure,) = measured[0].failures

    assert failure.startswith("broken.tflite with litert, 1 thread: ")


def test_heat_is_read_before_and_after_each_round(measured: tuple[BenchResult, list[str]]) -> None:
    result, _ = measured

    assert [heat.celsius for heat in result.heat] == [40.0, 70.0, 60.0]
    assert result.throttled == ("throttled",)
    value = json.loads(json.dumps(result.to_json()))
    assert value["throttled"] == ["throttled"]
    assert value["cases"][0]["predict_ms"]["p50"] == result.cases[0].predict.p50  # type: ignore[union-attr]
    assert "/" not in json.dumps([case["file"] for case in value["cases"]])


def test_percentiles_and_throughput() -> None:
    latency = Latency.of([float(value) for value in range(1, 101)])

    assert (latency.p50, latency.p90, latency.p99) == pytest.approx((50.5, 90.1, 99.01))
    assert (latency.mean, latency.per_second, latency.calls) == (50.5, 1000 / 50.5, 100)


def test_calls_take_turns() -> None:
    order: list[str] = []
    case = object.__new__(Case)
    case.invoke = lambda: order.append("invoke")
    case.predict = lambda: order.append("predict")

    found = measure(case, 0.001)

    assert order[:4] == ["invoke", "predict", "invoke", "predict"][: len(order)]
    assert len(found["invoke"]) == len(found["predict"]) == len(order) // 2


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("this", "the runtime's process ended with exit code 0"),
        ("not_there", "the runtime's process ended with exit code 1"),
    ],
)
def test_a_worker_that_dies_is_named_and_not_waited_for(
    tiny_models: Any, monkeypatch: pytest.MonkeyPatch, module: str, reason: str
) -> None:
    monkeypatch.setattr(room, "_WORKER", module)

    with pytest.raises(ModelError, match="nothing could be measured: ") as seen:
        run_bench(BenchConfig((tiny_models.int8,)))
    assert f"int8.tflite with litert, 1 thread: {reason}" in str(seen.value)
    assert "\n" not in str(seen.value)


def test_a_worker_that_hangs_is_ended(tiny_models: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stuck.py").write_text("import threading; threading.Event().wait()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(room, "_WORKER", "stuck")
    monkeypatch.setattr(room, "_PATIENCE", 0.5)

    with pytest.raises(ModelError, match="the runtime did not answer in"):
        run_bench(BenchConfig((tiny_models.int8,)))


def test_a_machine_without_processes_left_is_said_in_a_line(tiny_models: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(room, "ChildProcess", refuse)

    with pytest.raises(ModelError, match=r"no process can be started \(Resource temporarily unavailable\)"):
        run_bench(BenchConfig((tiny_models.int8,)))


@pytest.mark.parametrize(
    "values", [{"files": ()}, {"threads": ()}, {"runtimes": ()}, {"threads": (0,)}, {"seconds": 0}, {"rounds": 0}]
)
def test_what_cannot_be_measured_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        BenchConfig(**{"files": (Path("x"),), **values})


def test_unknown_runtimes_and_missing_files_are_refused(tmp_path: Path, tiny_models: Any) -> None:
    with pytest.raises(UsageError, match="runtime 'onnx' is not known"):
        run_bench(BenchConfig((tiny_models.int8,), runtimes=("onnx",)))
    with pytest.raises(ModelError, match="cannot be read"):
        run_bench(BenchConfig((tmp_path / "none.tflite",)))


def test_threads_go_up_to_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, expected in ((1, (1,)), (2, (1, 2)), (4, (1, 2, 4)), (6, (1, 2, 4, 6))):
        monkeypatch.setattr(room, "cores", lambda cores=cores: cores)
        assert default_threads() == expected


def test_installed_runtimes_are_those_that_import(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended:
        def __init__(self, command: list[str]) -> None:
            self.returncode = 0 if command[-1] == "litert" else 1

    monkeypatch.setattr(room.subprocess, "run", lambda command, **_: Ended(command))

    assert room.installed_runtimes() == ("litert",)
    assert "litert" in RUNTIMES


def test_the_finder_is_timed_as_any_other_file(tiny_finder: Path) -> None:
    result = run_bench(BenchConfig((tiny_finder,), seconds=0.05, rounds=1))

    assert result.failures == ()
    (case,) = result.cases
    assert (case.file, case.input_dtype, case.predict, case.overhead) == ("finder.tflite", "int8", None, None)
    assert case.invoke.calls > 0


def test_a_damaged_file_of_ours_is_not_timed(tiny_models: Any, tmp_path: Path) -> None:
    content = bytearray(tiny_models.int8.read_bytes())
    content[2000] ^= 1
    (tmp_path / "damaged.tflite").write_bytes(content)

    with pytest.raises(ModelError, match="damaged"):
        Case(tmp_path / "damaged.tflite", find_runtime("litert"), 1)
