"""What the converter needs before it starts, and what comes out of it."""

import keras
import numpy as np
import pytest

from signs_edge.edge.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.contract import Contract
from signs_edge.edge.errors import RuntimeMissingError, UsageError
from signs_edge.edge.model_file import ModelFile
from signs_edge.export.convert import checked_formats, checked_io, convert, to_float32, to_int8


def test_another_backend_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    for convert in (to_float32, lambda model: to_int8(model, np.zeros((1, 64, 64, 3), np.uint8), Contract())):
        with pytest.raises(
            RuntimeMissingError, match=r"not on jax: run the export with KERAS_BACKEND=tensorflow"
        ) as seen:
            convert(object())
        assert "\n" not in str(seen.value)


def test_formats_are_in_order_and_never_without_float32():
    assert checked_formats(("int8", "float16", "int8")) == ("float32", "float16", "int8")
    assert checked_formats(()) == ("float32",)
    with pytest.raises(UsageError, match="format 'int4' is not known: choose of float32, float16, dynamic, int8"):
        checked_formats(("int4",))
    with pytest.raises(UsageError, match="io 'int16' is not known: choose one of int8, uint8, float32"):
        checked_io("int16")


@pytest.mark.parametrize(
    ("form", "io_type", "smaller"),
    [("float16", "int8", 0.6), ("dynamic", "int8", 0.95), ("int8", "uint8", 1), ("int8", "float32", 1)],
)
def test_every_format_answers_as_float32_through_the_devices_classifier(glow, form, io_type, smaller):
    content = convert(glow.model, form, glow.train.images[:30], Contract(), io_type)
    classifier = TFLiteClassifier(ModelFile.pack(content, glow.test.names, Contract()))
    assert classifier.input_dtype == (io_type if form == "int8" else "float32")
    found = predict_all(classifier, glow.test.images)
    assert (found.argmax(axis=1) == glow.scores.argmax(axis=1)).all()
    assert np.abs(found - glow.scores).max() < 0.1
    assert not np.array_equal(found, glow.scores) or form == "float16"
    assert len(content) < smaller * len(glow.float32)
