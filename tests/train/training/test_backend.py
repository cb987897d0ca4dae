"""The same training on another Keras backend, and its model back on TensorFlow."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from signs_edge.edge.synthetic.hands import draw_hands
from signs_edge.train.network.keras_classifier import KerasClassifier
from signs_edge.train.network.resnet import build_resnet
from signs_edge.train.runs.config import ModelConfig
from signs_edge.train.runs.run_folder import RunFolder

CHILD = """
import sys
from pathlib import Path
import keras
import numpy as np
from signs_edge.edge.synthetic.hands import draw_hands
from signs_edge.train.runs.config import ModelConfig, TrainConfig
from signs_edge.train.training.fit import fit
from signs_edge.train.network.keras_classifier import KerasClassifier
from signs_edge.train.runs.run_folder import RunFolder

assert keras.backend.backend() == "jax"
folder = RunFolder(Path(sys.argv[1]))
network = ModelConfig(stages=(1,), width=4, dropout=0.2, l2=1e-4)
# One batch an epoch, and no held-out part: JAX compiles again for each size of a batch, which takes seconds.
fit(TrainConfig("synthetic:60", network, epochs=2, batch_size=60, validation=0.0, augment="light"), folder)
classifier = KerasClassifier.open(folder.model_file)
classifier.model.save_weights(folder.path / "jax.weights.h5")
np.save(folder.path / "jax.npy", classifier.predict_all(draw_hands(60, 7)[0]))
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
def test_a_network_trained_with_jax_answers_the_same_with_tensorflow(tmp_path):
    environment = {
        **os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",  # compiling takes longer than training here
    }  # fmt: skip
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "run")], env=environment, capture_output=True, text=True
    )
    assert child.returncode == 0, child.stderr
    run = RunFolder(tmp_path / "run")
    expected, pictures = np.load(run.path / "jax.npy"), draw_hands(60, 7)[0]

    loaded = KerasClassifier.open(run.model_file)
    built = build_resnet(ModelConfig(stages=(1,), width=4, dropout=0.2, l2=1e-4), (64, 64, 3), 6)
    built.load_weights(run.path / "jax.weights.h5")

    assert np.ptp(expected, axis=0).max() > 1e-3  # or any network would answer the same
    np.testing.assert_allclose(loaded.predict_all(pictures), expected, atol=1e-4)
    np.testing.assert_allclose(KerasClassifier(built, loaded.labels).predict_all(pictures), expected, atol=1e-4)
    assert [record["epoch"] for record in run.history()] == [1, 2]
