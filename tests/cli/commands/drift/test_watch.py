"""`signs-edge drift watch` as a process beside a run that writes the journal."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from waiting import wait_until

from signs_edge.cli.commands import run as command
from signs_edge.cli.commands.drift.watch import watch
from signs_edge.edge.errors import DataError, UsageError
from signs_edge.edge.journal.state import JournalState

SIGNS_EDGE = str(Path(sys.executable).parent / "signs-edge")
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `signs-edge` with arguments; what a test leaves running is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [SIGNS_EDGE, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def running(start: Start, tmp_path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A run that goes on for long, with the packaged model and its twin, and its journal once a verdict is in it."""
    path = tmp_path / "journal.db"
    run = start(
        "run", "--source", "synthetic", "--headless", "--model", "packaged", "--float-model", "packaged",
        "--journal", path,
    )  # fmt: skip
    wait_until(lambda: path.exists() and bool(JournalState.read(path).verdicts))
    return run, path


def code_of(**options: Any) -> int:
    """The exit code of a watch in this process."""
    try:
        watch(**options)
    except typer.Exit as ended:
        return ended.exit_code
    return 0


def test_it_ends_at_a_verdict_and_where_the_run_was_killed(
    running: tuple[subprocess.Popen[str], Path], start: Start
) -> None:
    run, path = running
    waiting = start("drift", "watch", path, "--every", "0.2", "--on", "unknown")
    assert waiting.wait(60) == 4
    assert "unknown: not enough seen" in waiting.stdout.read()  # type: ignore[union-attr]
    drifting = start("drift", "watch", path, "--every", "0.2")
    assert "unknown" in drifting.stdout.readline()  # type: ignore[union-attr]

    drifting.send_signal(signal.SIGTERM)
    assert drifting.wait(60) == 0
    run.kill()
    run.wait()

    died = start("drift", "watch", path, "--every", "0.2")
    assert died.wait(60) == 6
    assert "stopped: no run writes in the journal; the last one wrote no end down" in died.stdout.read()  # type: ignore[union-attr]


def test_a_command_is_called_and_the_watch_goes_on(
    running: tuple[subprocess.Popen[str], Path], start: Start, tmp_path: Path
) -> None:
    run, path = running
    told = tmp_path / "told"
    script = f'echo "$SIGNS_EDGE_WHY,$SIGNS_EDGE_VERDICT,$SIGNS_EDGE_FAULT,$SIGNS_EDGE_WATCHED" >> {told}; exit 3'

    watching = start("drift", "watch", path, "--every", "0.1", "--on", "unknown", "--silence", "1.5", "--exec", script)
    wait_until(lambda: told.exists() and told.read_text().startswith(f"unknown,unknown,,{path}\n"))
    run.send_signal(signal.SIGSTOP)  # hangs: no frame more
    wait_until(lambda: told.read_text().endswith(f"silent,unknown,,{path}\n"))
    run.send_signal(signal.SIGCONT)
    watching.send_signal(signal.SIGINT)
    out, error = watching.communicate(timeout=60)

    assert watching.returncode == 0
    assert "silent: no frame was counted for " in out
    assert error.count("notice: --exec ended with exit code 3; watching goes on") >= 2


def test_a_signal_ends_it_while_a_command_hangs(
    running: tuple[subprocess.Popen[str], Path], start: Start, tmp_path: Path
) -> None:
    child = tmp_path / "child"
    _, path = running
    watching = start("drift", "watch", path, "--on", "unknown", "--exec", f"sleep 300 & echo $! > {child}; wait")
    wait_until(lambda: child.exists() and child.read_text().strip() != "")

    watching.send_signal(signal.SIGTERM)

    assert watching.wait(60) == 0  # the command would go on for 300 s
    stat = Path(f"/proc/{int(child.read_text())}/stat")
    wait_until(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] in "ZX")


def test_one_look(device: Any, drift_report: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    device.wall = time.time() - 60
    journal = device.begin()
    device.minute(drift_report("drift", "input", 0.95, ("brightness",)))
    device.minute()
    journal.record_verdict(drift_report("drift", "input", 0.95, ("brightness",)).verdict)
    journal.record_fact("celsius", 80)
    wait_until(lambda: bool(JournalState.read(device.path).celsius))

    look = {"journal": device.path, "once": True}
    assert code_of(**look) == 3
    assert "drift: input drift: the frames are not like the reference (brightness lower)" in capsys.readouterr().out
    assert code_of(**look, on=["ok", "unknown"]) == 0
    assert code_of(**look, on=["ok"], celsius=80.0) == 5
    assert code_of(**look, on=["ok"], celsius=81.0) == 0
    assert code_of(**look, on=["ok"], floor=0.97) == 5
    assert code_of(**look, on=["ok"], floor=0.95) == 0
    assert code_of(**look, celsius=80.0) == 3  # the gravest
    journal.record_verdict(drift_report("ok").verdict)
    wait_until(lambda: JournalState.read(device.path).verdicts[0].status == "ok")
    assert code_of(**look) == code_of(**look, on=["ok"]) == 0
    device.close()
    assert code_of(**look) == 6


def test_without_a_twin_it_says_what_a_verdict_needs(device: Any, capsys: pytest.CaptureFixture[str]) -> None:
    device.begin()
    device.minute()

    assert code_of(journal=device.path, once=True) == 0
    assert "no verdict yet; it needs a run with --float-model" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on": ["bad"]}, "--on bad is not allowed: give ok, drift, unknown"),
        ({"every": 0.0}, "--every 0 is not allowed"),
        ({"every": float("inf")}, "--every inf is not allowed: give 0.1 to 86400 seconds"),
        ({"every": float("nan")}, "--every nan is not allowed"),
        ({"command": " "}, "--exec '' is not allowed"),
        ({"floor": 99.0}, "--floor 99 is not allowed"),
        ({"silence": -1.0}, "--silence -1 is not allowed"),
    ],
)
def test_mistakes_are_one_line(device: Any, options: dict[str, Any], message: str) -> None:
    device.begin()
    device.close()
    with pytest.raises(UsageError, match=message):
        watch(journal=device.path, once=True, **options)


def test_no_journal(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        watch(journal=tmp_path / "none.db", once=True)


def test_a_run_with_other_floors_says_so_in_its_journal(tmp_path: Path) -> None:
    from signs_edge.edge.journal.contents import JournalContents

    path = tmp_path / "journal.db"
    packaged = Path("packaged")
    for floor in (0.99, 0.97):
        command.run(
            source="synthetic", model=packaged, float_model=packaged, headless=True, max_frames=20, float_every=1,
            journal=path, drift_floor=floor, drift_ok_floor=0.96,
        )  # fmt: skip

    report = JournalContents.read(path)
    assert [run.facts["drift"] for run in report.runs] == [{"floor": floor, "ok_floor": 0.96} for floor in (0.99, 0.97)]
    assert [row.frames for row in report.drift] == [20, 20]  # evidence against another floor is not gone on with
    with pytest.raises(UsageError, match=r"--drift-floor 0.9 and --drift-ok-floor 0.98 are not allowed"):
        command.run(source="synthetic", model=packaged, headless=True, drift_floor=0.9)
