"""The command as a user starts it: help, one line for each error, exit codes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

from signs_edge.cli import main as room
from signs_edge.edge.errors import UsageError


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Done]:
    """A function that runs the command to its end; no data, cache, run or display of this machine's is seen."""
    for name in ("SIGNS_EDGE_DATA", "SIGNS_EDGE_RUNS", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIGNS_EDGE_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def start(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["signs-edge", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            room.main()
        assert isinstance(caught.value.code, int)
        return Done(caught.value.code, *capfd.readouterr())

    return start


@pytest.fixture
def refusal(start: Callable[..., Done]) -> Callable[..., str]:
    """A function that gives the one line on stderr that a user's mistake is answered with."""

    def refusal(*arguments: str | Path) -> str:
        done = start(*arguments)
        assert (done.code, done.out) == (1, "")
        assert done.err.count("\n") == 1, done.err
        assert done.err.startswith("signs-edge: ")
        return done.err

    return refusal


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--nonsense"], "No such option: --nonsense"),
        (["nonsense"], "No such command 'nonsense'"),
        (["run", "--nonsense"], "No such option: --nonsense"),
        (["run", "--threads", "many"], "Invalid value for '--threads'"),
        (["run", "--float-every", "2.5"], "Invalid value for '--float-every'"),
        (["run", "--source"], "requires an argument"),
        (["run", "unexpected"], "unexpected"),
        (["run", "--headless", "--model", "/absent.tflite"], "model /absent.tflite cannot be read"),
        (["run", "--headless", "--summary", "/absent/s.json"], "--summary /absent/s.json cannot be written"),
        (["run", "--headless", "--jsonl", "/absent/s.jsonl"], "--jsonl /absent/s.jsonl cannot be written"),
        (["run", "--headless", "--jsonl", "/tmp"], "--jsonl /tmp cannot be written"),
        (["run", "--jsonl", "-", "--summary", "-"], "--jsonl - and --summary - both want the standard output"),
        (["evaluate"], "Missing argument"),
        (["evaluate", "model.onnx"], "neither .keras nor .tflite"),
        (["evaluate", "/absent.tflite"], "model /absent.tflite cannot be read"),
    ],
)
def test_a_mistake_is_answered_in_one_line(refusal, arguments: list[str], message: str) -> None:
    assert message in refusal(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--float-model", "packaged", "--float-every", "0"], "float-every 0 is not allowed: give 1"),
        (["--min-confidence", "80"], "min-confidence 80.0 is not allowed"),
        (["--max-frames", "0"], "max-frames 0 is not allowed"),
        (["--threads", "0"], "threads 0 is not allowed"),
        (["--runtime", "onnx"], "runtime 'onnx' is not known: choose one of litert"),
        (["--float-model", "/absent.tflite"], "model /absent.tflite cannot be read"),
        (["--source", "/absent.mp4"], "source '/absent.mp4' cannot be read"),
        (["--source", "ftp://me:secret@h/"], "has scheme 'ftp'"),
    ],
)
def test_a_bad_value_is_answered_in_one_line(refusal, tiny_models, arguments: list[str], message: str) -> None:
    line = refusal("run", "--headless", "--model", tiny_models.int8, "--source", "synthetic", *arguments)

    assert message in line
    assert "secret" not in line


def test_a_region_outside_the_first_frame_is_refused(start, tiny_models) -> None:
    done = start(
        "run",
        "--headless",
        "--model",
        tiny_models.int8,
        "--source",
        "synthetic",
        "--roi",
        "640,0,50,50",
        "--max-frames",
        "1",
    )

    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[1:] == [  # after what model it is
        "signs-edge: roi 640,0,50,50 lies outside the frame of 640x480 pixels: give x below 640 and y below 480, or auto"
    ]


def test_evaluating_on_data_that_is_not_there(refusal, tiny_models) -> None:
    assert "data '/absent' does not exist" in refusal("evaluate", tiny_models.int8, "--data", "/absent")


def test_evaluating_with_bad_options(refusal, tiny_models, tmp_path) -> None:
    (tmp_path / "bare").mkdir()
    common = ("evaluate", tiny_models.int8, "--data", "synthetic:60")
    assert "hand-free folder /absent cannot be read (No such file" in refusal(*common, "--hand-free", "/absent")
    assert "bare holds no pictures: give one" in refusal(*common, "--hand-free", tmp_path / "bare")
    assert "min-confidence 62.0 is not allowed" in refusal(*common, "--min-confidence", "62")


@pytest.mark.parametrize("group", [[], ["data"]])
def test_without_a_command_it_helps(start, group: list[str]) -> None:
    done = start(*group)

    assert done.code == 1
    assert done.err.startswith("Usage: signs-edge")
    assert "Commands:" in done.err


def test_version(start) -> None:
    assert start("--version").out == f"signs-edge {version('signs-edge')}\n"


@pytest.mark.parametrize("command", ["train", "export", "diagnose", "run", "evaluate", "ablate", "demo", "data"])
def test_each_command_is_in_the_help_and_has_its_own(start, command: str) -> None:
    done = start(command, "--help")

    assert done.code == 0
    assert done.out.startswith(f"Usage: signs-edge {command}")
    assert f"  {command} " in start("--help").out


@pytest.mark.parametrize("group", [[], ["data"], ["service"], ["drift"]])
def test_each_command_has_a_summary_in_one_line_that_is_not_cut(start, group: list[str]) -> None:
    listed = start(*group, "--help").out.partition("Commands:\n")[2].splitlines()

    assert len(listed) >= 3
    for line in listed:
        assert re.fullmatch(r"  [a-z]+ {2,}\S.*\.", line), line
        assert len(line) <= 80
        assert "..." not in line


def called(monkeypatch: pytest.MonkeyPatch, ending: BaseException | int | None) -> int:
    """The exit code of `main` where the command ends so."""

    def app(**_: object) -> object:
        if isinstance(ending, BaseException):
            raise ending
        return ending

    monkeypatch.setattr(room, "app", app)
    with pytest.raises(SystemExit) as caught:
        room.main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_exit_codes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(monkeypatch, None) == 0
    assert called(monkeypatch, 130) == 130  # Ctrl-C, as typer says it
    assert capsys.readouterr() == ("", "")
    assert called(monkeypatch, UsageError("that was wrong: do this")) == 1
    assert capsys.readouterr() == ("", "signs-edge: that was wrong: do this\n")


def test_a_defect_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "app", lambda **_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        room.main()


def started_into(stdout: int) -> subprocess.CompletedProcess[str]:
    """`signs-edge --version` in a process of its own, which buffers what it prints as a user's does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [str(Path(sys.executable).parent / "signs-edge"), "--version"]
    return subprocess.run(command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60)


def test_a_reader_that_goes_away_is_no_reason_to_complain() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = started_into(writing)

    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = started_into(full.fileno())

    assert done.returncode == 1
    assert done.stderr == "signs-edge: the output cannot be written (No space left on device)\n"


def test_drift_is_only_between_int8_and_its_float_twin(refusal, tiny_models, tmp_path):
    int8, float32 = tiny_models.int8, tiny_models.float32
    common = ("run", "--headless", "--source", "synthetic", "--max-frames", "1")
    assert "int8.tflite is int8: drift is" in refusal(*common, "--model", int8, "--float-model", int8)
    assert "float32.tflite is float32: drift is" in refusal(*common, "--model", float32, "--float-model", float32)


def test_the_twin_is_found_in_its_export_folder(start, tiny_models, tmp_path):
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "float32.tflite").write_bytes(Path(tiny_models.float32).read_bytes())
    done = start(
        "run", "--headless", "--source", "synthetic", "--max-frames", "1", "--model", tiny_models.int8,
        "--float-model", tmp_path, "--float-every", "1",
    )  # fmt: skip
    assert done.code == 0
    assert "of 1 frames" in done.out


def test_quiet_leaves_results_and_errors_and_verbose_adds_the_traceback(start: Callable[..., Done]) -> None:
    run = ("run", "--source", "synthetic", "--headless", "--model", "packaged", "--max-frames", "1")

    usual, quiet = start(*run), start("--quiet", *run)
    assert usual.err.startswith("model: ")
    assert quiet.err == ""
    assert quiet.out.splitlines()[0].startswith("1 frames")

    short, long = (start(option, "run", "--source", "nowhere.mp4", "--headless") for option in ("-q", "-v"))
    assert short.err.startswith("signs-edge: source 'nowhere.mp4' cannot be read")
    assert short.err.count("\n") == 1
    assert long.err.startswith("Traceback")
    assert long.err.splitlines()[-1] == short.err.strip()
    assert start("-q", "-v", "doctor").err == (
        "signs-edge: --quiet and --verbose contradict each other: give one of them\n"
    )


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, {}])
def test_what_is_not_a_terminal_gets_no_colours(setting: dict[str, str]) -> None:
    command = Path(sys.executable).with_name("signs-edge")
    for arguments in (["--help"], ["doctor"], ["run", "--source", "nowhere.mp4"]):
        done = subprocess.run(
            [command, *arguments], env={**os.environ, **setting}, capture_output=True, text=True, timeout=120
        )
        assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_completes_commands_and_options() -> None:
    bin_folder = str(Path(sys.executable).parent)
    script = (
        'eval "$(signs-edge --show-completion bash)"\n'
        "COMP_WORDS=(signs-edge run --jour); COMP_CWORD=2; _signs_edge_completion signs-edge\n"
        'echo "${COMPREPLY[@]}"'
    )

    done = subprocess.run(
        ["bash", "-c", script], env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}, capture_output=True,
        text=True, timeout=120, check=True,
    )  # fmt: skip

    assert done.stdout.split() == ["--journal", "--journal-days", "--journal-mb"]
