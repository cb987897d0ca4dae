"""`signs-edge evaluate`: pictures that leaked, a model that gives no numbers, a run's own threshold."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from signs_edge.cli.commands import evaluate as room
from signs_edge.cli.commands.evaluate import evaluate
from signs_edge.edge.errors import ModelError
from signs_edge.train.network import keras_classifier
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.runs.run_folder import RunFolder

app = typer.Typer()
app.command()(evaluate)


@pytest.fixture
def folder(tmp_path: Path, drawn_hands: tuple[np.ndarray, np.ndarray]) -> Path:
    """Twenty pictures to learn from and ten to be judged on, of which two are copies."""
    images, labels = drawn_hands
    chosen = {"train": np.arange(20), "test": np.array([3, 7, *range(30, 38)])}
    for part, indices in chosen.items():
        (tmp_path / part).mkdir()
        for place, i in enumerate(indices):
            cv2.imwrite(str(tmp_path / part / f"{labels[i]}_{place:02}.png"), images[i][..., ::-1])
    return tmp_path


def test_both_accuracies_are_reported(tiny_models, folder: Path) -> None:
    result = CliRunner().invoke(app, [str(tiny_models.int8), "--data", str(folder), "--json"])

    found = json.loads(result.stdout)
    assert (found["n"], found["without_leaked"]["n"]) == (10, 8)
    assert len(found["without_leaked"]["leaked"]) == 2
    assert {"model", "data", "correct", "accuracy", "interval", "labels", "recall", "confusion"} <= set(found)
    text = CliRunner().invoke(app, [str(tiny_models.int8), "--data", str(folder)]).stdout.splitlines()
    assert text[0].endswith(")")
    assert text[1].endswith("without 2 copies of training pictures")
    assert text[2].startswith("confusion")


def test_without_a_training_part_nothing_is_said(tiny_models, folder: Path) -> None:
    result = CliRunner().invoke(app, [str(tiny_models.int8), "--data", str(folder / "test"), "--json"])

    found = json.loads(result.stdout)
    assert found["n"] == 10
    assert found["without_leaked"] is None


def test_nan_is_said_and_never_counted(monkeypatch, tmp_path, blotches) -> None:
    def broken(pictures: np.ndarray) -> np.ndarray:
        return np.full((len(pictures), 6), np.nan, np.float32)

    monkeypatch.setattr(room, "_open", lambda model, threads, trust: room._Judged(tuple("012345"), 0.0, broken))

    with pytest.raises(ModelError, match=r"model\.tflite gives NaN for 120 of 120 pictures: export it again"):
        room.evaluate(tmp_path / "model.tflite", data="synthetic:60")


def test_a_keras_models_threshold_comes_from_its_runs_metrics(monkeypatch, tmp_path, capsys) -> None:
    run = RunFolder(tmp_path)
    run.start(TrainConfig("synthetic"), tuple("012345"))
    run.metrics_file.write_text(json.dumps({"abstention": {"threshold": 0.6}}))

    def predict(pictures: np.ndarray, **_: object) -> np.ndarray:
        """Sure of every second picture, and always that it is a 3."""
        sure = np.where(np.arange(len(pictures)) % 2, 0.5, 0.75)[:, np.newaxis]
        return np.where(np.arange(6) == 3, sure, (1 - sure) / 5).astype(np.float32)

    fake = SimpleNamespace(output_shape=(None, 6), predict=predict)
    monkeypatch.setattr(keras_classifier, "load_keras", lambda path: fake)

    room.evaluate(run.model_file, data="synthetic:60", as_json=True)

    written = json.loads(capsys.readouterr().out)
    assert written["abstention"]["min_confidence"] == 0.6
    assert (written["abstention"]["hands"]["n"], written["abstention"]["hands"]["kept"]) == (120, 60)
    assert written["confusion"][0][3] == sum(written["confusion"][0]) > 0  # accuracy goes by the raw answers
