"""The ablation command: what it refuses, and a whole one on a handful of pictures."""

import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

COMMAND = str(Path(sys.executable).with_name("signs-edge"))


def run(*arguments, cwd):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGNS_EDGE")}
    return subprocess.run(
        [COMMAND, "ablate", *arguments], cwd=cwd, capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--depths", "14,x"), "depths '14,x' are not allowed"),
        (("--depths", "15"), "depth 15 is not known: choose among 14, 26"),
        (("--data", "synthetic", "--depths", "14,14"), "give each depth once"),
        (("--data", "synthetic", "--epochs", "0"), "epochs 0 is not allowed"),
        (("--data", "synthetic", "--width", "0"), "width 0 is not allowed"),
        (("--data", "nowhere"), "nowhere' does not exist"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_1(tmp_path, arguments, said):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"signs-edge: [^\n]+\n", done.stderr), done.stderr
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_whole_one(tmp_path):
    for label in range(2):
        (tmp_path / "photos" / str(label)).mkdir(parents=True)
        for number in range(12):
            picture = np.random.default_rng([label, number]).integers(0, 90 + 100 * label, (64, 64, 3), dtype=np.uint8)
            assert cv2.imwrite(str(tmp_path / "photos" / str(label) / f"{number}.png"), picture)
    options = (
        "--data",
        "photos",
        "--depths",
        "14",
        "--no-batch-norm",
        "--width",
        "1",
        "--epochs",
        "1",
        "--out",
        "found",
    )

    done = run(*options, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("| layers | batch norm | network |")
    assert [line.split(" | ")[2] for line in done.stdout.splitlines()[2:4]] == ["residual", "plain"]
    assert " 14 layers without batch norm, plain: median gradient norm" in done.stderr
    assert (tmp_path / "found" / "skip-connections.png").exists()
