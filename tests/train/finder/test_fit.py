"""A run of the finder: what it leaves behind, and that an interruption changes nothing."""

import json

import numpy as np
import pytest

from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.train.finder.fit import fit_finder
from signs_edge.train.runs.finder_config import FinderConfig
from signs_edge.train.runs.run_folder import RunFolder


class Interrupt:
    """An observer that presses Ctrl-C in the second epoch."""

    def started(self, config, parameters, pictures, finished, steps):
        pass

    def worked(self, work, done, total):
        pass

    def stepped(self, epoch, step):
        if epoch == 1:
            raise KeyboardInterrupt

    def epoch_ended(self, record):
        pass


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr("signs_edge.train.finder.fit._HELD_OUT", 12)
    monkeypatch.setattr("signs_edge.train.finder.fit._UNSEEN_BACKGROUNDS", 6)


def config(**changes):
    values = {"data": "synthetic:60", "epochs": 2, "scenes": 16, "batch_size": 8, "width": 4, "backgrounds": 10}
    return FinderConfig(**{**values, "drawings": 12, **changes})


def without_times(folder):
    history = json.loads(folder.history_file.read_text())
    return [{key: value for key, value in record.items() if key != "seconds"} for record in history]


def test_a_run_leaves_model_history_metrics_and_a_picture_and_goes_on_as_if_never_interrupted(tmp_path):
    whole, cut = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "cut")

    metrics = fit_finder(config(), whole)
    with pytest.raises(KeyboardInterrupt):
        fit_finder(config(), cut, Interrupt())
    fit_finder(cut.read_finder_config(), cut, resume=True)

    assert without_times(cut) == without_times(whole)
    assert np.isfinite([record["val_loss"] for record in without_times(whole)]).all()
    assert whole.task() == "find"
    assert metrics["held_out"]["hands"] + metrics["held_out"]["empty"] == 12
    assert {path.name for path in whole.path.iterdir()} >= {"model.keras", "metrics.json", "found.png", "history.json"}
    with pytest.raises(ModelError, match="task 'find'"):
        whole.read_config()


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"ramp": 2.0}, {"learning_rate": 0.0}, {"seed": -1}, {"drawings": -1}]
)
def test_values_that_mean_nothing_are_refused(wrong):
    with pytest.raises(UsageError, match="is not allowed: give"):
        config(**wrong)
