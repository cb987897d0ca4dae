"""Files of every kind of input, converted by TensorFlow, in the interpreter of a bench."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.bench.worker import Case, measure
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.runtime import find_runtime


@pytest.fixture
def timed(tmp_path: Path) -> Callable[..., Case]:
    """A function that converts a function of tensors of the given shapes and types, and loads the file."""
    import tensorflow as tf

    def timed(function: Callable[..., Any], *inputs: tuple[tuple[int | None, ...], Any]) -> Case:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TensorFlow's own
            concrete = tf.function(function).get_concrete_function(*(tf.TensorSpec(*each) for each in inputs))
            content = tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()
        (tmp_path / "m.tflite").write_bytes(content)
        return Case(tmp_path / "m.tflite", find_runtime("litert"), 1)

    return timed


def is_timed(case: Case) -> bool:
    figures = measure(case, 0.0)
    return case.predict is None and len(figures["invoke"]) == 1 and bool(np.isfinite(figures["invoke"]).all())


@pytest.mark.parametrize("dtype", ["float32", "int32", "int64", "bool"])
def test_inputs_of_every_number_type(timed, dtype: str) -> None:
    case = timed(lambda x: x if dtype != "bool" else ~x, ((1, 4, 4), dtype))

    assert case.input_dtype == dtype
    assert is_timed(case)


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_quantized_inputs(timed, dtype: str) -> None:
    import tensorflow as tf

    case = timed(lambda x: tf.cast(x, tf.float32) * 2.0, ((1, 4, 4), dtype))

    assert case.input_dtype == dtype
    assert is_timed(case)


def test_several_inputs(timed) -> None:
    import tensorflow as tf

    case = timed(
        lambda a, b, c: a + tf.cast(b, tf.float32) + c,
        ((1, 4), "float32"), ((1, 4), "int32"), ((1, 4), "float32"),
    )  # fmt: skip

    assert case.input_dtype == "float32, int32"
    assert is_timed(case)


def test_indices_stay_within_their_table(timed) -> None:
    import tensorflow as tf

    assert is_timed(timed(lambda words: tf.gather(tf.constant(np.ones((3, 4), np.float32)), words), ((1, 5), "int64")))


def test_a_batch_of_undefined_size_is_one(timed) -> None:
    assert is_timed(timed(lambda x: x * 2.0, ((None, 4), "float32")))


def test_an_input_without_a_fixed_shape_is_named(timed) -> None:
    with pytest.raises(ModelError, match=r"^input 'x' has no fixed shape \(1, \?, 4\): convert the model again"):
        timed(lambda x: x * 2.0, ((1, None, 4), "float32"))
    with pytest.raises(ModelError, match=r"has no fixed shape \(\?\)"):
        timed(lambda x: x * 2.0, ((None,), "float32"))


def test_an_input_of_text_is_named(timed) -> None:
    import tensorflow as tf

    with pytest.raises(ModelError, match=r"^input 'x' is text, which cannot be made up: give a file"):
        timed(lambda x: tf.identity(x), ((1,), tf.string))
