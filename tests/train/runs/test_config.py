import json

import pytest

from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.train.runs.config import PRESETS, ModelConfig, TrainConfig
from signs_edge.train.runs.run_folder import RunFolder


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
        ({"augment": "hard"}, "'hard' is not known: choose one of strong, light, none"),
        ({"augment": True}, "augment True is not known"),
        ({"easy": -0.1}, "easy -0.1 is not allowed: give a number from 0 to 1"),
        ({"ramp": 1.5}, "ramp 1.5 is not allowed"),
        ({"negatives": 0.6}, "negatives 0.6 is not allowed: give a number from 0 to 0.5"),
        ({"label_smoothing": float("nan")}, "label-smoothing nan is not allowed"),
        ({"mixup": -1.0}, "mixup -1.0 is not allowed: give a number from 0 to 10"),
        ({"weight_decay": 2.0}, "weight-decay 2.0"),
        ({"ema": 1.0}, "ema 1.0 is not allowed: give a number from 0 to 0.9999"),
        ({"erased": 0.6, "drawn": 0.6}, "give at most 1 together"),
        ({"drawings": -1}, "drawings -1 is not allowed: give 0 to 100000"),
    ],
)
def test_values_that_mean_nothing_are_refused(changes, said):
    with pytest.raises(UsageError, match=said):
        TrainConfig("photos", **changes)


def test_another_versions_configuration_is_refused():
    values = TrainConfig("photos").to_json()
    with pytest.raises(ModelError, match="another version"):
        TrainConfig.from_json(values | {"cutmix": 0.2})
    with pytest.raises(ModelError, match="another version"):
        TrainConfig.from_json({"data": "photos"})


def test_strength_rises_in_a_straight_line_between_easy_and_ramp():
    config = TrainConfig("photos", epochs=10, easy=0.2, ramp=0.6)
    assert [config.strength(epoch) for epoch in range(10)] == pytest.approx([0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1])
    assert TrainConfig("photos", epochs=10, easy=0.5, ramp=0.5).strength(0) == 1


def test_shares_of_the_hands_origins_are_one_whole():
    assert TrainConfig("photos", erased=0.2, drawn=0.3).origins == pytest.approx((0.5, 0.2, 0.3))


@pytest.mark.parametrize("name", PRESETS)
def test_every_presets_recipe_is_allowed_and_named_rightly(name):
    preset = PRESETS[name]
    config = TrainConfig("photos", preset.model, **preset.recipe)
    assert config.augment == "strong"
    assert config.strength(config.epochs - 1) == 1


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_what_is_no_run_folder_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelError, match=tmp_path.name):
        RunFolder(tmp_path).read_config()
