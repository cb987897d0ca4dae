"""Which model runs when none is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from signs_edge.edge.bundle import store as model_store
from signs_edge.edge.bundle.store import (
    DEMO_MARK,
    PACKAGED,
    FoundModel,
    choose_model,
    find_model,
    find_twin,
    newest_export,
    packaged_model,
    runs_folder,
)
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.synthetic.hands import draw_hands


@pytest.fixture(autouse=True)
def no_packaged_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Runs lie in a folder of the test's, and the package ships no model."""
    monkeypatch.setenv("SIGNS_EDGE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(model_store, "packaged_model", lambda: None)
    return tmp_path / "runs"


def export(run: Path, written: int) -> Path:
    """An int8 file of a run, last written so many seconds after 1970."""
    path = run / "export" / "int8.tflite"
    path.parent.mkdir(parents=True)
    path.touch()
    os.utime(path, (written, written))
    return path


def test_the_newest_export_by_the_time_it_was_written(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    export(runs / "z", 100)
    newest = export(runs / "a", 300)
    export(runs / "m", 200)
    (runs / "b" / "export").mkdir(parents=True)  # one without int8

    assert newest_export(runs) == newest
    assert find_model(None) == newest


def test_no_runs_no_export(tmp_path: Path) -> None:
    assert newest_export(tmp_path / "runs") is None


def test_else_the_packaged_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(model_store, "packaged_model", lambda: tmp_path / "packaged.tflite")

    assert find_model(None) == tmp_path / "packaged.tflite"
    newest = export(tmp_path / "runs" / "a", 1)
    assert find_model(None) == newest


def test_else_one_line_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="signs-edge train") as caught:
        find_model(None)
    assert str(tmp_path / "runs") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_is_taken_as_it_is_a_folder_for_its_export(tmp_path: Path) -> None:
    file = export(tmp_path / "run", 1)
    export(tmp_path / "runs" / "newer", 2)

    assert find_model(file) == file
    assert find_model(file.parent) == file  # RUN/export
    assert find_model(tmp_path / "run") == file  # RUN
    assert find_model(tmp_path / "absent.tflite") == tmp_path / "absent.tflite"  # the reader says what is wrong


def test_runs_lie_in_the_working_folder_unless_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert runs_folder() == tmp_path / "runs"
    monkeypatch.delenv("SIGNS_EDGE_RUNS")
    assert runs_folder() == Path("runs")


def test_packaged_is_the_one_that_came_along_whatever_runs_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    export(tmp_path / "runs" / "a", 1)
    models = tmp_path / "models"
    models.mkdir()
    for name in ("int8.tflite", "float32.tflite"):
        (models / name).touch()
    monkeypatch.setattr(model_store, "packaged_model", lambda: models / "int8.tflite")

    assert find_model(PACKAGED) == models / "int8.tflite"
    assert find_twin(PACKAGED) == models / "float32.tflite"

    monkeypatch.chdir(tmp_path)
    (tmp_path / "packaged").touch()  # a user's own file of that name is meant
    assert find_model(PACKAGED) == PACKAGED


def test_packaged_where_nothing_came_along_is_for_the_reader_to_refuse() -> None:
    assert find_model(PACKAGED) == PACKAGED
    assert find_twin(PACKAGED) == PACKAGED


def test_the_model_that_ships_runs_and_its_twin_is_of_the_same_export() -> None:
    shipped = packaged_model()
    assert shipped is not None, "the released model is missing: make release-models"
    int8, float32 = (TFLiteClassifier.open(path) for path in (shipped, shipped.with_name("float32.tflite")))

    assert (str(int8.input_dtype), str(float32.input_dtype)) == ("int8", "float32")
    assert int8.labels == float32.labels == ("0", "1", "2", "3", "4", "5")
    assert int8.contract == float32.contract
    assert int8.abstain_below == float32.abstain_below > 0
    pictures, counts = draw_hands(120, seed=5)
    answers = [predict_all(classifier, pictures).argmax(axis=1) for classifier in (int8, float32)]
    assert (answers[0] == counts).mean() > 0.5  # drawn hands were part of its training; a guess is right on a sixth
    assert (answers[0] == answers[1]).mean() > 0.95


def test_a_demo_is_never_the_default_model_not_even_one_of_an_older_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    marked = export(runs / "mine", 300)
    (marked.parent.parent / DEMO_MARK).touch()
    export(runs / "demo-20260101-120000", 400)
    monkeypatch.setattr(model_store, "packaged_model", lambda: tmp_path / "packaged.tflite")

    assert newest_export(runs) is None
    assert choose_model(None) == FoundModel(tmp_path / "packaged.tflite", "the packaged model")

    trained = export(runs / "trained", 100)
    assert choose_model(None).path == trained
    assert "newest export" in choose_model(None).reason
    assert choose_model(marked).reason == "given by --model"
