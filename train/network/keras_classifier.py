"""A Keras model behind the same call as the device's classifier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Image, Images, Probabilities
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError, RuntimeMissingError
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.train.network.keras_import import import_keras
from signs_edge.train.runs.run_folder import RunFolder


def load_keras(path: Path) -> Any:
    """The `keras.Model` of a .keras file; ModelError where it cannot be loaded."""
    if not path.is_file():
        raise ModelError(f"model {path} does not exist: give a .keras file from `signs-edge train`")
    try:
        import_keras()
        import keras
    except ImportError:
        raise RuntimeMissingError(
            "a .keras file needs TensorFlow and Keras: pip install 'signs-edge[train]', or use the exported .tflite"
        ) from None
    try:
        return keras.saving.load_model(path, compile=False)
    except (ValueError, OSError, TypeError, KeyError) as error:
        raise ModelError(f"{path} is damaged or no Keras model: give a .keras file from `signs-edge train`") from error


class KerasClassifier:
    """A Keras model from (n, 64, 64, 3) float32 in 0..1 to (n, classes) probabilities."""

    def __init__(
        self, model: Any, labels: tuple[str, ...], contract: Contract | None = None, abstain_below: float = 0.0
    ) -> None:
        self.model = model
        self._labels = labels
        self.contract = contract or Contract()
        self.abstain_below = abstain_below
        """The least confidence, 0..1, that is an answer, as chosen in training; 0 where none was chosen."""

    @classmethod
    def open(cls, path: Path) -> KerasClassifier:
        """Load a .keras file; its labels are the run's, or 0, 1, 2, … where the file stands alone.

        Raises:
            ModelError: no Keras model, or the run's metrics.json beside it is damaged.
        """
        model = load_keras(path)
        classes = int(model.output_shape[-1])
        run = RunFolder(path.parent)
        try:
            _, names = run.read_config()
        except ModelError:  # not in its run folder
            names = ()
        if len(names) != classes:
            return cls(model, tuple(map(str, range(classes))))
        return cls(model, names, abstain_below=run.abstain_below() or 0.0)

    @property
    def labels(self) -> tuple[str, ...]:
        """One name per class."""
        return self._labels

    def probabilities(self, picture: Image) -> Probabilities:
        """Of one (height, width, 3) uint8 RGB picture: (classes,) float32."""
        answer: Probabilities = self.predict_all(picture[np.newaxis])[0]
        return answer

    def predict_all(self, pictures: Images, batch_size: int = 120) -> Probabilities:
        """Of (n, height, width, 3) uint8 RGB pictures, in batches: (n, classes) float32."""
        if len(pictures) == 0:
            return np.empty((0, len(self._labels)), np.float32)
        scaled = scale_pictures(pictures, self.contract)
        return np.asarray(self.model.predict(scaled, batch_size=batch_size, verbose=0), np.float32)
