"""What the converter needs before it starts."""

import keras
import numpy as np
import pytest

from signs_edge.edge.contract import Contract
from signs_edge.edge.errors import RuntimeMissingError
from signs_edge.export.convert import to_float32, to_int8


def test_another_backend_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    for convert in (to_float32, lambda model: to_int8(model, np.zeros((1, 64, 64, 3), np.uint8), Contract())):
        with pytest.raises(
            RuntimeMissingError, match=r"not on jax: run the export with KERAS_BACKEND=tensorflow"
        ) as seen:
            convert(object())
        assert "\n" not in str(seen.value)
