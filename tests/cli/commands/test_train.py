"""The training and export commands: what they refuse, and what an interrupted run says."""

import contextlib
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("signs-edge"))
TINY = (
    "--data",
    "synthetic",
    "--stages",
    "1",
    "--width",
    "4",
    "--batch-size",
    "64",
    "--augment",
    "light",
    "--no-robustness",
)


def run(*arguments, cwd, **environment):
    return subprocess.run([COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--preset", "huge"), "preset 'huge' is not known: choose one of resnet50, slim"),
        (("--stages", "3,x"), "stages '3,x' are not allowed"),
        (("--data", "synthetic", "--epochs", "0"), "epochs 0 is not allowed"),
        (("--data", "nowhere"), "nowhere' does not exist"),
        (
            ("--data", "synthetic", "--augment", "hard"),
            "augment 'hard' is not known: choose one of strong, light, none",
        ),
        (("--data", "synthetic", "--label-smoothing", "0.9"), "label-smoothing 0.9 is not allowed"),
        (("--resume", "--epochs", "3"), "leave out --epochs"),
        (("--resume",), "holds no unfinished run"),
        (("--resume", "--out", "nowhere"), "nowhere is not a run folder"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_1(tmp_path, arguments, said):
    done = run("train", *arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"signs-edge: [^\n]+\n", done.stderr), done.stderr
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_export_of_what_is_no_run_gets_one_line(tmp_path):
    done = run("export", "nowhere", "--int8", cwd=tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(r"signs-edge: [^\n]+\n", done.stderr), done.stderr
    assert "nowhere is not a run folder" in done.stderr


def test_ctrl_c_keeps_what_is_there_and_says_how_to_go_on(tmp_path):
    command = [COMMAND, "train", *TINY, "--epochs", "3", "--out", "run"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as training:
        said = ""
        for line in training.stderr:
            said += line
            if line.startswith("epoch   1/3"):
                training.send_signal(signal.SIGINT)
    assert training.returncode == 130
    last = said.strip().splitlines()[-1]
    match = re.fullmatch(r"interrupted: (\d) finished epochs are kept in run; go on with: signs-edge (.+)", last)
    assert match, said
    finished = int(match[1])
    assert finished >= 1
    resumed = run(*match[2].split(), cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert f"resuming after epoch {finished} of 3" in resumed.stderr
    assert (tmp_path / "run" / "model.keras").is_file()
    assert "next: signs-edge export run --int8" in resumed.stdout


def test_a_ctrl_c_that_a_library_swallowed_still_ends_training():
    from signs_edge.cli.progress.training import TrainingProgress

    before = signal.getsignal(signal.SIGINT)
    with TrainingProgress() as progress:
        with contextlib.suppress(KeyboardInterrupt):  # as Python does in a finalizer
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            progress.stepped(0, 0)
    assert signal.getsignal(signal.SIGINT) is before
