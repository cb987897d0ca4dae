"""What `signs-edge evaluate` makes of a model that gives no numbers, and of a run's own threshold."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from signs_edge.cli import evaluate as room
from signs_edge.edge.errors import ModelError
from signs_edge.train import keras_classifier
from signs_edge.train.config import TrainConfig
from signs_edge.train.run_folder import RunFolder


def test_nan_is_said_and_never_counted(monkeypatch, tmp_path, blotches) -> None:
    def broken(pictures: np.ndarray) -> np.ndarray:
        return np.full((len(pictures), 6), np.nan, np.float32)

    monkeypatch.setattr(room, "_open", lambda model, threads: room._Judged(tuple("012345"), 0.0, broken))

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
