"""A run's folder, its history, and that an interruption, even a kill, changes neither."""

import json
import os
import signal
import subprocess
import sys

import h5py
import keras
import numpy as np
import pytest

from signs_edge.edge.errors import ModelError
from signs_edge.train.data.dataset import SignsDataset, Splits
from signs_edge.train.network.keras_classifier import KerasClassifier
from signs_edge.train.runs.config import ModelConfig, TrainConfig
from signs_edge.train.runs.run_folder import RunFolder
from signs_edge.train.training.fit import fit

TINY = ModelConfig(stages=(1, 1), width=4, dropout=0.2, l2=1e-4)


def bars(n, seed):
    """Pictures that a tiny network learns in a few steps: class k has k + 1 bright bars."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    images = rng.integers(0, 60, (n, 64, 64, 3), dtype=np.uint8)
    for picture, label in zip(images, labels, strict=True):
        for bar in range(label + 1):
            picture[8:56, 8 + 16 * bar : 14 + 16 * bar] += 180
    return SignsDataset(images, labels, ("one", "two", "three"))


def prepare(patch):
    """Bars as data, and few pictures without a hand to judge on."""
    patch.setattr(
        "signs_edge.train.training.fit.load_splits", lambda source, seed: Splits(bars(96, 0), bars(24, 1), "bars")
    )
    patch.setattr("signs_edge.train.training.final_evaluation._UNSEEN", 4)


@pytest.fixture(autouse=True)
def data(monkeypatch):
    """The report, whose pictures take longer than training here, is left to `whole`."""
    prepare(monkeypatch)
    monkeypatch.setattr("signs_edge.train.training.final_evaluation.write_report", lambda *arguments: None)


def config(**changes):
    return TrainConfig(
        **{"data": "bars", "model": TINY, "epochs": 4, "learning_rate": 5e-3, "augment": "light", "seed": 3} | changes
    )


def without_times(history):
    return [{key: value for key, value in record.items() if key != "seconds"} for record in history]


class Interrupt:
    """An observer that presses Ctrl-C in an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def started(self, *arguments):
        pass

    def worked(self, work, done, total):
        pass

    def stepped(self, epoch, step):
        if (epoch, step) == (self.epoch, 1):
            raise KeyboardInterrupt

    def epoch_ended(self, record):
        pass


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One uninterrupted run, used by several tests."""
    with pytest.MonkeyPatch.context() as patch:
        prepare(patch)
        folder = RunFolder(tmp_path_factory.mktemp("runs") / "whole")
        return folder, fit(config(), folder)


def test_a_run_learns_and_leaves_its_files(whole):
    folder, metrics = whole
    history = folder.history()
    assert [record["epoch"] for record in history] == [1, 2, 3, 4]
    assert history[-1]["loss"] < history[0]["loss"]
    assert metrics["train"]["n"] + metrics["validation"]["n"] == 96
    assert metrics["test"]["n"] == 24
    assert json.loads(folder.metrics_file.read_text()) == metrics
    assert folder.read_config() == (config(), ("one", "two", "three"))
    for name in ("curves.png", "confusion.png"):
        assert (folder.path / name).read_bytes().startswith(b"\x89PNG")
    assert "<html" in (folder.path / "report.html").read_text()
    assert "varied" not in metrics  # of strong augmentation only, as are the next two
    assert metrics["robustness"] is None
    assert metrics["abstention"]["threshold"] is None
    assert not folder.checkpoints.exists()  # a finished run needs none, and they are large
    assert not [path.name for path in folder.path.iterdir() if path.name.startswith(".")]


def test_the_saved_model_gives_the_reported_figures(whole):
    folder, metrics = whole
    classifier = KerasClassifier.open(folder.model_file)
    assert classifier.labels == ("one", "two", "three")
    test = bars(24, 1)
    answers = classifier.predict_all(test.images).argmax(axis=1)
    assert (answers == test.labels).mean() == metrics["test"]["accuracy"]
    assert classifier.probabilities(test.images[0]).shape == (3,)


def test_same_seed_same_history_and_another_seed_another(whole, tmp_path):
    folder, _ = whole
    again = RunFolder(tmp_path / "again")
    fit(config(), again)
    assert without_times(again.history()) == without_times(folder.history())
    other = RunFolder(tmp_path / "other")
    fit(config(seed=4, epochs=1), other)
    assert other.history()[0]["loss"] != folder.history()[0]["loss"]


def test_an_interrupted_run_resumes_to_the_same_history(whole, tmp_path):
    folder, metrics = whole
    broken = RunFolder(tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        fit(config(), broken, Interrupt(epoch=2))
    assert broken.checkpoint()[0] == 2
    assert not broken.metrics_file.exists()
    resumed = fit(config(), broken, resume=True)
    assert without_times(broken.history()) == without_times(folder.history())
    assert resumed["test"] == metrics["test"]


def test_history_beyond_the_checkpoint_does_not_count(whole, tmp_path):
    """Killed between the two writes, a run has one record more than its checkpoint."""
    folder, _ = whole
    broken = RunFolder(tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        fit(config(), broken, Interrupt(epoch=2))
    broken.history_file.write_text(json.dumps([*broken.history(), {"epoch": 3.0, "loss": 99.0}]))
    fit(config(), broken, resume=True)
    assert without_times(broken.history()) == without_times(folder.history())


def test_a_run_killed_before_its_first_epoch_starts_over(whole, tmp_path):
    folder, _ = whole
    broken = RunFolder(tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        fit(config(), broken, Interrupt(epoch=0))
    fit(config(), broken, resume=True)
    assert without_times(broken.history()) == without_times(folder.history())


CHILD = """
import sys
from pathlib import Path
from signs_edge.train.runs.config import ModelConfig, TrainConfig
from signs_edge.train.training.fit import fit
from signs_edge.train.runs.run_folder import RunFolder

class Tell:
    def started(self, *arguments): pass
    def worked(self, work, done, total): pass
    def stepped(self, epoch, step): print(epoch, step, flush=True)
    def epoch_ended(self, record): pass

config = TrainConfig(sys.argv[3], ModelConfig(stages=(1,), width=4, dropout=0.2), epochs=3, augment="light")
fit(config, RunFolder(Path(sys.argv[1])), Tell(), resume=sys.argv[2] == "resume")
"""


def test_a_killed_run_resumes_to_the_same_history(tmp_path, monkeypatch):
    for part, pictures in (("train", bars(96, 0)), ("test", bars(24, 1))):
        with h5py.File(tmp_path / f"{part}_signs.h5", "w") as file:
            file[f"{part}_set_x"], file[f"{part}_set_y"] = pictures.images, pictures.labels
            file["list_classes"] = [0, 1, 2]

    def start(how):
        command = [sys.executable, "-c", CHILD, str(tmp_path / "killed"), how, str(tmp_path)]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        )

    with start("new") as killed:
        for line in killed.stdout:
            if line.split() == ["1", "1"]:  # in the midst of the second epoch
                killed.send_signal(signal.SIGKILL)
                break
    assert killed.returncode == -signal.SIGKILL
    folder = RunFolder(tmp_path / "killed")
    assert folder.checkpoint()[0] == 1
    with start("resume") as resumed:
        steps = resumed.stdout.read().split("\n")
    assert resumed.returncode == 0
    assert steps[0] == "1 0"  # the first epoch is not done again
    monkeypatch.undo()
    whole = RunFolder(tmp_path / "whole")
    fit(folder.read_config()[0], whole)
    assert without_times(folder.history()) == without_times(whole.history())


def test_nothing_already_there_is_lost(whole, tmp_path):
    folder, _ = whole
    before = folder.history_file.read_bytes()
    with pytest.raises(ModelError, match="already holds a run"):
        fit(config(), folder)
    with pytest.raises(ModelError, match="is finished"):
        fit(config(), folder, resume=True)
    assert folder.history_file.read_bytes() == before


def test_a_run_that_diverges_ends_with_a_line_and_no_record_of_it(tmp_path):
    folder = RunFolder(tmp_path / "diverged")
    with pytest.raises(ModelError, match="training diverged in epoch 1"):
        fit(config(learning_rate=1e30, schedule="constant"), folder)
    assert folder.history() == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ModelError, match="file cannot be made"):
        fit(config(), RunFolder(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "no folder"


def test_a_model_without_its_run_has_numbers_for_labels(whole, tmp_path):
    folder, _ = whole
    (tmp_path / "model.keras").write_bytes(folder.model_file.read_bytes())
    for beside in (None, '{"a": 1}', "{bad"):
        if beside:
            (tmp_path / "config.json").write_text(beside)
        assert KerasClassifier.open(tmp_path / "model.keras").labels == ("0", "1", "2")
    (tmp_path / "damaged.keras").write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"damaged\.keras is damaged or no Keras model"):
        KerasClassifier.open(tmp_path / "damaged.keras")


def test_a_damaged_checkpoint_is_named(tmp_path):
    broken = RunFolder(tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        fit(config(), broken, Interrupt(epoch=1))
    broken.checkpoint()[1].write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"epoch-0001\.weights\.h5 cannot be loaded"):
        fit(config(), broken, resume=True)


def test_no_validation_and_a_constant_rate_work_too(tmp_path):
    folder = RunFolder(tmp_path / "plain")
    metrics = fit(config(validation=0.0, schedule="constant", augment="none", epochs=1), folder)
    assert "validation" not in metrics
    assert "val_loss" not in folder.history()[0]


def test_no_folder_is_made_where_the_data_cannot_be_had(tmp_path, monkeypatch):
    monkeypatch.undo()
    with pytest.raises(Exception, match="does not exist"):
        fit(config(data=str(tmp_path / "nowhere")), RunFolder(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_xla_is_off():
    """Keras chooses it by itself on the CPU, where it is six times slower."""
    from signs_edge.train.network.resnet import build_resnet
    from signs_edge.train.training.fit import _compile

    model = build_resnet(TINY, (64, 64, 3), 3)
    _compile(model, config(), steps=3)
    assert model.jit_compile is False
    assert isinstance(model.optimizer, keras.optimizers.Adam)
