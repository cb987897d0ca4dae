"""`signs-edge evaluate`: what is said about pictures that leaked."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from signs_edge.cli.evaluate import evaluate

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
