"""An ablation of tiny twins: equal starts, complete results, and an interruption that changes nothing."""

import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest

from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.train.ablation.ablation import ablate, draw_weights
from signs_edge.train.ablation.config import STAGES, AblationConfig, Twin, networks_of
from signs_edge.train.ablation.result import TwinResult
from signs_edge.train.data.dataset import SignsDataset, Splits
from signs_edge.train.network.resnet import build_resnet

CONFIG = AblationConfig("bars", ((1,),), width=2, epochs=2, batch_size=8, learning_rate=1e-2, seed=3)
PICTURES = ("gradients.png", "learning.png", "accuracy.png", "skip-connections.png")


def bars(n, seed):
    """Pictures of three classes: one to three bright bars."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    images = rng.integers(0, 60, (n, 64, 64, 3), dtype=np.uint8)
    for picture, label in zip(images, labels, strict=True):
        for bar in range(label + 1):
            picture[8:56, 8 + 16 * bar : 14 + 16 * bar] += 180
    return SignsDataset(images, labels, ("one", "two", "three"))


@pytest.fixture(scope="module", autouse=True)
def data():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "signs_edge.train.ablation.ablation.load_splits", lambda *_: Splits(bars(30, 0), bars(12, 1), "bars")
        )
        yield


@pytest.fixture(scope="module")
def done(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("ablation") / "whole"
    return folder, ablate(CONFIG, folder)


def files(folder):
    return sorted(path.name for path in (folder / "twins").iterdir())


def without_time(result):
    return result.to_json() | {"seconds": None}


class Watch:
    """An observer that writes down what it is told, and may press Ctrl-C in the n-th network."""

    def __init__(self, interrupt_in=None):
        self.interrupt_in, self.finished, self.begun, self.ended, self.steps = interrupt_in, None, [], [], []

    def started(self, config, finished, steps):
        self.finished = finished

    def twin_started(self, twin, parameters):
        self.begun.append(twin.name)

    def stepped(self, epoch, step):
        self.steps.append((epoch, step))
        if self.interrupt_in == len(self.begun):
            raise KeyboardInterrupt

    def twin_ended(self, result):
        self.ended.append(result.twin.name)


@pytest.mark.parametrize(("depth", "stages"), STAGES.items())
def test_a_depth_is_its_layers_with_weights(depth, stages):
    assert Twin(stages, True, True).depth == depth


@pytest.mark.parametrize("batch_norm", [True, False])
def test_twins_start_equal_where_they_share_layers(batch_norm):
    residual, plain = (build_resnet(Twin((2,), batch_norm, skip).model(2), (64, 64, 3), 3) for skip in (True, False))
    for model in (residual, plain):
        draw_weights(model, seed=5)
    shared = [layer for layer in plain.layers if layer.weights]
    assert len(shared) == 1 + 6 + 1 + (7 if batch_norm else 0)
    for layer in shared:
        for mine, other in zip(layer.get_weights(), residual.get_layer(layer.name).get_weights(), strict=True):
            np.testing.assert_array_equal(mine, other)
    kernel = np.array(plain.get_layer("stage2_block2_1_conv").kernel)
    limit = math.sqrt(6 / (8 + 2))  # Glorot's, of 8 channels in and 2 out
    assert 0.5 * limit < np.abs(kernel).max() <= limit
    draw_weights(plain, seed=6)
    assert not np.array_equal(kernel, plain.get_layer("stage2_block2_1_conv").kernel)


def test_no_two_layers_start_alike():
    model = build_resnet(Twin((2,), True, True).model(2), (64, 64, 3), 3)
    draw_weights(model, seed=0)
    first, second = (np.array(model.get_layer(f"stage2_block{block}_2_conv").kernel) for block in (1, 2))
    assert first.shape == second.shape
    assert not np.allclose(first, second)


def test_without_batch_norm_there_is_none():
    model = build_resnet(Twin((1,), False, True).model(2), (64, 64, 3), 3)
    assert not [layer.name for layer in model.layers if layer.name.endswith("_bn")]


def test_everything_is_there(done):
    folder, ablation = done
    assert files(folder) == [f"005-{norm}-{kind}.json" for norm in ("bare", "norm") for kind in ("plain", "residual")]
    for name in PICTURES:
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
    stored = json.loads((folder / "ablation.json").read_text())
    assert stored["config"] == CONFIG.to_json()
    assert stored["names"] == ["one", "two", "three"]
    assert [result["name"] for result in stored["results"]] == [twin.name for twin in CONFIG.twins()]
    for result in ablation.results:
        assert [record["epoch"] for record in result.history] == [1, 2]
        assert set(result.history[0]) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}
        assert set(result.gradients) == {0, 1, 2}
        assert all(layer.gradient > 0 for layer in result.gradients[0])
        assert [layer.position for layer in result.main_path(2)] == [1, 2, 3, 4]
        assert {name: found.n for name, found in result.evaluations.items()} == {
            "train": 27,
            "validation": 3,
            "test": 12,
        }
    (pair,) = ablation.of(batch_norm=False)
    assert [result.twin.kind for result in pair] == ["residual", "plain"]
    assert pair[0].gradients[0] != pair[0].gradients[2]


def test_the_table_has_a_line_per_network(done):
    folder, ablation = done
    lines = (folder / "ablation.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 + 4
    assert len({line.count("|") for line in lines}) == 1
    result = ablation.results[0]
    assert lines[2].startswith(f"| 5 | yes | residual | {result.parameters:,} | {result.median_gradient(0):.1e} |")


def test_an_interrupted_ablation_goes_on_and_finds_the_same(done, tmp_path):
    whole, ablation = done
    folder = tmp_path / "again"
    shutil.copytree(whole, folder)
    for name in ("ablation.json", "ablation.md", *PICTURES):
        (folder / name).unlink()
    (folder / "twins" / "005-bare-plain.json").unlink()
    with pytest.raises(KeyboardInterrupt):
        ablate(CONFIG, folder, Watch(interrupt_in=1))
    assert len(files(folder)) == 3
    assert not (folder / "ablation.json").exists()
    watch = Watch()
    again = ablate(CONFIG, folder, watch)
    assert (watch.finished, watch.begun, watch.ended) == (3, ["005-bare-plain"], ["005-bare-plain"])
    assert watch.steps == [(epoch, step) for epoch in (0, 1) for step in range(4)]
    assert list(map(without_time, again.results)) == list(map(without_time, ablation.results))
    assert (folder / "skip-connections.png").exists()


def test_another_ablation_is_refused(done):
    folder, _ = done
    with pytest.raises(ModelError, match=r"holds another run, with epochs 2, not 3: .* another --out"):
        ablate(replace(CONFIG, epochs=3), folder)


def test_a_damaged_result_is_named(done, tmp_path):
    shutil.copytree(done[0], tmp_path / "damaged")
    broken = tmp_path / "damaged" / "twins" / "005-norm-plain.json"
    for content in ("{", "[]", json.dumps({"twin": {}})):
        broken.write_text(content)
        with pytest.raises(ModelError, match=r"005-norm-plain.json is .* delete it"):
            ablate(CONFIG, tmp_path / "damaged")


def test_a_network_that_diverges_is_a_result(tmp_path):
    config = replace(CONFIG, batch_norm=(False,), learning_rate=1e30)
    ablation = ablate(config, tmp_path)
    for result in ablation.results:
        assert result.diverged is not None
        assert set(result.evaluations.values()) == {None}
        assert TwinResult.from_json(json.loads(json.dumps(result.to_json(), allow_nan=False)), "").diverged
    assert "diverged in epoch" in ablation.table()
    assert all((tmp_path / name).exists() for name in PICTURES)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"networks": ()}, "of nothing"),
        ({"networks": ((1, 2), (2, 1))}, "each depth once"),
        ({"networks": ((0,),)}, "stages"),
        ({"batch_norm": ()}, "of nothing"),
        ({"width": 0}, "width 0"),
        ({"epochs": 0}, "epochs 0"),
        ({"batch_size": 0}, "batch-size 0"),
        ({"learning_rate": math.nan}, "learning-rate nan"),
        ({"validation": 0.7}, "validation 0.7"),
        ({"seed": -1}, "seed -1"),
    ],
)
def test_settings_that_compare_nothing_are_refused(changes, said):
    with pytest.raises(UsageError, match=said):
        replace(CONFIG, **changes)


def test_an_unknown_depth_is_refused():
    with pytest.raises(UsageError, match="depth 99 is not known: choose among 14, 26, 38, 50, 101, 152"):
        networks_of([14, 99])
