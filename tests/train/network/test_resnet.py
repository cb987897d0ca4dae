"""The network is the course's, to the last parameter."""

from dataclasses import replace

import keras
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.train.network.resnet import build_resnet
from signs_edge.train.runs.config import PRESETS, ModelConfig

SHAPE = (64, 64, 3)


@pytest.fixture(scope="module")
def resnet50():
    return build_resnet(ModelConfig(), SHAPE, 6)


def test_the_seeds_network_has_its_parameters(resnet50):
    assert resnet50.count_params() == 23_600_006
    trainable = sum(int(keras.ops.size(variable)) for variable in resnet50.trainable_variables)
    assert trainable == 23_546_886  # the rest are moving means and variances


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("stem_pad", (70, 70, 3)),
        ("stem_conv", (32, 32, 64)),
        ("stem_pool", (15, 15, 64)),
        ("stage2_block3_out", (15, 15, 256)),
        ("stage3_block4_out", (8, 8, 512)),
        ("stage4_block6_out", (4, 4, 1024)),
        ("stage5_block3_out", (2, 2, 2048)),
        ("average_pool", (1, 1, 2048)),
        ("features", (2048,)),
        ("probabilities", (6,)),
    ],
)
def test_every_stage_has_the_courses_shape(resnet50, layer, shape):
    assert resnet50.get_layer(layer).output.shape == (None, *shape)


def test_each_stage_has_one_convolution_block_and_identity_blocks(resnet50):
    names = [layer.name for layer in resnet50.layers]
    assert [name for name in names if name.endswith("shortcut_conv")] == [
        f"stage{stage}_block1_shortcut_conv" for stage in (2, 3, 4, 5)
    ]
    assert sum(name.endswith("_add") for name in names) == 3 + 4 + 6 + 3
    assert len([layer for layer in resnet50.layers if isinstance(layer, keras.layers.Conv2D)]) == 1 + 3 * 16 + 4


def test_the_plain_twin_lacks_the_shortcuts_and_nothing_else():
    small = ModelConfig(stages=(2, 2), width=4)
    residual = build_resnet(small, SHAPE, 6)
    plain = build_resnet(ModelConfig(stages=(2, 2), width=4, skip=False), SHAPE, 6)
    gone = {layer.name for layer in residual.layers} - {layer.name for layer in plain.layers}
    assert all(name.endswith("_add") or "_shortcut_" in name for name in gone)
    assert {layer.name for layer in plain.layers} < {layer.name for layer in residual.layers}


def test_a_block_that_starts_at_zero_starts_as_the_identity():
    config = ModelConfig(stages=(2, 2), width=4, zero_init_residual=True)
    pictures = keras.random.uniform((2, *SHAPE), seed=0)

    def outputs(config):
        model = build_resnet(config, SHAPE, 6)
        names = ("stage2_block1_out", "stage2_block2_out", "stage3_block2_out")
        return keras.Model(model.input, [model.get_layer(name).output for name in names])(pictures)

    first, second, last = outputs(config)
    assert keras.ops.max(first) > 0
    assert keras.ops.all(first == second)
    assert not keras.ops.all(outputs(ModelConfig(stages=(2, 2), width=4))[1] == first)
    # Without shortcuts nothing would get through a block that starts at zero.
    plain = outputs(replace(config, skip=False))
    assert keras.ops.max(plain[2]) > 0
    assert keras.ops.max(last) > 0


def test_slim_is_small():
    assert build_resnet(PRESETS["slim"].model, SHAPE, 6).count_params() < 1_000_000


def test_dropout_and_l2_are_where_they_should_be():
    model = build_resnet(ModelConfig(stages=(1,), width=4, dropout=0.3, l2=0.01), SHAPE, 6)
    assert model.get_layer("dropout").rate == 0.3
    regularized = [layer for layer in model.layers if getattr(layer, "kernel_regularizer", None)]
    assert len(regularized) == 1 + 4 + 1  # stem, three convolutions and a shortcut, the dense layer


def test_the_number_of_classes_is_the_datas():
    assert build_resnet(ModelConfig(stages=(1,), width=4), SHAPE, 9).output_shape == (None, 9)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"stages": ()}, "stages"),
        ({"stages": (3, 0)}, "stages"),
        ({"width": 0}, "width 0"),
        ({"dropout": 1.0}, "dropout 1.0"),
        ({"l2": -1.0}, "l2 -1.0"),
        ({"l2": float("nan")}, "l2 nan"),
    ],
)
def test_shapes_that_cannot_be_built_are_refused(values, said):
    with pytest.raises(UsageError, match=said):
        ModelConfig(**values)
