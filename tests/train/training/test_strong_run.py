"""A whole run with strong augmentation: material, training, judging, report, and that resuming changes nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from signs_edge.train.data.dataset import SignsDataset, Splits
from signs_edge.train.hands.hands import DRAWN
from signs_edge.train.network.keras_classifier import KerasClassifier
from signs_edge.train.runs.config import ModelConfig, TrainConfig
from signs_edge.train.runs.run_folder import RunFolder
from signs_edge.train.training import final_evaluation as judging
from signs_edge.train.training import training_data as material
from signs_edge.train.training.fit import fit
from signs_edge.train.training.training_data import prepare

NAMES = tuple("012345")
CONFIG = TrainConfig(
    "walls", ModelConfig(stages=(1,), width=4), epochs=3, batch_size=10, learning_rate=3e-3, ramp=0.7, drawings=0,
    negatives=0.2, validation=0.2, ema=0.9, weight_decay=1e-3, seed=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def photos(wall_photos):
    return SignsDataset(wall_photos.images, wall_photos.labels, NAMES)


@pytest.fixture(scope="module", autouse=True)
def small(photos):
    """The photos as data, and few pictures of each kind."""
    splits = Splits(photos.take(np.arange(30)), photos.take(np.arange(30, 36)), "walls")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signs_edge.train.training.fit.load_splits", lambda source, seed: splits)
        patch.setattr(material, "_BACKGROUNDS", 30)
        patch.setattr(material, "_VARIED", 24)
        patch.setattr(judging, "_UNSEEN", 4)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One uninterrupted run, and its metrics."""
    folder = RunFolder(tmp_path_factory.mktemp("strong") / "whole")
    return folder, fit(CONFIG, folder, robustness=True)


def without_times(history):
    return [{key: value for key, value in record.items() if key != "seconds"} for record in history]


@pytest.mark.slow
def test_metrics_and_report_have_all_that_strong_augmentation_brings(whole):
    folder, metrics = whole
    assert json.loads(folder.metrics_file.read_text()) == metrics
    assert metrics["train"]["n"] + metrics["validation"]["n"] == 30
    assert metrics["varied"]["n"] == 24
    assert metrics["test"]["n"] == 6
    assert metrics["calibration"]["fitted_on"] == metrics["validation"]["n"] + 24
    assert metrics["calibration"]["temperature"] > 0
    silence = metrics["abstention"]
    assert 0 < silence["threshold"] < 1
    assert silence["hands"]["n"] == 6
    assert silence["hand_free"]["n"] == 5 * 4
    assert folder.abstain_below() == silence["threshold"]
    assert 0 <= metrics["robustness"]["overall"]["accuracy"] <= 1
    page = (folder.path / "report.html").read_text()
    assert "varied" in page
    assert "jpeg" in page
    for name in ("cutouts.png", "curves.png", "confusion.png"):
        assert (folder.path / name).read_bytes().startswith(b"\x89PNG")
    assert not [path.name for path in folder.path.iterdir() if path.name.startswith(".")]


@pytest.mark.slow
def test_the_saved_model_is_the_calibrated_one_that_was_judged(whole, photos):
    folder, metrics = whole
    answers = KerasClassifier.open(folder.model_file).predict_all(photos.images[30:])
    assert (answers.argmax(axis=1) == photos.labels[30:]).mean() == metrics["test"]["accuracy"]
    kept = (answers.max(axis=1) >= metrics["abstention"]["threshold"]).sum()
    assert kept == metrics["abstention"]["hands"]["kept"]


class Interrupt:
    """An observer that presses Ctrl-C in an epoch."""

    def started(self, *arguments):
        pass

    def worked(self, work, done, total):
        pass

    def stepped(self, epoch, step):
        if (epoch, step) == (1, 1):
            raise KeyboardInterrupt

    def epoch_ended(self, record):
        pass


@pytest.mark.slow
def test_an_interrupted_run_resumes_to_the_same_history_and_model(whole, photos, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "signs_edge.train.training.fit.evaluate_run", lambda *arguments, **options: {}
    )  # compared is what was trained
    folder, _ = whole
    broken = RunFolder(tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        fit(CONFIG, broken, Interrupt())
    assert broken.checkpoint()[0] == 1
    fit(CONFIG, broken, resume=True)
    assert without_times(broken.history()) == without_times(folder.history())
    first, second = (KerasClassifier.open(run.model_file).predict_all(photos.images[:6]) for run in (folder, broken))
    assert np.array_equal(first, second)


def test_material_for_light_or_no_augmentation_is_the_photos_alone(photos, tmp_path):
    config = TrainConfig("walls", augment="light")
    gathered = prepare(config, photos, np.arange(30), np.arange(30, 36), tmp_path / "cutouts.png")
    assert len(gathered.varied) == 0
    assert len(gathered.hand_free) == 0
    assert list(tmp_path.iterdir()) == []


def test_held_out_hands_are_in_no_training_batch(photos, tmp_path, monkeypatch):
    made = []

    class Spy(material.Batches):
        def __init__(self, config, part, hands, backgrounds):
            super().__init__(config, part, hands, backgrounds)
            made.append((len(part), hands))

    monkeypatch.setattr(material, "Batches", Spy)
    kept, held_out = np.arange(0, 18), np.arange(18, 30)
    config = replace(CONFIG, drawings=6)
    gathered = prepare(config, photos.take(np.arange(30)), kept, held_out, tmp_path / "cutouts.png")
    (trained, hands), _, (judged, unseen) = made
    assert (trained, judged) == (18, 12)
    shown = {hand.image.tobytes() for hand in hands.hands}
    assert not any(hand.image.tobytes() in shown for hand in unseen.hands)
    assert not any(hand.origin == DRAWN for hand in unseen.hands)
    assert sum(hand.origin == DRAWN for hand in hands.hands) == 6
    assert len(gathered.varied) == len(gathered.hand_free) == 24


def test_nothing_held_out_means_nothing_varied(photos, tmp_path):
    gathered = prepare(CONFIG, photos.take(np.arange(30)), np.arange(30), np.arange(0), tmp_path / "cutouts.png")
    assert len(gathered.varied) == 0
    assert len(gathered.hand_free) == 24
