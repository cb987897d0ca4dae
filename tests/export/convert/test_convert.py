"""What the converter needs before it starts, and what comes out of it."""

import keras
import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import RuntimeMissingError, UsageError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.inference.runtime import find_runtime
from signs_edge.export.convert.convert import checked_formats, checked_io, convert, to_float32, to_int8
from signs_edge.train.network.resnet import build_resnet
from signs_edge.train.runs.config import ModelConfig


def test_another_backend_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    for road in (to_float32, lambda model: to_int8(model, np.zeros((1, 64, 64, 3), np.uint8), Contract())):
        with pytest.raises(
            RuntimeMissingError, match=r"not on jax: run the export with KERAS_BACKEND=tensorflow"
        ) as seen:
            road(object())
        assert "\n" not in str(seen.value)


def test_formats_are_in_order_and_never_without_float32():
    assert checked_formats(("int8", "float16", "int8")) == ("float32", "float16", "int8")
    assert checked_formats(()) == ("float32",)
    with pytest.raises(UsageError, match="format 'int4' is not known: choose of float32, float16, dynamic, int8"):
        checked_formats(("int4",))
    with pytest.raises(UsageError, match="io 'int16' is not known: choose one of int8, uint8, float32"):
        checked_io("int16")


@pytest.mark.parametrize("io_type", ["uint8", "float32"])
def test_int8_takes_and_gives_what_is_asked_for(glow, io_type):
    content = convert(glow.model, "int8", glow.train.images[:30], Contract(), io_type)
    classifier = TFLiteClassifier(ModelFile.pack(content, glow.test.names, Contract()))
    assert classifier.input_dtype == io_type
    found = predict_all(classifier, glow.test.images)
    assert (found.argmax(axis=1) == glow.scores.argmax(axis=1)).all()


@pytest.mark.parametrize(("form", "stored"), [("float16", np.float16), ("dynamic", np.int8)])
def test_weights_are_small_and_answers_near_those_of_float32(blotches, form, stored):
    keras.utils.set_random_seed(0)
    model = build_resnet(ModelConfig(stages=(1,), width=16), (64, 64, 3), 6)  # wide enough to be worth quantizing
    pictures = blotches(8, 0)
    content = convert(model, form, None, Contract())
    classifier = TFLiteClassifier(ModelFile.pack(content, tuple("012345"), Contract()))
    assert classifier.input_dtype == np.float32
    exact = np.asarray(model(pictures.astype(np.float32) / 255))
    assert 0 < np.abs(predict_all(classifier, pictures) - exact).max() < 0.05
    interpreter = find_runtime().interpreter(model_content=content)
    kernels = [t for t in interpreter.get_tensor_details() if t["dtype"] == stored and len(t["shape"]) == 4]
    assert kernels


def test_int8_without_calibration_pictures_is_refused():
    with pytest.raises(UsageError, match="format 'int8' is not known or has no calibration pictures"):
        convert(None, "int8", None, Contract())
