"""The Keras network that is put together again from a released float32 file."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all

HOUSE = Path(__file__).parent.parent.parent
RELEASED = HOUSE / "edge/models/float32.tflite"


@pytest.fixture(scope="module")
def converters() -> Any:
    """The script as a module; it is no part of the package."""
    spec = importlib.util.spec_from_file_location("converters", HOUSE / "benchmarks/converters.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["converters"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_it_answers_as_the_file_does(converters: Any, drawn_hands: tuple[np.ndarray, np.ndarray]) -> None:
    from signs_edge.train.network.keras_classifier import KerasClassifier

    classifier = TFLiteClassifier.open(RELEASED)
    pictures = drawn_hands[0][:12]

    model = converters.rebuild(RELEASED, "slim")

    expected = predict_all(classifier, pictures)
    assert len(np.unique(expected.argmax(axis=1))) > 1  # or the rest would show nothing
    assert np.allclose(KerasClassifier(model, classifier.labels).predict_all(pictures), expected, atol=1e-4)


def test_another_networks_file_is_refused(converters: Any) -> None:
    with pytest.raises(ModelError, match=r"has another stem_conv \(.*\) than resnet50: name its preset"):
        converters.rebuild(RELEASED, "resnet50")
