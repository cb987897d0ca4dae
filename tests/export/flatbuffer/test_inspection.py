"""What is in a .tflite file: real converted models of every kind, the released ones, and damaged bytes."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.runtime import find_runtime
from signs_edge.export.flatbuffer import inspection as room
from signs_edge.export.flatbuffer.arena import ALIGNMENT, plan_arena
from signs_edge.export.flatbuffer.graph import Graph, Op, Tensor
from signs_edge.export.flatbuffer.inspection import Inspection, inspect_model, require_full_integer
from signs_edge.export.flatbuffer.multiply_adds import count_multiply_adds
from signs_edge.export.flatbuffer.reader import flatbuffer_part, read_graphs

RELEASED = Path(__file__).parents[3] / "edge/models/int8.tflite"


@pytest.fixture(scope="module")
def converted() -> dict[str, Inspection]:
    """One small network as TensorFlow's converter makes it in seven ways, read back."""
    import keras
    import tensorflow as tf
    from keras import layers

    from signs_edge.edge.util.quiet import quiet

    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(16, 3, padding="same", activation="relu", bias_initializer="random_normal", name="first")(inputs)
    middle = layers.Conv2D(16, 3, activation="relu", bias_initializer="random_normal", name="second")(x)
    plain = keras.Model(
        inputs, layers.Dense(6, activation="softmax", bias_initializer="random_normal")(layers.Flatten()(middle))
    )
    # The sine has no integer kernel: an int8 file keeps it in float.
    waves = layers.Dense(6, activation="softmax")(layers.Flatten()(keras.ops.sin(middle)))
    with_sine = keras.Model(inputs, waves)
    pictures = np.random.default_rng(0).random((8, 1, 8, 8, 3), np.float32)

    def convert(model: Any = plain, **settings: Any) -> Inspection:
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        if settings:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if settings.pop("calibrated", False):
            converter.representative_dataset = lambda: ([picture] for picture in pictures)
        types = settings.pop("supported_types", None)
        if types:
            converter.target_spec.supported_types = types
        ops = settings.pop("supported_ops", None)
        if ops:
            converter.target_spec.supported_ops = ops
        for name, value in settings.items():
            assert hasattr(converter, name)
            setattr(converter, name, value)
        with quiet(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return inspect_model(converter.convert())

    int8 = {"calibrated": True, "inference_input_type": tf.int8, "inference_output_type": tf.int8}
    only = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]}
    both = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]}
    return {
        "float32": convert(),
        "float16": convert(supported_types=[tf.float16]),
        "dynamic": convert(calibrated=False),
        "int8": convert(**int8, **only),
        "int8, float32 in and out": convert(calibrated=True, **only),
        "int8, float op left in": convert(with_sine, **int8, **both),
        "int8, per tensor": convert(**int8, **only, _experimental_disable_per_channel=True),
    }


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("float32", "float32", "op 0 CONV_2D computes in float32"),
        ("float16", "float16 weights, computed in float32", "DEQUANTIZE turns stored weights from float16 into float32"),
        ("dynamic", "dynamic range (integer weights, float in between)", "in float32 with int8 weights (dynamic range)"),
        ("int8, float op left in", "mixed integer and float", "SIN computes in float32"),
        ("int8, float op left in", "mixed integer and float", "DEQUANTIZE turns what was computed from int8 into float32"),
        ("int8, per tensor", "mixed integer and float", "op 0 CONV_2D has weights with 1 scale, not per channel"),
    ],
)  # fmt: skip
def test_what_is_not_full_integer_is_said(converted: dict[str, Inspection], name: str, kind: str, reason: str) -> None:
    found = converted[name]

    assert not found.full_integer
    assert any(reason in line for line in found.refusals), found.refusals
    if name != "int8, per tensor":
        assert found.kind == kind


@pytest.mark.parametrize("name", ["int8", "int8, float32 in and out"])
def test_full_integer_is_full_integer(converted: dict[str, Inspection], name: str) -> None:
    found = converted[name]

    assert found.refusals == ()
    assert (found.full_integer, found.kind) == (True, "full integer")
    inner = [op for op in found.ops if not op.border]
    assert all(op.integer for op in inner)
    assert [op.per_channel for op in inner if op.name == "CONV_2D"] == [True, True]
    borders = [op.name for op in found.ops if op.border]
    assert borders == ([] if name == "int8" else ["QUANTIZE", "DEQUANTIZE"])


def test_types_and_scales_of_the_ends(converted: dict[str, Inspection]) -> None:
    (given,), (answer,) = converted["int8"].inputs, converted["int8"].outputs

    assert (given.dtype, given.shape, answer.dtype, answer.shape) == ("int8", (1, 8, 8, 3), "int8", (1, 6))
    assert given.scales == pytest.approx([1 / 255], rel=0.02)
    assert (answer.scales, answer.zero_points) == ((1 / 256,), (-128,))
    assert converted["float32"].inputs[0].dtype == "float32"
    assert converted["float32"].inputs[0].scales == ()
    assert [name for name, found in converted.items() if found.calls_itself_int8] == [
        "int8", "int8, float op left in", "int8, per tensor",
    ]  # fmt: skip


def test_multiply_adds_and_parameters_are_those_of_the_network(converted: dict[str, Inspection]) -> None:
    first, second, dense = 8 * 8 * 16 * 27, 6 * 6 * 16 * 144, 576 * 6

    for name in ("float32", "dynamic", "int8"):
        found = converted[name]
        assert [op.multiply_adds for op in found.ops if op.multiply_adds] == [first, second, dense]
        assert found.multiply_adds == first + second + dense
        assert found.parameters == (27 * 16 + 16) + (144 * 16 + 16) + (576 * 6 + 6)
    assert converted["int8"].counts["CONV_2D"] == 2


def test_the_released_model_is_full_integer() -> None:
    content = RELEASED.read_bytes()

    found = require_full_integer(content, "int8.tflite")

    assert found.size == len(content) > found.flatbuffer
    assert found.multiply_adds == 27_164_160
    assert sum(op.per_channel is True for op in found.ops) == 32
    assert 64 * 64 * 3 < found.arena < 200_000


def test_its_float_twin_is_refused_as_int8_in_one_line() -> None:
    content = RELEASED.with_name("float32.tflite").read_bytes()

    assert not inspect_model(content).calls_itself_int8
    with pytest.raises(
        ModelError, match=r"^x\.tflite is not full-integer int8 \(op 0 PAD computes in float32; .* more\): export it"
    ) as seen:
        require_full_integer(content, "x.tflite")
    assert "\n" not in str(seen.value)


def test_what_is_appended_does_not_count(tiny_models: Any) -> None:
    content = tiny_models.int8.read_bytes()
    flatbuffer = flatbuffer_part(content)

    assert content.startswith(flatbuffer)
    assert len(flatbuffer) < len(content)
    assert flatbuffer_part(flatbuffer) == flatbuffer
    assert ModelFile.parse(content, "int8").flatbuffer == flatbuffer
    bare, whole = inspect_model(flatbuffer), inspect_model(content)
    assert whole == replace(bare, size=len(content))
    assert bare.sha256 == hashlib.sha256(flatbuffer).hexdigest()


def test_json_says_all(converted: dict[str, Inspection]) -> None:
    value = json.loads(json.dumps(converted["int8"].to_json()))

    assert value["full_integer"] is True
    assert value["inputs"][0]["scale"] == pytest.approx(1 / 255, rel=0.02)
    assert len(value["ops"]) == len(converted["int8"].ops)
    conv = next(op for op in value["ops"] if op["name"] == "CONV_2D")
    assert conv["weights_per_channel"] is True
    assert conv["inputs"][1]["scales"] == 16


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1c\0\0\0TFL3", b"\x1c\0\0\0TFL3" + bytes(40)])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(ModelError):
        inspect_model(content)


def test_damaged_files_are_read_or_refused_but_never_crash_or_hang(tiny_models: Any) -> None:
    whole = flatbuffer_part(tiny_models.int8.read_bytes())
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(8, len(whole), 60)] ^= rng.integers(1, 256, 60, np.uint8)
        try:
            inspect_model(damaged.tobytes()[: rng.integers(len(whole) // 2, len(whole) + 1)])
        except ModelError as error:
            refused += "\n" not in str(error)
    assert refused > 20


def small_graph(name: str, shapes: list[tuple[int, ...]], out: tuple[int, ...]) -> tuple[Op, Graph]:
    tensors = tuple(Tensor(str(i), shape, "int8") for i, shape in enumerate([*shapes, out]))
    op = Op(name, tuple(range(len(shapes))), (len(shapes),))
    return op, Graph(tensors, (op,), (0,), (len(shapes),))


@pytest.mark.parametrize(
    ("name", "shapes", "out", "expected"),
    [
        ("CONV_2D", [(1, 8, 8, 3), (16, 3, 3, 3), (16,)], (1, 4, 4, 16), 4 * 4 * 16 * 27),
        ("DEPTHWISE_CONV_2D", [(1, 8, 8, 4), (1, 5, 3, 8), (8,)], (1, 8, 8, 8), 8 * 8 * 8 * 15),
        ("FULLY_CONNECTED", [(1, 20), (6, 20), (6,)], (1, 6), 120),
        ("TRANSPOSE_CONV", [(4,), (8, 2, 2, 3), (1, 4, 4, 3)], (1, 8, 8, 8), 4 * 4 * 3 * 2 * 2 * 8),
        ("BATCH_MATMUL", [(1, 5, 7), (1, 7, 3)], (1, 5, 3), 105),
        ("ADD", [(1, 8), (1, 8)], (1, 8), 0),
        ("RELU", [(1, 8)], (1, 8), 0),
    ],
)
def test_multiply_adds_of_an_operator(name: str, shapes: list, out: tuple[int, ...], expected: int) -> None:
    assert count_multiply_adds(*small_graph(name, shapes, out)) == expected


def chain(*sizes: int) -> Graph:
    """Tensors of these sizes, each computed from the one before it."""
    tensors = tuple(Tensor(str(i), (size,), "int8") for i, size in enumerate(sizes))
    ops = tuple(Op("RELU", (i,), (i + 1,)) for i in range(len(sizes) - 1))
    return Graph(tensors, ops, (0,), (len(sizes) - 1,))


def test_the_arena_shares_places() -> None:
    # The input stays; of the others, those two steps apart never live together.
    assert plan_arena(chain(64, 640, 320, 640, 64)) == 640 + 320 + 64
    assert plan_arena(chain(1, 1)) == 2 * ALIGNMENT
    branch = (Op("RELU", (0,), (1,)), Op("RELU", (1,), (2,)), Op("ADD", (1, 2), (3,)))
    graph = Graph(tuple(Tensor(str(i), (1000,), "int8") for i in range(4)), branch, (0,), (3,))
    assert plan_arena(graph) == 4 * 1024


def test_constants_take_no_place_and_floats_four_times_as_much() -> None:
    op = Op("ADD", (0, 1), (2,))
    kinds = [Tensor("a", (64,), dtype) for dtype in ("int8", "float32")]
    sizes = [plan_arena(Graph((tensor, replace(tensor, stored=64), tensor), (op,), (0,), (2,))) for tensor in kinds]
    assert sizes == [128, 512]


def test_an_operator_that_names_no_tensor_is_refused() -> None:
    with pytest.raises(ModelError, match="outside of the 1"):
        Graph((Tensor("a", (1,), "int8"),), (Op("RELU", (0,), (1,)),), (0,), (0,))


def test_a_scale_of_nothing_is_refused(tiny_models: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (graph,) = read_graphs(tiny_models.int8.read_bytes())
    where = graph.ops[0].inputs[0]
    broken = replace(graph.tensors[where], scales=(0.0,))
    tensors = (*graph.tensors[:where], broken, *graph.tensors[where + 1 :])
    monkeypatch.setattr(room, "read_graphs", lambda content: (replace(graph, tensors=tensors),))

    assert any("scale that is not above 0" in line for line in inspect_model(tiny_models.int8.read_bytes()).refusals)


def test_stored_numbers_are_those_that_the_runtime_has() -> None:
    content = RELEASED.read_bytes()
    interpreter = find_runtime().interpreter(model_content=content)
    (graph,) = read_graphs(content)
    kernel, bias = next(op for op in graph.ops if op.name == "CONV_2D").inputs[1:3]

    for index in (kernel, bias):
        values = graph.tensors[index].values
        assert values is not None
        assert (values == interpreter.get_tensor(index)).all()
        assert values.dtype.name == graph.tensors[index].dtype
    assert graph.tensors[graph.outputs[0]].values is None
