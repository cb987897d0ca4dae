"""`signs-edge drift replay` as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from waiting import wait_until

from signs_edge.edge.journal.database import read_only
from signs_edge.edge.synthetic.clip import write_clip
from signs_edge.edge.synthetic.hands import synthetic_frames

COMMAND = str(Path(sys.executable).parent / "signs-edge")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SIGNS_EDGE"))}
LONG = 20_000  # frames
BEGAN = 1777644000  # 2026-05-01 14:00 UTC
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def line(tiny_models) -> list[str]:
    return [COMMAND, "drift", "replay", "--model", str(tiny_models.int8), "--float-model", str(tiny_models.float32)]


@pytest.fixture
def replay(line: list[str], tmp_path: Path) -> Run:
    """A function that replays to the end."""

    def replay(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        options = ["--began", "2026-05-01T14:00", "--roi", "center", *map(str, arguments)]
        return subprocess.run(
            [*line, *options], env=ENVIRONMENT, cwd=tmp_path, text=True, capture_output=True, timeout=120
        )

    return replay


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn hands, 150 frames at two a second: 75 seconds."""
    path = tmp_path_factory.mktemp("clip") / "hands.avi"
    hands = (cv2.resize(picture[..., ::-1], (96, 72)) for picture, _ in islice(synthetic_frames(), 150))
    write_clip(path, hands, 2.0)
    return path


def written(journal: Path) -> int:
    """Frames that a journal knows of."""
    with closing(read_only(journal)) as reader:
        return reader.execute("SELECT coalesce(sum(frames), 0) FROM minutes").fetchone()[0]


def told(path: Path) -> dict:
    (report,) = json.loads(path.read_text())
    return report


def test_the_journal_has_the_time_of_the_recording(replay: Run, clip: Path, tmp_path: Path) -> None:
    done = replay(clip, "--float-every", "1", "--journal", "j.db", "--json", "out.json")

    assert done.returncode == 0, done.stderr
    report = told(tmp_path / "out.json")
    assert [(minute["wall"], minute["mono"], minute["frames"]) for minute in report["minutes"]] == [
        (BEGAN, 0, 120), (BEGAN + 60, 60, 30),
    ]  # fmt: skip
    assert sum(minute["looks"] for minute in report["minutes"]) == 150
    first, *verdicts = report["events"]
    assert (first["kind"], first["text"]) == ("replay", "a recording: the float twin sees one frame of 1")
    assert {event["kind"] for event in verdicts} == {"verdict"}
    assert report["runs"][0]["facts"]["camera"] == f"recording {clip}"
    assert report["known"]["frames"] == 150
    assert "150 frames in 1 min 14 s, 1 run\n" in done.stdout
    assert "2026-05-01 14:00:00 UTC  verdict: unknown" in done.stdout
    assert "0:01:14 of 0:01:15, 150 frames" in done.stderr
    assert "times real time" in done.stderr
    assert written(tmp_path / "j.db") == 150


def test_the_same_recording_the_same_verdicts(replay: Run, clip: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert replay(clip, "--shadow", "30%", "--json", f"{name}.json").returncode == 0
    first, second = (told(tmp_path / f"{name}.json") for name in ("first", "second"))

    assert first["events"] == second["events"]
    assert first["known"] == second["known"]
    assert first["journal"] == str(clip)  # none was to be kept
    assert 30 < sum(minute["looks"] for minute in first["minutes"]) < 80
    assert sorted(path.name for path in tmp_path.iterdir() if "json" in path.name) == ["first.json", "second.json"]


def test_a_folder_of_frames_has_the_rate_that_is_given(replay: Run, tmp_path: Path, blotches) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, picture in enumerate(blotches(30, 2)):
        assert cv2.imwrite(str(folder / f"{number:03d}.png"), picture)

    done = replay(folder, "--fps", "0.25", "--json", "out.json", "--hold", "0")

    assert done.returncode == 0, done.stderr
    assert [minute["mono"] for minute in told(tmp_path / "out.json")["minutes"]] == [0, 60]


def test_an_interrupt_ends_with_the_report_so_far(line: list[str], tmp_path: Path) -> None:
    write_clip(tmp_path / "long.avi", (np.full((64, 64, 3), 9 + i % 200, np.uint8) for i in range(LONG)), 30.0)
    process = subprocess.Popen(
        [*line, "long.avi", "--float-every", "1", "--json", "out.json", "--journal", "j.db"],
        env=ENVIRONMENT, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        assert "(int8) on litert" in process.stderr.readline()
        wait_until(lambda: written(tmp_path / "j.db"))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()

    assert process.returncode == 0, err
    frames = told(tmp_path / "out.json")["frames"]
    assert 0 < frames < LONG
    assert f"{frames} frames in" in out
    assert f", {frames} frames," in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.avi"], "'none.avi' is no recording: give a video file, a folder of frames, or a pattern"),
        (["0"], "'0' is no recording"),
        (["{clip}", "--fps", "0"], "fps 0 is not allowed"),
        (["{clip}", "--shadow", "10"], "shadow '10' is not allowed: give a share of the frames above 0"),
        (["{clip}", "--shadow", "5%", "--float-every", "2"], "give one of them"),
        (["{clip}", "--float-every", "0"], "float-every 0 is not allowed"),
        (["{clip}", "--seed", "-1"], "seed -1 is not allowed"),
        (["{clip}", "--hold", "-1"], "hold of -1 frames is not allowed"),
        (["{clip}", "--began", "noon"], "--began 'noon' is no time"),
        (["{clip}", "--json", "no/out.json"], "--json no/out.json cannot be written"),
        (["{clip}", "--html", "no/out.html"], "--html no/out.html cannot be written"),
        (["{clip}", "--journal", "no/j.db"], "journal no/j.db cannot be written"),
        (["{clip}", "--roi", "left"], "roi 'left' is not allowed"),
    ],
)
def test_mistakes_are_one_line(replay: Run, clip: Path, arguments: list[str], said: str) -> None:
    done = replay(*(argument.format(clip=clip) for argument in arguments))

    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.startswith("signs-edge: ")
    assert done.stderr.count("\n") == 1
