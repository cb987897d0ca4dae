import json

import pytest

from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.train.config import ModelConfig, TrainConfig
from signs_edge.train.run_folder import RunFolder, replacing


def test_a_configuration_survives_json():
    config = TrainConfig("photos", ModelConfig(stages=(2, 2), skip=False), epochs=7, augment="none")
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epochs": 0}, "epochs 0"),
        ({"batch_size": 0}, "batch-size 0"),
        ({"learning_rate": 0.0}, "learning-rate 0.0"),
        ({"learning_rate": float("nan")}, "learning-rate nan"),
        ({"schedule": "steps"}, "cosine, constant"),
        ({"validation": 0.6}, "validation 0.6"),
        ({"seed": -1}, "seed -1"),
        ({"seed": 2**32}, "give 0 to 4294967295"),
        ({"learning_rate": float("inf")}, "learning-rate inf"),
    ],
)
def test_values_that_mean_nothing_are_refused(changes, said):
    with pytest.raises(UsageError, match=said):
        TrainConfig("photos", **changes)


def test_another_versions_configuration_is_refused():
    values = TrainConfig("photos").to_json()
    with pytest.raises(ModelError, match="another version"):
        TrainConfig.from_json(values | {"mixup": 0.2})
    with pytest.raises(ModelError, match="another version"):
        TrainConfig.from_json({"data": "photos"})


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_what_is_no_run_folder_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelError, match=tmp_path.name):
        RunFolder(tmp_path).read_config()


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept.json"
    path.write_text("old")

    def fail():
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
