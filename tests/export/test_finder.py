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


def test_a_finder_of_another_picture_size_finds_in_the_frame_s_pixels() -> None:
    """A network for 96×128 pixels with dilated bottlenecks, converted, folded and read back as the device does."""
    import numpy as np

    from signs_edge.edge.bundle.contract import WHOLE, Contract
    from signs_edge.edge.bundle.model_file import ModelFile
    from signs_edge.edge.region.finder import OUTPUTS
    from signs_edge.export.convert.convert import to_int8
    from signs_edge.export.convert.folding import fold_dilated
    from signs_edge.train.finder.network import build_room_finder

    contract = Contract(96, 128, crop=WHOLE)
    pictures = np.random.default_rng(0).integers(0, 256, (4, 96, 128, 3), dtype=np.uint8)
    flatbuffer = fold_dilated(to_int8(build_room_finder(96, 128, channels=4), pictures, contract))
    finder = HandFinder(ModelFile.pack(flatbuffer, OUTPUTS, contract))
    grid = np.full((12, 16, 4), -9, np.float32)
    answered = finder.network.answer(pictures[0])
    grid[6, 8] = (3, 0, 0, 0)
    finder.network.answer = lambda picture: grid  # type: ignore[method-assign]

    found = finder.likeliest(np.zeros((480, 640, 3), np.uint8))

    assert answered.shape == (12, 16, 4)
    assert (found.x, found.y, found.side) == (340, 260, 200)
