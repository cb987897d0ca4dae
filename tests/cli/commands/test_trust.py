"""`run` and `evaluate` with files of other origin, damaged ones, and on a device that answers otherwise."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.cli import main as room
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.inference import preprocess

Start = Callable[..., tuple[int, str, str]]
COMMANDS = {
    "run": ("run", "--headless", "--source", "synthetic", "--max-frames", "2", "--model"),
    "evaluate": ("evaluate", "--data", "synthetic:60"),
}


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Start:
    """A function that runs the command to its end: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def start(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["signs-edge", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            room.main()
        assert isinstance(caught.value.code, int)
        return caught.value.code, *capfd.readouterr()

    return start


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return COMMANDS[request.param]


@pytest.fixture
def plain(tiny_models, tmp_path: Path) -> Path:
    path = tmp_path / "plain.tflite"
    path.write_bytes(ModelFile.read(tiny_models.int8).flatbuffer)
    return path


def test_a_plain_model_runs_only_with_trust(start: Start, command: tuple[str, ...], plain: Path) -> None:
    code, out, err = start(*command, plain)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"signs-edge: {plain} has no digest of ours")
    assert err.endswith("with --trust\n")

    code, out, err = start(*command, plain, "--trust")
    assert code == 0
    assert f"notice: {plain} is a plain TFLite model of other origin: nothing vouches for it\n" in err
    assert "2 frames" in out or "right" in out


def test_a_plain_models_labels_are_numbers(start: Start, plain: Path) -> None:
    code, out, _ = start("evaluate", plain, "--data", "synthetic:60", "--json", "--trust")

    assert code == 0
    assert json.loads(out)["labels"] == ["0", "1", "2", "3", "4", "5"]


def test_a_damaged_model_runs_not_even_with_trust(
    start: Start, command: tuple[str, ...], tiny_models, tmp_path
) -> None:
    content = bytearray(tiny_models.int8.read_bytes())
    content[5000] ^= 4
    (tmp_path / "damaged.tflite").write_bytes(content)

    for trust in ([], ["--trust"]):
        code, out, err = start(*command, tmp_path / "damaged.tflite", *trust)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert "damaged.tflite is damaged or was changed (its digest is of other content)" in err


def test_a_wrong_replay_stops_it_and_with_trust_warns(
    start: Start, command: tuple[str, ...], tiny_models, monkeypatch: pytest.MonkeyPatch
) -> None:
    def squeeze(frame: np.ndarray, contract: Contract) -> np.ndarray:
        return cv2.resize(frame, (contract.width, contract.height), interpolation=cv2.INTER_AREA)

    monkeypatch.setattr(preprocess, "fit_square", squeeze)

    code, out, err = start(*command, tiny_models.int8)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "other crop (the whole frame, squeezed)" in err

    code, _, err = start(*command, tiny_models.int8, "--trust")
    assert code == 0
    assert f"warning: {tiny_models.int8} on litert" in err
    assert "other crop (the whole frame, squeezed)" in err


def test_the_twin_is_replayed_too(start: Start, tiny_models, tmp_path: Path) -> None:
    twin = ModelFile.read(tiny_models.float32)
    assert twin.golden is not None
    wrong = type(twin.golden)(
        twin.golden.frames, twin.golden.pictures, twin.golden.float_scores, np.roll(twin.golden.scores, 1, axis=1)
    )
    packed = ModelFile.pack(twin.flatbuffer, twin.labels, twin.contract, golden=wrong)
    (tmp_path / "twin.tflite").write_bytes(packed.content)

    code, _, err = start(*COMMANDS["run"], tiny_models.int8, "--float-model", "twin.tflite")

    assert (code, err.count("\n")) == (1, 1)
    assert "twin.tflite on litert" in err
    assert "other runtime result" in err
