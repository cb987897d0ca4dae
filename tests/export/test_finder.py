"""A finder's run becomes one int8 file that the device opens, or nothing."""

import json

import pytest

from signs_edge.edge.errors import ModelError
from signs_edge.edge.region.finder import HandFinder
from signs_edge.export.exporter import export_run
from signs_edge.export.finder import export_finder
from signs_edge.export.settings import ExportSettings
from signs_edge.train.finder.fit import fit_finder
from signs_edge.train.runs.finder_config import FinderConfig
from signs_edge.train.runs.run_folder import RunFolder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "finder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signs_edge.train.finder.fit._HELD_OUT", 12)
        patch.setattr("signs_edge.train.finder.fit._UNSEEN_BACKGROUNDS", 6)
        config = FinderConfig("synthetic:60", epochs=1, scenes=8, batch_size=8, width=4, backgrounds=6, drawings=6)
        fit_finder(config, folder)
    return folder.path


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr("signs_edge.export.finder.MAX_LOSS", 0.1)  # a network of one step places one hand by luck
    monkeypatch.setattr("signs_edge.train.finder.fit._HELD_OUT", 30)
    monkeypatch.setattr("signs_edge.train.finder.fit._UNSEEN_BACKGROUNDS", 6)
    monkeypatch.setattr("signs_edge.export.finder._BACKGROUNDS", 6)
    monkeypatch.setattr("signs_edge.export.finder._CALIBRATION", 8)


def test_the_file_carries_the_least_score_that_it_was_judged_with(run, tmp_path):
    export = export_finder(run, out=tmp_path)

    finder = HandFinder.open(export.file)
    report = json.loads((tmp_path / "export.json").read_text())
    assert finder.least_score == export.int8.threshold == report["int8"]["threshold"] > 0
    assert export.int8.hands + export.int8.empty == 30
    assert report["sizes"] == {"finder.tflite": export.file.stat().st_size}


def test_an_int8_that_misplaces_hands_is_not_written(run, tmp_path, monkeypatch):
    monkeypatch.setattr("signs_edge.export.finder.MAX_LOSS", -1.1)  # more than all hands better than Keras

    with pytest.raises(ModelError, match="not written; train longer"):
        export_finder(run, out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_counting_export_refuses_a_finder_and_the_other_way_round(run, tmp_path):
    with pytest.raises(ModelError, match="task 'find'"):
        export_run(run, ExportSettings(out=tmp_path))
